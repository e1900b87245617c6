import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { describe, expect, it } from "@jest/globals";
import { deletionPolicyName } from "../../components/data-protection/deletion-policy.ts";
import fc from "fast-check";

import { parseArguments } from "../../commands/flip/arguments.ts";
import { settingCommands } from "../../commands/flip/commands.ts";
import { dataLosses } from "../../commands/flip/data.ts";
import { readPreview } from "../../commands/flip/engine-events.ts";
import { movesOf } from "../../commands/flip/moves.ts";
import { changedOutputs, resourcesOf } from "../../commands/flip/plan.ts";
import { parsePath, typedValue } from "../../commands/flip/property-path.ts";
import { refusalOf, reportOf } from "../../commands/flip/report.ts";
import { isMissing, settle, type Settled } from "../../commands/flip/settle.ts";
import { EditableStackFile } from "../../commands/flip/stack-file.ts";
import { refusalText, reportText } from "../../commands/flip/text.ts";
import { UsageError } from "../../commands/usage-error.ts";
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import type { Path } from "../../stacks/settings/cures.ts";
import type { Problem } from "../../stacks/settings/problems.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import {
  allCombinations,
  type Combination,
  refusals,
  refusalsOf,
  type Switch,
  switches,
} from "../../stacks/settings/switches.ts";
import { combinationValues } from "../support/combination-settings.ts";

const root = join(import.meta.dirname, "..", "..");

const home = `# Ours.
config:
  datalab:platform: { domain: d.test }
  datalab:cluster:
    kind: existing
    clusterIdentifier: home
    kubeconfigPath: kubeconfig # of the office
  datalab:ingress: { kind: traefik, replicas: 2 }
  datalab:certificates:
    issuer: privateCa
    certManager: { install: false }
  datalab:objectStore: { kind: minio, replicas: 4 }
encryptionsalt: v1:salt
`;

function settled(text: string, ...args: string[]): Settled & { file: EditableStackFile } {
  const file = new EditableStackFile(text);
  const { changes, removals } = parseArguments(["-s", "home", ...args])!;
  return { ...settle(file, changes, removals, (one) => one.read("home")), file };
}

const paths = (list: readonly Path[]) => list.map((path) => yamlPath(path));
const necessary = ({ problems, file }: ReturnType<typeof settled>) =>
  paths(problems.filter((problem) => isMissing(problem, file)).map(({ path }) => path));

describe("the command line of flip", () => {
  it("reads settings as `pulumi config set --path` does", () => {
    expect(parsePath("datalab:dns.zone.id")).toEqual(["dns", "zone", "id"]);
    expect(parsePath('identity.firstUsers["a.b"].groups[0]')).toEqual(["identity", "firstUsers", "a.b", "groups", 0]);
    expect(["true", "12", "-3", "01", "1.5", "1e3", "True", "99999999999999999999", ""].map(typedValue)).toEqual([
      true,
      12,
      -3,
      "01",
      "1.5",
      "1e3",
      "True",
      "99999999999999999999",
      "",
    ]);
    for (const text of ["", ".a", "a..b", "a[", "a[x]", "[0]"]) expect(() => parsePath(text)).toThrow(UsageError);
  });

  it("reads back every path that is written", () => {
    const step = fc.oneof(fc.nat(20), fc.stringMatching(/^[\w.-]{1,8}$/));
    const path = fc.tuple(fc.stringMatching(/^[a-z]\w{0,8}$/), fc.array(step, { maxLength: 4 }));
    fc.assert(
      fc.property(path, ([key, rest]) => {
        expect(parsePath(yamlPath([key, ...rest]))).toEqual([key, ...rest]);
      }),
    );
  });

  it("refuses what it does not understand", () => {
    const refused = [[], ["a=b"], ["-s", "x"], ["-s", "x", "a"], ["-s", "x", "=b"], ["-s", "x", "--other", "a=b"]];
    for (const args of refused) expect(() => parseArguments(args)).toThrow(UsageError);
    expect(parseArguments(["--help"])).toBeUndefined();
  });
});

describe("a stack file that is changed in memory", () => {
  it("keeps comments, order and secrets", () => {
    const file = new EditableStackFile(
      `${home}  datalab:identity:\n`
        .replace("encryptionsalt", "# end\nencryptionsalt")
        .replace("  datalab:identity:\n", ""),
    );
    file.set(["ingress", "resources", "cpu"], "1");
    file.set(["identity", "groups", 0], "staff");
    file.delete(["cluster", "kubeconfigPath"]);
    const text = file.toString();
    expect(text).toContain("# Ours.");
    expect(text).toContain("# end\nencryptionsalt: v1:salt");
    expect(text).not.toContain("kubeconfigPath");
    expect(file.read("home").values).toMatchObject({
      ingress: { kind: "traefik", replicas: 2, resources: { cpu: "1" } },
      identity: { groups: ["staff"] },
      cluster: { kind: "existing", clusterIdentifier: "home" },
    });
  });

  it("shows the checks what the secrets hold, and the copy what they are", () => {
    const text = home.replace("kubeconfigPath: kubeconfig # of the office", "kubeconfig: { secure: v1:abc }");
    const file = new EditableStackFile(text);
    expect(file.holdsSecrets).toBe(true);
    expect(new EditableStackFile(home).holdsSecrets).toBe(false);
    const plain = { "datalab:cluster": { objectValue: { kind: "existing", kubeconfig: "the content" } } };
    const { values, secretKeys } = file.read("home", plain);
    expect(values["cluster"]).toMatchObject({ kubeconfig: "the content", clusterIdentifier: "home" });
    expect(secretKeys).toEqual(["cluster"]);
    expect(file.toString()).toContain("secure: v1:abc");
    expect(file.toString()).not.toContain("the content");
  });

  it("is changed where it stands: under a key without the namespace, and never through an anchor", () => {
    const text = "config:\n  identity: &a { replicas: 1, realm: x }\n  datalab:portal:\n    <<: *a\n    title: 0123\n";
    const file = new EditableStackFile(text);
    file.set(["identity", "replicas"], 2);
    file.delete(["portal", "realm"]);
    file.set(["platform", "domain"], "0123");
    const values = {
      identity: { replicas: 2, realm: "x" },
      portal: { replicas: 1, title: 83 },
      platform: { domain: "0123" },
    };
    expect(file.read("home").values).toEqual(values);
    expect(file.copy().read("home").values).toEqual(values);
    expect([file.has(["portal", "replicas"]), file.has(["portal", "realm"])]).toEqual([true, false]);
    const whole = new EditableStackFile("base: &b\n  platform: { domain: a.test }\nconfig: *b\n");
    whole.set(["platform", "domain"], "b.test");
    expect(whole.read("home").values).toEqual({ platform: { domain: "b.test" } });
    expect(whole.toString()).toContain("a.test");
  });

  it("is refused when it is not YAML, and never makes a map of a single value", () => {
    expect(() => new EditableStackFile("a: [")).toThrow(UsageError);
    expect(() => {
      new EditableStackFile(home).set(["platform", "domain", "x"], "y");
    }).toThrow(UsageError);
  });
});

describe("settings that a switch touches", () => {
  it("drops what is meaningless for the new word, and nothing else", () => {
    const result = settled(
      home,
      "ingress.kind=existing",
      "ingress.className=edge",
      "ingress.namespace=edge",
      "ingress.address=lb.d.test",
      "ingress.clusterIp=10.0.0.1",
    );
    expect(result.problems).toEqual([]);
    expect(paths(result.meaningless)).toEqual(["datalab:ingress.replicas"]);
    expect(result.after?.ingress).toMatchObject({ kind: "existing", className: "edge" });
    expect(result.before?.ingress).toMatchObject({ kind: "traefik", replicas: 2 });
    expect(result.file.read("home").values["objectStore"]).toEqual({ kind: "minio", replicas: 4 });
  });

  it("never drops what the command itself sets, or what was wrong before", () => {
    const typo = settled(home, "ingress.replica=3");
    expect(typo.meaningless).toEqual([]);
    expect(paths(typo.problems.map(({ path }) => path))).toEqual(["datalab:ingress.replica"]);
    const already = settled(home.replace("replicas: 2", "replica: 2"), "platform.domain=e.test");
    expect(already.meaningless).toEqual([]);
    expect(already.before).toBeUndefined();
    expect(paths(already.problems.map(({ path }) => path))).toEqual(["datalab:ingress.replica"]);
  });

  it("takes nothing away by itself that somebody else than the new words could still want", () => {
    const port = settled(
      home
        .replace("replicas: 2", "publicPort: 8443")
        .replace(/issuer: privateCa\n.*/, "issuer: existing\n    issuerName: public"),
      ...["objectStore.kind=s3", "aws.accountId=123456789012", "aws.region=eu-west-3"],
    );
    expect(paths(port.meaningless)).toEqual(["datalab:objectStore.replicas"]);
    expect(paths(port.problems.map(({ path }) => path))).toEqual(["datalab:ingress.publicPort"]);
  });

  it.each([
    ["a text", "datalab:objectStore: minio"],
    ["a list", "datalab:objectStore: [minio]"],
    ["a text for the DNS", "datalab:objectStore: { kind: minio }\n  datalab:dns: route53"],
  ])("gives an answer where %s stands for an object", (_, line) => {
    const { problems } = settled(home.replace(/datalab:objectStore.*/, line), "certificates.issuer=letsencrypt");
    const [, key = ""] = /(datalab:(?!objectStore: \{)\w+)/.exec(line) ?? [];
    expect(paths(problems.map(({ path }) => path))).toContain(key);
  });

  it("says once of each setting that it becomes necessary", () => {
    const found = necessary(settled(home, "objectStore.kind=s3"));
    expect(found).toContain("datalab:aws.region");
    expect(found).toEqual([...new Set(found)]);
  });

  it("names everything that becomes necessary at once, rules between settings included", () => {
    expect(necessary(settled(home, "ingress.kind=existing"))).toEqual([
      "datalab:ingress.className",
      "datalab:ingress.namespace",
      "datalab:ingress.address",
      "datalab:ingress.clusterIp",
    ]);
    const cloud = settled(home, "cluster.kind=eks", "objectStore.kind=s3", "certificates.certManager.install=true");
    expect(necessary(cloud)).toEqual(
      expect.arrayContaining([
        "datalab:aws.accountId",
        "datalab:aws.region",
        "datalab:certificates.email",
        "datalab:certificates.environment",
        "datalab:cluster.admins",
        "datalab:cluster.publicAccessCidrs",
        "datalab:cluster.network.kind",
        "datalab:dns.zone.kind",
      ]),
    );
    expect(necessary(cloud).some((path) => path.startsWith("datalab:cluster.nodeGroups.name."))).toBe(true);
    // S3 asks for a public authority, and that one for a public zone.
    const others = paths(cloud.problems.filter((problem) => !isMissing(problem, cloud.file)).map(({ path }) => path));
    expect(others).toEqual(expect.arrayContaining(["datalab:objectStore.kind", "datalab:certificates.issuer"]));
    expect(paths(cloud.meaningless)).toEqual(
      expect.arrayContaining(["datalab:cluster.kubeconfigPath", "datalab:objectStore.replicas"]),
    );
  });

  it("takes what looks like a number for a text where the settings want one", () => {
    const { changes, problems } = settled(home, "identity.displayName=2026", "ingress.replicas=3");
    expect(problems).toEqual([]);
    expect(changes.map(({ value }) => value)).toEqual(["2026", 3]);
    expect(settingCommands({ stack: "home", configFile: undefined }, { changes, removals: [["dns"]] })).toEqual([
      "pulumi config --stack home rm --path datalab:dns",
      "pulumi config --stack home set --type string --path datalab:identity.displayName -- 2026",
      "pulumi config --stack home set --path datalab:ingress.replicas -- 3",
    ]);
  });

  it.each(["dev", "prod"])("give an answer for one or two other words, from stack %s", (stack) => {
    const text = readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8");
    const { values } = new EditableStackFile(text).read(stack);
    const switched = allCombinations()
      .map((combination) =>
        Object.entries(combination).flatMap(([name, word]) => {
          const [key, field] = switches[name as keyof typeof switches].path;
          const present = (values[key] as Record<string, unknown> | undefined)?.[field] ?? "none";
          return present === word ? [] : [`${key}.${field}=${word}`];
        }),
      )
      .filter(({ length }) => length === 1 || length === 2);
    expect(switched.length).toBeGreaterThan(20);
    for (const words of switched) {
      const { problems, after } = settled(text, ...words);
      expect(problems.length > 0).toBe(after === undefined);
      // What the new words do not know is gone: nobody has to be told to remove it.
      expect(problems.filter(({ fault }) => fault.kind === "unknown")).toEqual([]);
    }
  });

  it.each(
    refusals.flatMap(({ when, reason, instead }) =>
      (Object.keys(when) as Switch[]).map(
        (name) => [`${name} becomes ${when[name]!}: ${reason}`, name, when, reason, instead] as const,
      ),
    ),
  )("are refused with the reason and the cure where %s", (_, name, when, reason, instead) => {
    const others = Object.entries(when).filter(([other]) => other !== name) as [Switch, string][];
    const holds = (one: Combination) => others.every(([other, word]) => one[other] === word);
    const accepted = allCombinations().filter((one) => holds(one) && refusalsOf(one).length === 0);
    // The most different ones.
    for (const from of [accepted.at(0)!, accepted.at(-1)!]) {
      const { text, tryAgain } = switched(from, `${switches[name].path.join(".")}=${when[name]!}`);
      expect(text).toContain("Settings that do not go together");
      expect(text).toContain(reason);
      for (const [other, word] of Object.entries(instead) as [Switch, string][]) {
        expect(text).toContain(`pulumi config set --path '${yamlPath(switches[other].path)}' '${word}'`);
      }
      // What is suggested leads out of it, and names nothing that its words do not know: only real values are missing.
      const again = switched(from, ...words(tryAgain));
      expect(again.problems.filter(leadsAstray)).toEqual([]);
    }
  });

  /** A setting that nobody reads, or words that still exclude each other. */
  function leadsAstray({ path, fault }: Problem): boolean {
    const isWord = Object.values(switches).some((one) => yamlPath(one.path) === yamlPath(path));
    return fault.kind === "unknown" || (fault.kind === "rule" && isWord);
  }

  /** The arguments of a command that was printed. */
  function words(command: string): string[] {
    const all = command.split("--stack home ")[1]!.match(/'[^']*'|[^ ]+/g)!;
    return all.map((word) => word.replaceAll("'", ""));
  }

  function switched(from: Combination, ...args: string[]) {
    const config = Object.entries(combinationValues(from)).map(([key, value]) => [`datalab:${key}`, value]);
    const file = new EditableStackFile(JSON.stringify({ config: Object.fromEntries(config) as object }));
    const given = parseArguments(["-s", "home", ...args])!;
    const result = settle(file, given.changes, [], (one) => ({ ...one.read("home"), secretKeys: ["certificates"] }));
    const refusal = refusalOf(given, result, file);
    return { text: refusalText(refusal), tryAgain: refusal.tryAgain, problems: result.problems };
  }

  it("are refused in words, with the command that goes further", () => {
    const given = parseArguments(["-s", "home", "ingress.kind=existing", "--secret", "cluster.kubeconfig=hush"])!;
    const file = new EditableStackFile(home);
    const refusal = refusalOf(
      given,
      settle(file, given.changes, [], (one) => one.read("home")),
      file,
    );
    expect(refusal.tryAgain).toContain("npm run flip -- --stack home ingress.kind=existing");
    expect(refusal.tryAgain).toContain("'ingress.className=<string>'");
    const text = refusalText(refusal);
    expect(text).toContain("pulumi config set --path 'datalab:ingress.className'");
    expect(text + JSON.stringify(refusal)).not.toContain("hush");
  });
});

const stackUrn = (rest: string) => `urn:pulumi:home::datalab::${rest}`;
const storeUrn = stackUrn("datalab:object-store:MinioTenant::object-store");
const serversUrn = stackUrn(
  "datalab:object-store:MinioTenant$kubernetes:apps/v1:StatefulSet::object-store-stateful-set",
);
const databaseUrn = stackUrn("datalab:database:PostgresDatabase$kubernetes:apps/v1:StatefulSet::database-server");

interface State {
  urn?: string;
  parent?: string;
  protect?: boolean;
  custom?: boolean;
  inputs?: object;
  outputs?: object;
}

/** A line of the log, in the engine's form. */
function event(op: string, urn: string, old: State | null, next: State | null, kind = "resourcePreEvent"): string {
  const type = urn.split("::")[2]!.split("$").at(-1)!;
  const state = (given: State | null) =>
    given && { urn, type, custom: true, parent: storeUrn, inputs: {}, outputs: {}, ...given };
  return JSON.stringify({
    [kind]: { metadata: { op, urn, type, old: state(old), new: state(next), diffs: ["spec"] } },
  });
}

function statefulSet(namespace: string, name: string, whenDeleted: string): State {
  const spec = {
    volumeClaimTemplates: [{ metadata: { name: "data" } }],
    persistentVolumeClaimRetentionPolicy: { whenDeleted },
  };
  return { inputs: { metadata: { namespace, name }, spec } };
}

describe("what the engine says of a switch", () => {
  const role = stackUrn("aws:iam/role:Role::old-name");
  const renamed = stackUrn("aws:iam/role:Role::new-name");
  const preview = readPreview(
    [
      event("create", stackUrn("aws:s3/bucket:Bucket::bucket"), null, {}),
      event("create-replacement", databaseUrn, statefulSet("id", "db", "Delete"), {}),
      event("replace", databaseUrn, statefulSet("id", "db", "Delete"), {}),
      event("delete-replaced", databaseUrn, statefulSet("id", "db", "Delete"), null),
      event("same", renamed, { urn: role }, {}),
      event("update", stackUrn("aws:iam/role:Role::other"), {}, {}),
      event("same", storeUrn, { custom: false }, { custom: false }),
      event("read", stackUrn("aws:iam/role:Role::read"), {}, {}),
      event("delete", serversUrn, { ...statefulSet("datalab-storage", "object-store", "Retain"), protect: true }, null),
      '{"diagnosticEvent":{"severity":"info","message":"\\n"}}',
    ].join("\n"),
  );

  it("is one fate for each resource", () => {
    const fates = resourcesOf(preview.steps).map(({ fate, label, from, component }) => [fate, label, from, component]);
    expect(fates).toEqual([
      ["added", "Bucket bucket", undefined, "object-store (MinioTenant)"],
      ["replaced", "StatefulSet id/db", undefined, "object-store (MinioTenant)"],
      ["moved", "Role new-name", role, "object-store (MinioTenant)"],
      ["changed", "Role other", undefined, "object-store (MinioTenant)"],
      ["unchanged", "MinioTenant object-store", undefined, "object-store (MinioTenant)"],
      ["removed", "StatefulSet datalab-storage/object-store", undefined, "object-store (MinioTenant)"],
    ]);
  });

  it("puts data first, what is protected before the rest, and says what becomes of it", () => {
    const losses = dataLosses(resourcesOf(preview.steps));
    expect(losses.map(({ resource, consequence }) => [resource.urn, consequence])).toEqual([
      [serversUrn, "stay, as claims that nothing uses"],
      [databaseUrn, "are deleted"],
    ]);
  });

  it("knows that a namespace takes its claims along", () => {
    const namespace = stackUrn("kubernetes:core/v1:Namespace::n");
    const { steps } = readPreview(
      [
        event("delete", serversUrn, statefulSet("datalab-storage", "object-store", "Retain"), null),
        event("delete", namespace, { inputs: { metadata: { name: "datalab-storage" } } }, null),
      ].join("\n"),
    );
    expect(dataLosses(resourcesOf(steps)).map(({ consequence }) => consequence)).toEqual([
      "are deleted, with the namespace datalab-storage",
    ]);
  });

  it("says which outputs change, and never what a secret is", () => {
    const stack = stackUrn("pulumi:pulumi:Stack::datalab-home");
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const secret = (text: string) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", text });
    const records = (value: string) => [
      { name: "a.d.test", type: "CNAME", value },
      { name: "b.d.test", type: "CNAME", value: "same" },
    ];
    const old = {
      outputs: { address: "192.0.2.1", gone: 1, same: "x", token: secret("old"), records: records("one") },
    };
    const next = {
      outputs: {
        address: unknown,
        nested: { url: "https://d.test" },
        same: "x",
        token: secret("new"),
        records: records("two"),
      },
    };
    // The first of the two still has the old outputs.
    const log = [event("same", stack, old, old, "resOutputsEvent"), event("same", stack, old, next, "resOutputsEvent")];
    expect(changedOutputs(readPreview(log.join("\n")).outputs)).toEqual([
      { name: "address", before: "192.0.2.1", after: undefined, unknown: true },
      { name: "gone", before: "1", after: undefined, unknown: false },
      { name: "nested.url", before: undefined, after: "https://d.test", unknown: false },
      { name: "records[a.d.test]", before: "CNAME one", after: "CNAME two", unknown: false },
    ]);
  });

  it("does not take records that are not known yet for removed ones", () => {
    const stack = stackUrn("pulumi:pulumi:Stack::datalab-home");
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const old = { outputs: { records: [{ name: "a.d.test", type: "A", value: "192.0.2.1" }], recordsOfNobody: "x" } };
    const log = event("same", stack, old, { outputs: { records: unknown } }, "resOutputsEvent");
    const changed = changedOutputs(readPreview(log).outputs);
    expect(changed).toEqual([
      { name: "recordsOfNobody", before: "x", after: undefined, unknown: false },
      { name: "records[a.d.test]", before: "A 192.0.2.1", after: undefined, unknown: true },
    ]);
  });

  it("becomes a report with the commands, and without a secret", () => {
    const given = parseArguments(["-s", "home", "platform.protectData=true", "--secret", "cluster.kubeconfig=hush"])!;
    const file = new EditableStackFile(home.replace("kubeconfigPath: kubeconfig # of the office", ""));
    const before = settle(file, given.changes, [], (one) => ({ ...one.read("home"), secretKeys: ["cluster"] }));
    const report = reportOf(given, { ...before, after: before.after! }, preview, file);
    expect(report.commands.unprotect).toEqual([`pulumi state unprotect --stack home '${serversUrn}'`]);
    expect(report.commands.settings).toContain(
      "pulumi config --stack home set --secret --path datalab:cluster.kubeconfig",
    );
    const text = reportText(report);
    expect(text.indexOf("DATA AT RISK")).toBeGreaterThan(0);
    expect(text.indexOf("DATA AT RISK")).toBeLessThan(text.indexOf("Resources:"));
    expect(text).toContain("Resources: 1 removed, 1 replaced, 1 added, 1 changed, 1 moved, 1 unchanged");
    expect(text + JSON.stringify(report)).not.toContain("hush");
  });
});

describe("what AWS and the API server guard themselves", () => {
  const urnOf = (type: string, name: string) => stackUrn(`${type}::${name}`);
  const namespace = urnOf("kubernetes:core/v1:Namespace", "n");
  const cluster = urnOf("aws:eks/cluster:Cluster", "cluster");
  const key = urnOf("aws:kms/key:Key", "key");
  const kept = urnOf("aws:s3/bucket:Bucket", "kept");
  const free = urnOf("aws:s3/bucket:Bucket", "free");
  const guard = urnOf("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding", "guard");
  const notes = urnOf("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding", "notes");
  const binding = (action: string) => ({
    inputs: { metadata: { name: "b" }, spec: { policyName: deletionPolicyName, validationActions: [action] } },
  });
  const preview = readPreview(
    [
      event("delete", guard, binding("Deny"), null),
      event("delete", notes, binding("Audit"), null),
      event("delete", namespace, { protect: true, inputs: { metadata: { name: "n" } } }, null),
      event("delete", free, { inputs: { forceDestroy: true } }, null),
      event("delete", kept, { protect: true, inputs: { forceDestroy: false } }, null),
      event("delete", cluster, { protect: true, inputs: { deletionProtection: true } }, null),
      event("delete", key, { protect: true }, null),
    ].join("\n"),
  );

  function reported(text: string) {
    const given = parseArguments(["-s", "home", "portal.title=Other"])!;
    const file = new EditableStackFile(text);
    const result = settle(file.copy(), given.changes, [], (one) => one.read("home"));
    return reportOf(given, { ...result, after: result.after! }, preview, file);
  }

  it("is let go by commands for it alone, and the rest by the state", () => {
    const { release, unprotect } = reported(home).commands;
    expect(release).toEqual([
      "pulumi config --stack home set --path datalab:platform.protectData -- false",
      `pulumi up --stack home --target ${guard} --target ${kept} --target ${cluster}`,
      "pulumi config --stack home rm --path datalab:platform.protectData",
    ]);
    expect(unprotect).toEqual([namespace, key].map((urn) => `pulumi state unprotect --stack home ${urn}`));
    const text = reportText(reported(home));
    expect(text.indexOf(release[2]!)).toBeLessThan(text.indexOf("portal.title -- Other"));
  });

  it("is guarded again as the stack file says", () => {
    const explicit = home.replace("{ domain: d.test }", "{ domain: d.test, protectData: true }");
    expect(reported(explicit).commands.release.at(-1)).toBe(
      "pulumi config --stack home set --path datalab:platform.protectData -- true",
    );
  });

  it("is named before what can be made again", () => {
    expect(reported(home).data.map(({ resource }) => resource.urn)).toEqual([kept, cluster, key, free, namespace]);
  });
});

describe("data that is carried over by hand", () => {
  const minio = settingsOf(home);
  const external = settingsOf(
    home.replace(
      "{ kind: minio, replicas: 4 }",
      "{ kind: external, endpoint: 'https://s3.other.test', bucket: lab, prefix: 'people/{username}/' }",
    ),
  );
  const losses = dataLosses(
    resourcesOf(
      readPreview(
        [
          event("delete", serversUrn, statefulSet("s", "o", "Delete"), null),
          event("delete", databaseUrn, statefulSet("i", "d", "Delete"), null),
        ].join("\n"),
      ).steps,
    ),
  );

  function settingsOf(text: string): Settings {
    return settled(text, "platform.readyTimeout=11m").after!;
  }

  it("is named only where it is lost", () => {
    expect(movesOf([], minio, minio)).toEqual([]);
    expect(movesOf(losses, minio, minio).map(({ what }) => what.split(":")[0])).toEqual([
      "the users' objects",
      "logins",
    ]);
    const moved = settingsOf(home.replace("clusterIdentifier: home", "clusterIdentifier: other"));
    expect(movesOf([], minio, moved).map(({ what }) => what.split(":")[0])).toEqual(["volumes of users' services"]);
  });

  it("is the files of packages where the platform has them in that store, and what to do with them", () => {
    const packages = "  datalab:packages: { engine: pypiron }\n";
    const withPackages = settingsOf(home.replace("encryptionsalt", `${packages}encryptionsalt`));
    const moves = (after: Settings) =>
      movesOf(losses, withPackages, after).filter(({ what }) => what.startsWith("packages"));
    const [again] = moves(withPackages);
    expect(again?.before.at(-1)).toBe("mc mirror --preserve old/datalab-packages datalab-move/datalab-packages");
    expect(again?.after.slice(1)).toEqual([
      "mc mirror --preserve --overwrite datalab-move/datalab-packages new/datalab-packages",
      "kubectl --namespace datalab-packages exec deployment/packages -- /usr/local/bin/pypiron rebuild-index",
    ]);
    const cloud = {
      ...withPackages,
      aws: { accountId: "123456789012", region: "eu-west-3" },
      objectStore: { kind: "s3" },
    } as Settings;
    const bucket = "s3://datalab-packages-123456789012-d-test";
    expect(moves(cloud)[0]?.after[0]).toBe(`aws s3 sync datalab-move/datalab-packages ${bucket}`);
    const lostBucket = [
      { ...losses[0]!, resource: { ...losses[0]!.resource, urn: "a:S3ServicePlace$aws:s3/bucket:Bucket::b" } },
    ];
    const back = movesOf(lostBucket, cloud, withPackages);
    expect(back.map(({ what, before }) => [what.split(":")[0], before])).toEqual([
      ["packages", [`aws s3 sync ${bucket} datalab-move/datalab-packages`]],
    ]);
    expect(moves(external)[0]?.after).toEqual([
      "# pip needs no server for them: pip install --no-index --find-links datalab-move/datalab-packages/packages/<name> <name>",
    ]);
  });

  it("is records of a zone, wherever the domain goes", () => {
    const zone = readPreview(event("delete", stackUrn("aws:route53/zone:Zone::zone"), {}, null));
    const lostZone = dataLosses(resourcesOf(zone.steps));
    expect(movesOf(lostZone, minio, minio)[0]?.after[0]).toContain("where the domain is served from now on");
  });

  it("goes from each user's old place to the new one, in a real shell", () => {
    expect(copied(movesOf(losses, minio, external)[0]!.after, ["user-alice", "user-bob"])).toEqual([
      "mirror --preserve datalab-move/user-alice/ new/lab/people/alice/",
      "mirror --preserve datalab-move/user-bob/ new/lab/people/bob/",
    ]);
    expect(copied(movesOf([], external, minio)[0]!.after, ["lab/people/alice"])).toEqual([
      "mb --ignore-existing new/user-alice",
      "mirror --preserve datalab-move/lab/people/alice/ new/user-alice/",
    ]);
  });

  /** What `mc` would be called with, but for its aliases. */
  function copied(commands: readonly string[], folders: readonly string[]): string[] {
    const folder = mkdtempSync(join(tmpdir(), "datalab-flip-moves-"));
    try {
      for (const one of folders) mkdirSync(join(folder, "datalab-move", one), { recursive: true });
      for (const program of ["mc", "kubectl"]) {
        writeFileSync(join(folder, program), program === "mc" ? '#!/bin/sh\necho "$@" >> calls\n' : "#!/bin/sh\n");
        chmodSync(join(folder, program), 0o755);
      }
      const environment = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
      execFileSync("/bin/sh", ["-euc", commands.join("\n")], { cwd: folder, env: environment });
      return readFileSync(join(folder, "calls"), "utf8")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("alias"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});
