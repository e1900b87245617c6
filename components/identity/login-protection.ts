/** What makes a login hard to guess, in the platform's realm and in Keycloak's own. */
export function loginProtection({ passwordLength }: { readonly passwordLength: number }) {
  return {
    passwordPolicy: `length(${passwordLength}) and notUsername and notEmail`,
    bruteForceProtected: true,
    permanentLockout: false,
    failureFactor: 10,
    waitIncrementSeconds: 60,
    maxFailureWaitSeconds: 900,
    maxDeltaTimeSeconds: 43_200,
  };
}
