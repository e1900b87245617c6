/** Fixed names of the directory. */
import { namespaces } from "../names.ts";

/** Its pods and their Service. */
export const directoryName = "directory";

/** The Job that fills it. */
export const seedName = "directory-seed";

/** Host of the Service: the certificate is for it. */
export const directoryHost = `${directoryName}.${namespaces.directory}.svc`;

/** Port of the Service, LDAPS alone. */
export const servicePort = 636;

/** Port of the pods: a plain user may not open one below 1024 everywhere. */
export const podPort = 1636;

/** Accounts of the directory itself: `root` may do everything, `keycloak` keeps people and groups, `reader` looks them up. */
export const accounts = ["root", "keycloak", "reader"] as const;

export type DirectoryAccount = (typeof accounts)[number];

/** Secret with the password of each account, by its name. */
export const accountsSecret = "directory-accounts";

/** Secret with certificate and key. */
export const certificateSecret = "directory-tls";
