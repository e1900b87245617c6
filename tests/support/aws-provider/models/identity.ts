import { arn, field, hex, input, joined, type Model, orDefault } from "../model.ts";

const iam = (kind: string, name: string) =>
  arn("iam", (subject) => `${kind}${input(subject, "path") || "/"}${input(subject, name)}`, false);

export const identityModels: Readonly<Record<string, Model>> = {
  "aws:iam/role:Role": {
    id: field("name"),
    arn: iam("role", "name"),
    computed: (subject) => ({
      ...orDefault(subject, { path: "/", maxSessionDuration: 3600 }),
      createDate: "2026-11-21T12:00:00Z",
      uniqueId: `AROA${hex(subject, 17, "unique").toUpperCase()}`,
    }),
  },
  "aws:iam/policy:Policy": {
    id: (subject) => iam("policy", "name")(subject, ""),
    arn: iam("policy", "name"),
    computed: (subject) => ({
      ...orDefault(subject, { path: "/" }),
      policyId: `ANPA${hex(subject, 17, "unique").toUpperCase()}`,
    }),
  },
  "aws:iam/rolePolicy:RolePolicy": { id: joined(":", "role", "name") },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { id: joined("/", "role", "policyArn") },
  "aws:iam/instanceProfile:InstanceProfile": {
    id: field("name"),
    arn: iam("instance-profile", "name"),
    computed: (subject) => ({ ...orDefault(subject, { path: "/" }), createDate: "2026-11-21T12:00:00Z" }),
  },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    id: (subject) => openIdArn(subject, ""),
    arn: openIdArn,
    computed: (subject) => ({ ...orDefault(subject, { thumbprintLists: [hex(subject, 40, "thumbprint")] }) }),
  },
  "aws:kms/key:Key": {
    id: uuid,
    arn: arn("kms", (_, id) => `key/${id}`),
    computed: (subject, id) => ({
      ...orDefault(subject, { description: "", keyUsage: "ENCRYPT_DECRYPT", multiRegion: false }),
      keyId: id,
    }),
  },
  "aws:kms/alias:Alias": {
    id: field("name"),
    arn: arn("kms", (subject) => input(subject, "name")),
    computed: (subject) => ({ targetKeyArn: input(subject, "targetKeyId") }),
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    id: field("name"),
    arn: arn("logs", (subject) => `log-group:${input(subject, "name")}`),
    computed: (subject) => orDefault(subject, { logGroupClass: "STANDARD" }),
  },
};

/** The URL without its scheme. */
function openIdArn(...[subject, id]: Parameters<NonNullable<Model["arn"]>>): string {
  return arn("iam", (s) => `oidc-provider/${input(s, "url").replace("https://", "")}`, false)(subject, id);
}

function uuid(subject: Parameters<Model["id"]>[0]): string {
  return hex(subject, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
