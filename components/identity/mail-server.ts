import type { MailSettings } from "./mail-settings.ts";

/**
 * The mail server as a realm knows it, its password included: text of a Secret, which the reconcile Job puts into the
 * realm. @see https://www.keycloak.org/docs-api/latest/rest-api/ (RealmRepresentation, smtpServer)
 */
export function mailServer(mail: MailSettings, displayName: string): string {
  const { host, port, encryption, from, user, password } = mail;
  return JSON.stringify({
    host,
    port: String(port),
    from,
    fromDisplayName: displayName,
    starttls: String(encryption === "starttls"),
    ssl: String(encryption === "tls"),
    auth: String(user !== undefined),
    ...(user === undefined ? {} : { authType: "basic", user, password }),
  });
}
