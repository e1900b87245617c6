/** What the parts know of a directory (LDAP) before it is there. */

/** A directory, without its passwords. */
export interface DirectoryFacts {
  /** @example "ldaps://directory.datalab-directory.svc:636" */
  readonly url: string;
  readonly port: number;
  readonly baseDn: string;
  /** People lie directly below it. */
  readonly usersDn: string;
  /** Undefined where no groups are taken from it. */
  readonly groupsDn: string | undefined;
  /** Whether it is the platform's own. */
  readonly own: boolean;
  /** Whether Keycloak keeps people and groups in it, or only reads them. */
  readonly writable: boolean;
  /** Name of Keycloak's account. */
  readonly bindDn: string;
  /** Name of an account that looks people up, and reads no password. */
  readonly readerDn: string;
  /** As Keycloak calls it. */
  readonly vendor: string;
  readonly usernameAttribute: string;
  /** First attribute of a person's distinguished name. */
  readonly rdnAttribute: string;
  readonly uuidAttribute: string;
  readonly userObjectClasses: readonly string[];
  readonly userFilter: string | undefined;
  readonly groupClass: string;
  readonly membershipAttribute: string;
  readonly sshKeyAttribute: string | undefined;
  readonly pagination: boolean;
}

/** What a public key looks like: for slapd's constraint, and for Keycloak's user profile. */
export const sshKeyPattern =
  "^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh.com|sk-ecdsa-sha2-nistp256@openssh.com) [A-Za-z0-9+/]+={0,3}( .*)?$";
