/** What a new directory begins with. It is added where it is missing; what people have made of it since stays. */
import type * as k8s from "@pulumi/kubernetes";

import { imageReference } from "../kubernetes/image.ts";
import { onceJob } from "../kubernetes/once-job.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { namespaces } from "../names.ts";
import { images } from "../versions.ts";
import { accountDn, distinguishedNames } from "./distinguished-names.ts";
import { accountsSecret, certificateSecret, directoryHost, seedName, servicePort } from "./names.ts";
import { directoryUser } from "./server.ts";
import { folders, nobody, policyDn } from "./slapd-configuration.ts";

export interface SeedSettings {
  readonly domain: string;
  /** The platform's groups. */
  readonly groups: readonly string[];
  /** Fewest characters of a person's password, as in Keycloak. */
  readonly passwordLength: number;
}

type Entry = Readonly<Record<string, string | readonly string[]>> & { readonly dn: string };

/** An entry, or a change of one, as LDIF. What comes from the settings are names of DNS and of groups, and numbers. */
function ldif(entry: Entry): string {
  const lines = Object.entries(entry).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`));
  return `${lines.join("\n")}\n`;
}

function baseEntries(domain: string): Entry[] {
  const { base, people, groups, services, policies } = distinguishedNames(domain);
  const [label = domain] = domain.split(".");
  return [
    { dn: base, objectClass: ["dcObject", "organization"], dc: label, o: domain },
    ...[people, groups, services, policies].map((dn) => ({
      dn,
      objectClass: "organizationalUnit",
      ou: dn.slice("ou=".length, dn.indexOf(",")),
    })),
    ...(["people", "services"] as const).map((kind) => ({
      dn: policyDn(domain, kind),
      objectClass: ["device", "pwdPolicy"],
      cn: kind,
      pwdAttribute: "userPassword",
    })),
    ...(["keycloak", "reader"] as const).map((account) => ({
      dn: accountDn(domain, account),
      objectClass: "person",
      cn: account,
      sn: "service",
      // Wrong guesses by others must not lock Keycloak out.
      pwdPolicySubentry: policyDn(domain, "services"),
    })),
  ];
}

function groupEntry(domain: string, name: string): Entry {
  return {
    dn: `cn=${name},${distinguishedNames(domain).groups}`,
    objectClass: "groupOfNames",
    cn: name,
    member: nobody,
  };
}

/** Rules for people's passwords, which may change. Guessing is slowed down as in Keycloak. */
function policyChange({ domain, passwordLength }: SeedSettings): string {
  const rules = {
    pwdMinLength: passwordLength,
    // A password that comes hashed cannot be measured, and is refused.
    pwdCheckQuality: 2,
    pwdLockout: "TRUE",
    pwdMaxFailure: 10,
    pwdFailureCountInterval: 900,
    pwdLockoutDuration: 900,
    pwdAllowUserChange: "TRUE",
  };
  const changes = Object.entries(rules).map(([rule, value]) => `replace: ${rule}\n${rule}: ${value}\n`);
  return `dn: ${policyDn(domain, "people")}\nchangetype: modify\n${changes.join("-\n")}`;
}

const scriptFile = "seed.sh";

/** Files of the Job: entries to add, in the order of their names, and what is brought in step each time. */
export function seedData(settings: SeedSettings): Record<string, string> {
  const { domain } = settings;
  const entries = [
    ...baseEntries(domain),
    ...[...new Set(settings.groups)].toSorted().map((name) => groupEntry(domain, name)),
  ];
  return {
    ...Object.fromEntries(entries.map((entry, index) => [`${String(index).padStart(3, "0")}.ldif`, ldif(entry)])),
    "policy.change": policyChange(settings),
    [scriptFile]: seedScript,
  };
}

/**
 * In the environment: URL, ROOT_DN, ACCOUNTS (a name and the distinguished name on each line), SECRETS (one file for each
 * account), SEED and LDAPTLS_CACERT. Passwords never stand on a command line.
 */
export const seedScript = `#!/bin/bash
set -euo pipefail
subject="directory at $URL"
trap 'code=$?; [[ $code == 0 ]] || echo "FAILED: $subject" >&2' EXIT
root=(-x -H "$URL" -D "$ROOT_DN" -y "$SECRETS/root")

subject="login of root at the directory $URL"
ldapwhoami "\${root[@]}"
for file in "$SEED"/*.ldif; do
  IFS= read -r subject < "$file"
  code=0
  ldapadd "\${root[@]}" -f "$file" > /tmp/added 2>&1 || code=$?
  # 68: it is there already.
  if [[ $code != 0 && $code != 68 ]]; then cat /tmp/added >&2; exit "$code"; fi
done
for file in "$SEED"/*.change; do
  IFS= read -r subject < "$file"
  ldapmodify "\${root[@]}" -f "$file"
done
while read -r name dn; do
  subject="password of $dn"
  ldappasswd "\${root[@]}" -T "$SECRETS/$name" "$dn"
done <<< "$ACCOUNTS"
echo "directory: in step"
`;

/** Plain environment of the script. */
export function seedEnvironment(domain: string, url: string): Record<string, string> {
  return {
    URL: url,
    ROOT_DN: accountDn(domain, "root"),
    ACCOUNTS: (["keycloak", "reader"] as const).map((name) => `${name} ${accountDn(domain, name)}`).join("\n"),
    SECRETS: folders.secrets,
    SEED: folders.seed,
    LDAPTLS_CACERT: `${folders.certificate}/tls.crt`,
  };
}

/** The command of the Job's container. */
export const seedCommand = ["bash", `${folders.seed}/${scriptFile}`];

/** A Job that fills the directory, once for each change. */
export function seedJob(settings: SeedSettings, imageMirror?: string): k8s.batch.v1.JobArgs {
  const environment = seedEnvironment(settings.domain, `ldaps://${directoryHost}:${servicePort}`);
  const podSpec: k8s.types.input.core.v1.PodSpec = {
    serviceAccountName: seedName,
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    ...platformPod(directoryUser),
    containers: [
      {
        name: "seed",
        image: imageReference(images.openldap, imageMirror),
        command: seedCommand,
        env: Object.entries(environment).map(([name, value]) => ({ name, value })),
        ...platformContainer({ cpu: "10m", memory: "64Mi" }),
        volumeMounts: [
          { name: "seed", mountPath: folders.seed, readOnly: true },
          { name: "secrets", mountPath: folders.secrets, readOnly: true },
          { name: "certificate", mountPath: folders.certificate, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "seed", configMap: { name: seedName } },
      { name: "secrets", secret: { secretName: accountsSecret, defaultMode: 0o440 } },
      // Whom it trusts is the server's certificate itself. The key stays out.
      { name: "certificate", secret: { secretName: certificateSecret, items: [{ key: "tls.crt", path: "tls.crt" }] } },
      { name: "tmp", emptyDir: {} },
    ],
  };
  const does = [podSpec, seedData(settings)];
  return onceJob({ name: seedName, namespace: namespaces.directory, does, backoffLimit: 4, podSpec });
}
