import { z } from "zod";

import { nameRules } from "../access/names.ts";
import { dnsLabel, durationBetween, resources, secondsOf, volume } from "../scalars.ts";
import { mailSettings } from "./mail-settings.ts";
import { namesClient } from "./names.ts";

/** Text of the realm document. Keycloak's import replaces placeholders in it, even by the server's own passwords. */
const text = z
  .string()
  .min(1, "must not be empty")
  .max(200, "must be at most 200 characters")
  .refine((value) => !value.includes("${"), "must not contain `${`: Keycloak would replace it");

/** What either rule for names lets in; `stacks/settings/name-rules.ts` holds them to the one that the stack has chosen. */
const { username: usernameRule, group: groupRule } = nameRules(true);
const joinedName = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be lower-case letters and digits");

/** Becomes part of a namespace, like the username. */
const groupName = joinedName.max(
  groupRule.maxLength,
  `must be at most ${groupRule.maxLength} characters: it becomes part of a namespace`,
);

const roleName = z
  .string()
  .max(63, "must be at most 63 characters")
  .regex(/^[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/, "must be lower-case letters, digits and inner hyphens or underscores");

const username = joinedName
  .min(usernameRule.minLength, `must be at least ${usernameRule.minLength} characters`)
  .max(usernameRule.maxLength, `must be at most ${usernameRule.maxLength} characters`);

/** Clients of Keycloak and of the platform itself: settings must not take one of these over. */
export const reservedClientIds = [
  "account",
  "account-console",
  "admin-cli",
  "broker",
  namesClient,
  "notebooks",
  "onyxia",
  "onyxia-minio",
  "realm-management",
  "security-admin-console",
] as const;

const clientId = dnsLabel.refine(
  (value) => !(reservedClientIds as readonly string[]).includes(value),
  "is a client of Keycloak's or of the platform's own: choose another name",
);

const redirectUri = z
  .string()
  .regex(
    /^(https:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]{1,5})?|http:\/\/(localhost|127\.0\.0\.1)(:[0-9]{1,5})?)\/[^\s#$*]*\*?$/,
    "must be an https:// address with a path (http:// on localhost too), a `*` only at its end",
  );

const client = z.strictObject({
  kind: z
    .enum(["confidential", "public"])
    .describe("`confidential`: a server that keeps a generated secret; `public`: a browser or a program, with PKCE."),
  name: text.optional().describe("Name that people see when they log in."),
  redirectUris: z
    .array(redirectUri)
    .min(1, "must hold at least one address")
    .describe("Addresses that Keycloak may send people back to."),
});

const firstUser = z.strictObject({
  email: z.email("must be a mail address").describe("Mail address, which no other account has."),
  firstName: text.optional().describe("First name."),
  lastName: text.optional().describe("Last name."),
  groups: z.array(groupName).default([]).describe("Groups, each one of `groups`."),
  roles: z.array(roleName).default([]).describe("Roles, each one of `roles`."),
});

const sessions = z
  .strictObject({
    idle: durationBetween("5m", "90d").default("1d").describe("A login ends when nothing was done for so long."),
    max: durationBetween("15m", "365d").default("14d").describe("Longest time between two logins."),
    rememberedIdle: durationBetween("5m", "90d")
      .default("14d")
      .describe("The same as `idle` for people who ticked “remember me”."),
    rememberedMax: durationBetween("15m", "365d")
      .default("30d")
      .describe("The same as `max` for people who ticked “remember me”."),
    storageToken: durationBetween("5m", "7d")
      .default("12h")
      .describe("Life of the tokens that are exchanged for S3 credentials; never longer than the login itself."),
  })
  .refine(({ idle, max }) => secondsOf(idle) <= secondsOf(max), "must hold idle ≤ max")
  .refine(
    ({ rememberedIdle, rememberedMax }) => secondsOf(rememberedIdle) <= secondsOf(rememberedMax),
    "must hold rememberedIdle ≤ rememberedMax",
  )
  .prefault({})
  .describe("How long logins and tokens last.");

const database = z
  .strictObject({
    storage: volume.prefault({ size: "5Gi" }).describe("Volume of the database."),
    resources: resources.prefault({ cpu: "100m", memory: "512Mi" }).describe("What the database's pod gets."),
  })
  .prefault({})
  .describe("PostgreSQL, in which Keycloak keeps users and sessions.");

/** A map whose bad keys are reported with the rule that they break. */
function mapOf<V extends z.ZodType>(key: z.ZodString, value: V) {
  return z.record(key, value, {
    error: (issue) =>
      issue.code === "invalid_key" ? ["the name", issue.issues[0]?.message ?? "is not allowed"].join(" ") : undefined,
  });
}

/** `datalab:identity` */
export const identitySettings = z
  .strictObject({
    realm: dnsLabel
      .refine((value) => value !== "master", "must not be `master`, which is Keycloak's own realm")
      .default("datalab")
      .describe("Name of the realm, kept for its life: another name is another realm, without its users."),
    displayName: text.default("Datalab").describe("Title of the login page."),
    replicas: z.int().min(1).max(5).default(1).describe("Number of Keycloak's pods."),
    resources: resources
      .prefault({ cpu: "500m", memory: "1536Mi" })
      .describe("What each of Keycloak's pods gets; its heap is 70 % of the memory."),
    database,
    adminConsole: z
      .boolean()
      .default(false)
      .describe("Whether the admin console and the admin API are served on the public host."),
    registration: z
      .enum(["none", "verified", "open"])
      .default("none")
      .describe(
        "Who may make an account of their own. `verified`: whoever proves a mail address, which needs `smtp`; `open`: whoever comes, nothing is proven. Each account gets a namespace with a quota and a place in the object store.",
      ),
    smtp: mailSettings
      .optional()
      .describe("Mail server: with it addresses are verified, and people can reset a forgotten password."),
    egress: z
      .strictObject({
        allow: z
          .array(z.union([z.cidrv4(), z.cidrv6()], "must be a network such as 10.0.0.0/16"))
          .default([])
          .describe("Networks of a directory (LDAP), or of another login, that you connect in the admin console."),
      })
      .prefault({})
      .describe("Where Keycloak may connect to, beside its database and the mail server."),
    hyphenatedNames: z
      .boolean()
      .default(false)
      .describe(
        "Whether names of users and groups may hold hyphens. Only for platforms that have such names already: their services' names can collide with a neighbour's in Traefik.",
      ),
    passwordLength: z.int().min(8).max(32).default(12).describe("Fewest characters of a password."),
    sessions,
    groups: z.array(groupName).default([]).describe("Groups; the members of each share a project in the portal."),
    roles: z.array(roleName).default([]).describe("Roles that people can be given; they stand in the claim `roles`."),
    firstUsers: mapOf(username, firstUser)
      .default({})
      .describe("People who can log in from the start, by username, with a generated password that they must change."),
    clients: mapOf(clientId, client)
      .default({})
      .describe("Further applications that people log in to with the same account, by client id."),
  })
  .superRefine((settings, context) => {
    const owners = new Map<string, string>();
    for (const [name, user] of Object.entries(settings.firstUsers)) {
      // Keycloak keeps addresses in lower case, and gives each to one account.
      const address = user.email.toLowerCase();
      const owner = owners.get(address);
      owners.set(address, owner ?? name);
      if (owner !== undefined) {
        const message = `is also that of identity.firstUsers.${owner}.email: every account needs an address of its own`;
        context.addIssue({ code: "custom", path: ["firstUsers", name, "email"], message });
      }
      for (const kind of ["groups", "roles"] as const) {
        user[kind].forEach((value, index) => {
          if (settings[kind].includes(value)) return;
          const message = `is not one of ${kind}: ${settings[kind].join(", ") || "there are none"}`;
          context.addIssue({ code: "custom", path: ["firstUsers", name, kind, index], message });
        });
      }
    }
  });

export type IdentitySettings = z.infer<typeof identitySettings>;
export type FirstUser = z.infer<typeof firstUser>;
