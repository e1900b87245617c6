/** Secret of the servers and of the setup Job. People never need it, except for repairs. */
export const credentialsSecret = "object-store-credentials";

export const credentialKeys = {
  rootUser: "rootUser",
  rootPassword: "rootPassword",
  tokenSecret: "tokenSecret",
} as const;

/** The account that may do everything. Its name is no secret. */
export const rootUser = "datalab-root";
