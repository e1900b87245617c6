import { arn, hex, input, type Model, orDefault } from "../model.ts";

export const dnsModels: Readonly<Record<string, Model>> = {
  "aws:route53/zone:Zone": {
    id: (subject) => `Z0${hex(subject, 18).toUpperCase()}`,
    arn: (_, id) => `arn:aws:route53:::hostedzone/${id}`,
    computed: (subject, id) => ({
      ...orDefault(subject, { comment: "Managed by Pulumi" }),
      nameServers: [1, 2, 3, 4].map(
        (n) => `ns-${Number.parseInt(hex(subject, 3, `server ${n}`), 16)}.awsdns-0${n}.org`,
      ),
      primaryNameServer: `ns-${Number.parseInt(hex(subject, 3, "server 1"), 16)}.awsdns-01.org`,
      zoneId: id,
    }),
  },
  "aws:route53/record:Record": {
    id: (subject) => `${input(subject, "zoneId")}_${input(subject, "name")}_${input(subject, "type")}`,
    computed: (subject) => ({ fqdn: input(subject, "name").replace(/\.$/, "") }),
  },
  "aws:acm/certificate:Certificate": {
    id: (subject) => certificateArn(subject, ""),
    arn: certificateArn,
  },
};

function certificateArn(...[subject, id]: Parameters<NonNullable<Model["arn"]>>): string {
  return arn("acm", (s) => `certificate/${hex(s, 32)}`)(subject, id);
}
