import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { checkout } from "../../testbed/engine/dev-stack.ts";
import { unreachableKubeconfig } from "../../commands/stack-file/unreachable-kubeconfig.ts";
import type { OperationResult, Step } from "../../testbed/engine/engine.ts";
import { namespaces } from "../../components/names.ts";
import type { AwsCall } from "../support/aws-provider/account.ts";
import { type AwsPlatform, startAwsPlatform } from "../support/aws-provider/platform.ts";
import { unknown, type Value } from "../support/aws-provider/values.ts";
import type { KubernetesObject, StackConfig } from "../support/platform.ts";

const minutes = 60_000;
const unchanged = ["--expect-no-changes"];

/** Resources that an operation would touch, with what it would do. Components have no life of their own. */
function changes(result: OperationResult): string[] {
  return result.steps
    .filter(({ op, type }) => !["same", "read"].includes(op) && !type.startsWith("datalab:"))
    .map(({ op, type, name }) => `${op} ${type} ${name}`)
    .toSorted();
}

function succeeded(result: OperationResult): OperationResult {
  if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}\n${result.text}`);
  return result;
}

/** The fields that are not known, by the kind of resource and their path in it, and how often each is. */
function unknownFields(steps: readonly Step[]): Record<string, Record<string, number>> {
  const found: Record<string, Record<string, number>> = {};
  for (const { type, inputs } of steps) {
    for (const path of unknownPaths(inputs as Value | undefined)) {
      const paths = (found[type] ??= {});
      paths[path] = (paths[path] ?? 0) + 1;
    }
  }
  return found;
}

function unknownPaths(value: Value | undefined, path = ""): string[] {
  if (typeof value === "string") return value.includes(unknown) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((element: Value) => unknownPaths(element, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, element]) => unknownPaths(element, path === "" ? key : `${path}.${key}`));
}

function count(fields: Record<string, Record<string, number>>): number {
  const numbers = Object.values(fields).flatMap((paths) => Object.values(paths));
  return numbers.reduce((sum, number) => sum + number, 0);
}

type NodeGroups = Record<string, Record<string, unknown>>;

function nodeGroups(config: StackConfig): NodeGroups {
  return config["datalab:cluster"]?.["nodeGroups"] as NodeGroups;
}

describe("the platform on an empty AWS account", () => {
  let platform: AwsPlatform;

  beforeAll(async () => {
    platform = await startAwsPlatform();
  }, 40 * minutes);

  afterAll(async () => {
    await platform.stop();
  }, 2 * minutes);

  function configureCluster(change: (cluster: Record<string, unknown>, groups: NodeGroups) => void): void {
    platform.configure((config) => {
      change(config["datalab:cluster"] ?? {}, nodeGroups(config));
    });
  }

  it(
    "previews every object although there is no cluster, and does not know what others decide, no more",
    async () => {
      const preview = succeeded(await platform.engine.preview());
      expect(platform.account.calls()).toEqual([]);

      const objects = preview.steps.filter(({ type }) => /^kubernetes:/.test(type));
      expect(objects.length).toBeGreaterThan(80);
      for (const { inputs } of objects) {
        expect((inputs?.["metadata"] as { name?: string } | undefined)?.name).toMatch(/^[a-z0-9:.-]+$/);
      }
      const { aws, others } = expectedUnknown;
      const fields = unknownFields(preview.steps);
      expect(fields).toEqual({ ...aws, ...others });
      expect(readFileSync(join(checkout, "docs/aws.md"), "utf8")).toContain(
        `in full but for ${count(fields)} fields: ${count(aws)} hold`,
      );
    },
    5 * minutes,
  );

  it(
    "brings up everything in one go",
    async () => {
      configureCluster((cluster, groups) => {
        cluster["version"] = "1.35";
        // Needs 1.36.
        delete groups["elastic"];
      });
      succeeded(await platform.engine.up());
      expect(platform.account.calls().filter(({ refused }) => refused !== undefined)).toEqual([]);
    },
    15 * minutes,
  );

  it(
    "leaves every workload ready, on the platform's nodes",
    async () => {
      type Workload = KubernetesObject & { spec: { replicas: number }; status: { readyReplicas?: number } };
      const workloads = [
        ...(await platform.objects<Workload>("deployments")),
        ...(await platform.objects<Workload>("statefulsets")),
      ];
      expect(workloads.map(({ metadata }) => metadata.name)).toEqual(
        expect.arrayContaining(["cert-manager", "traefik", "keycloak", "onyxia-api", "onyxia-web"]),
      );
      for (const { spec, status } of workloads) expect(status.readyReplicas).toBe(spec.replicas);
      const nodes = await platform.objects<KubernetesObject>("nodes");
      expect(nodes).toHaveLength(3);
    },
    2 * minutes,
  );

  it(
    "gets its wildcard certificates from Let's Encrypt's production, in the operators' name",
    async () => {
      expect(new Set(platform.acme.contacts)).toEqual(new Set(["mailto:operators@example.org"]));
      expect(platform.acme.orders.flat().toSorted()).toEqual(["*.example.org", "*.lab.example.org"]);
      type Certificate = { status: { conditions: { type: string; status: string }[] } };
      const certificates = await platform.objects<Certificate>("certificates.cert-manager.io");
      for (const { status } of certificates) {
        expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
      }
    },
    2 * minutes,
  );

  it(
    "changes nothing when nothing has changed, also after AWS was asked",
    async () => {
      succeeded(await platform.engine.preview({ flags: unchanged }));
      succeeded(await platform.engine.refresh());
      succeeded(await platform.engine.preview({ flags: unchanged }));
    },
    5 * minutes,
  );

  it(
    "shows no secret: not in previews, not in the state, not in what AWS was given",
    async () => {
      type Secret = KubernetesObject & { data?: Record<string, string> };
      const secrets = await platform.objects<Secret>("secrets");
      const values = secrets
        .filter(({ metadata }) => Object.values(namespaces).some((name) => name === metadata.namespace))
        .flatMap(({ data }) => Object.entries(data ?? {}))
        .filter(([key]) => /password|key|secret/i.test(key) && !/\.crt$|^client-id$/.test(key))
        .map(([, value]) => Buffer.from(value, "base64").toString().trim());
      expect(values.length).toBeGreaterThan(4);
      const preview = (await platform.engine.preview({ flags: ["--show-sames"] })).text;
      const exported = await platform.engine.run(["stack", "export", "--stack", "prod"]);
      const given = JSON.stringify(platform.account.calls());
      for (const value of values) {
        expect(value.length).toBeGreaterThan(8);
        for (const visible of [preview, exported, given]) expect(visible.includes(value)).toBe(false);
      }
    },
    5 * minutes,
  );

  it(
    "touches a node group alone when its number of nodes changes",
    async () => {
      configureCluster((_, groups) => {
        groups["platform"] = { ...groups["platform"], min: 4 };
      });
      const result = succeeded(await platform.engine.up());
      expect(changes(result)).toEqual(["update aws:eks/nodeGroup:NodeGroup cluster-platform-nodes"]);
      expect(await platform.objects("nodes")).toHaveLength(4);
    },
    5 * minutes,
  );

  it(
    "upgrades Kubernetes by a minor version in place",
    async () => {
      configureCluster((cluster) => {
        cluster["version"] = "1.36";
      });
      const result = succeeded(await platform.engine.up());
      const touched = changes(result);
      expect(touched).toEqual(
        expect.arrayContaining([
          "update aws:eks/cluster:Cluster cluster-control-plane",
          "update aws:eks/nodeGroup:NodeGroup cluster-platform-nodes",
        ]),
      );
      // Nothing but the cluster, its nodes and its add-ons, and nothing anew.
      expect(touched.filter((change) => !/^update aws:eks\/(cluster|nodeGroup|addon):/.test(change))).toEqual([]);
    },
    5 * minutes,
  );

  it(
    "touches no other node group when one is added in the middle",
    async () => {
      configureCluster((cluster, { platform: first, ...rest }) => {
        const elastic = { capacity: "spot", instanceTypes: ["m7i.2xlarge", "m6i.2xlarge"], min: 1 };
        cluster["nodeGroups"] = { aaa: { instanceTypes: ["m7i.large"], min: 1 }, elastic, platform: first, ...rest };
      });
      const added = changes(succeeded(await platform.engine.up()));
      // Types of the 6th generation share slots between volumes and network interfaces: the driver is told.
      expect(added.filter((change) => !change.startsWith("create "))).toEqual([
        "update aws:eks/addon:Addon cluster-aws-ebs-csi-driver",
      ]);
      expect(added.filter((change) => change.includes("aws:eks/nodeGroup:"))).toEqual([
        "create aws:eks/nodeGroup:NodeGroup cluster-aaa-nodes",
        "create aws:eks/nodeGroup:NodeGroup cluster-elastic-nodes",
      ]);
    },
    5 * minutes,
  );

  it(
    "sends an autoscaler's number of nodes never back, and says how its bounds are changed",
    async () => {
      configureCluster((_, groups) => {
        groups["elastic"] = { ...groups["elastic"], min: 1, max: 3 };
      });
      const preview = succeeded(await platform.engine.preview());
      expect(changes(preview)).toEqual([]);
      expect(preview.text).toMatch(
        /--nodegroup-name cluster-elastic-nodes-[0-9a-f]+ --scaling-config minSize=1,maxSize=3/,
      );
    },
    5 * minutes,
  );

  it(
    "takes no machine from the load balancer before it ends, when a group gets another instance type",
    async () => {
      configureCluster((_, groups) => {
        groups["platform"] = { ...groups["platform"], instanceTypes: ["m6i.xlarge"] };
      });
      const before = platform.account.calls().length;
      succeeded(await platform.engine.up());
      const calls = platform.account
        .calls()
        .slice(before)
        .map(({ operation, urn }) => `${operation} ${urn.split("::").at(-1) ?? ""}`);
      const group = "cluster-platform-nodes";
      // A target that is detached serves nobody, while Traefik still runs on it alone.
      expect([calls[0], calls.slice(1, -1).toSorted(), calls.at(-1)]).toEqual([
        `create ${group}`,
        ["create load-balancer-http-platform", "create load-balancer-https-platform"],
        `delete ${group}`,
      ]);
    },
    5 * minutes,
  );

  it(
    "takes in what AWS has made and a killed `up` has not noted, as docs/aws.md says",
    async () => {
      interface Resource {
        readonly urn: string;
        readonly type: string;
        readonly id?: string;
        readonly parent?: string;
      }
      const onStack = ["--stack", "prod"];
      const state = JSON.parse(await platform.engine.run(["stack", "export", ...onStack])) as {
        deployment: { resources: Resource[] };
      };
      const { resources } = state.deployment;
      const provider = resources.find(({ type }) => type === "pulumi:providers:aws")!;
      const lost = resources.find(({ type }) => type === "aws:route53/record:Record")!;
      const { id = "", parent = "", urn } = lost;
      // What needs it would not be there yet, and is not what this is about.
      const others = JSON.stringify(resources.filter((each) => each !== lost));
      const alone = others.replaceAll(`"${urn}",`, "").replaceAll(`,"${urn}"`, "").replaceAll(`"${urn}"`, "");
      state.deployment.resources = JSON.parse(alone) as Resource[];
      const file = join(dirname(platform.engine.stackFile), "broken-off.json");
      writeFileSync(file, JSON.stringify(state));
      await platform.engine.run(["stack", "import", ...onStack, "--file", file]);

      const refused = await platform.engine.up();
      expect(refused.exitCode).not.toBe(0);
      expect(refused.text).toContain(`AlreadyExists: there is a aws:route53/record:Record ${id}`);

      const page = readFileSync(join(checkout, "docs/aws.md"), "utf8");
      const [, command = ""] = /^pulumi import --stack prod (.+\\\n.+)$/m.exec(page) ?? [];
      const words: Readonly<Record<string, string>> = {
        "<type>": lost.type,
        "<name>": urn.split("::").at(-1) ?? "",
        "<id>": id,
        "<urn of its parent>": parent,
        "<urn of the provider>": provider.urn,
      };
      const filled = [...command.replace("\\\n", "").matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain = ""]) =>
        (quoted ?? plain).replace(/<.*>/, (word) => words[word] ?? word),
      );
      expect(filled).toHaveLength(9);
      await platform.engine.run(["import", ...onStack, "--yes", "--skip-preview", ...filled]);
      succeeded(await platform.engine.up({ flags: unchanged }));
      // The one above, of all that has happened to this account.
      expect(platform.account.calls().filter(({ refused }) => refused !== undefined)).toHaveLength(1);
    },
    5 * minutes,
  );

  it(
    "leaves nothing when it is destroyed, and no load balancer behind its network",
    async () => {
      const before = platform.account.calls().length;
      platform.configure((config) => {
        config["datalab:platform"] = { ...config["datalab:platform"], protectData: false };
      });
      succeeded(await platform.engine.up());
      succeeded(await platform.engine.destroy());

      const calls = platform.account.calls().slice(before);
      expect(calls.filter(({ refused }) => refused !== undefined)).toEqual([]);
      expect(platform.account.resources()).toEqual([]);
      const place = (token: string) =>
        calls.findLastIndex((call: AwsCall) => call.operation === "delete" && call.token === token);
      expect(place("aws:lb/loadBalancer:LoadBalancer")).toBeGreaterThan(-1);
      expect(place("aws:lb/loadBalancer:LoadBalancer")).toBeLessThan(place("aws:ec2/vpc:Vpc"));
      expect(place("aws:eks/cluster:Cluster")).toBeLessThan(place("aws:ec2/vpc:Vpc"));

      const names = (await platform.objects<KubernetesObject>("namespaces")).map(({ metadata }) => metadata.name);
      expect(names.filter((name) => Object.values<string>(namespaces).includes(name))).toEqual([]);
    },
    10 * minutes,
  );
});

describe("AWS's SDK", () => {
  const platformSettings = { domain: "example.org" };
  const existing = { kind: "existing", clusterIdentifier: "demo", kubeconfigPath: unreachableKubeconfig };
  const certificates = { issuer: "existing", issuerName: "mine" };
  const account = { accountId: "123456789012", region: "eu-west-3" };

  it.each([
    ["is not loaded by a stack without AWS", {}, false],
    [
      "is loaded by a stack with a zone of Route53",
      { aws: account, dns: { kind: "route53", zone: { kind: "existing", id: "Z0123456789ABC" } } },
      true,
    ],
  ])(
    "%s",
    async (_, settings, loaded) => {
      const config = {
        platform: platformSettings,
        cluster: existing,
        ingress: { kind: "traefik" },
        certificates,
        objectStore: { kind: "minio" },
        ...settings,
      };
      const values = Object.entries(config).map(([key, value]) => [`datalab:${key}`, JSON.stringify(value)]);
      const program = `
      import { createRequire } from "node:module";
      import * as pulumi from "@pulumi/pulumi";
      pulumi.runtime.setAllConfig(${JSON.stringify(Object.fromEntries(values))});
      await pulumi.runtime.setMocks(
        { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
        "datalab", "test", true, "organization",
      );
      await import("./index.ts");
      const modules = Object.keys(createRequire(import.meta.url).cache);
      console.log(JSON.stringify({
        kubernetes: modules.filter((path) => path.includes("/@pulumi/kubernetes/")).length,
        aws: modules.filter((path) => path.includes("/@pulumi/aws/")).length,
      }));
    `;
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
        cwd: checkout,
      });
      const modules = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { kubernetes: number; aws: number };
      expect(modules.kubernetes).toBeGreaterThan(0);
      expect(modules.aws > 0).toBe(loaded);
    },
    60_000,
  );
});

/** Every field of the first preview that is not known, and how often. */
const expectedUnknown = {
  /** Ids, ARNs, addresses and names that AWS gives. */
  aws: {
    "aws:autoscaling/attachment:Attachment": {
      autoscalingGroupName: 2,
      lbTargetGroupArn: 2,
    },
    "aws:ec2/internetGateway:InternetGateway": {
      vpcId: 1,
    },
    "aws:ec2/natGateway:NatGateway": {
      allocationId: 3,
      subnetId: 3,
    },
    "aws:ec2/route:Route": {
      gatewayId: 1,
      natGatewayId: 3,
      routeTableId: 4,
    },
    "aws:ec2/routeTable:RouteTable": {
      vpcId: 4,
    },
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {
      routeTableId: 6,
      subnetId: 6,
    },
    "aws:ec2/securityGroup:SecurityGroup": {
      vpcId: 2,
    },
    "aws:ec2/subnet:Subnet": {
      vpcId: 6,
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
      "routeTableIds[]": 3,
      vpcId: 1,
    },
    "aws:efs/fileSystemPolicy:FileSystemPolicy": {
      fileSystemId: 1,
      policy: 1,
    },
    "aws:efs/mountTarget:MountTarget": {
      fileSystemId: 3,
      "securityGroups[]": 3,
      subnetId: 3,
    },
    "aws:eks/addon:Addon": {
      "podIdentityAssociations[].roleArn": 3,
    },
    "aws:eks/cluster:Cluster": {
      "encryptionConfig.provider.keyArn": 1,
      roleArn: 1,
      "vpcConfig.subnetIds[]": 3,
    },
    "aws:eks/nodeGroup:NodeGroup": {
      "launchTemplate.id": 2,
      "launchTemplate.version": 2,
      nodeRoleArn: 2,
      "subnetIds[]": 6,
    },
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
      roleArn: 2,
    },
    "aws:iam/rolePolicy:RolePolicy": {
      policy: 2,
      role: 1,
    },
    "aws:lb/listener:Listener": {
      "defaultActions[].targetGroupArn": 2,
      loadBalancerArn: 2,
    },
    "aws:lb/loadBalancer:LoadBalancer": {
      "securityGroups[]": 1,
      "subnets[]": 3,
    },
    "aws:lb/targetGroup:TargetGroup": {
      vpcId: 2,
    },
    "aws:route53/record:Record": {
      "aliases[].name": 3,
      "aliases[].zoneId": 3,
      zoneId: 3,
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
      referencedSecurityGroupId: 3,
      securityGroupId: 3,
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
      referencedSecurityGroupId: 4,
      securityGroupId: 6,
    },
    "kubernetes:cert-manager.io/v1:ClusterIssuer": {
      "spec.acme.solvers[].dns01.route53.hostedZoneID": 1,
    },
    "kubernetes:storage.k8s.io/v1:StorageClass": {
      "parameters.fileSystemId": 1,
    },
    "pulumi:providers:kubernetes": {
      kubeconfig: 1,
    },
  },
  /**
   * Passwords, which are made up in the end, the address that Kubernetes gives to the ingress controller's Service, and the load
   * balancer's name, which the controller tells.
   */
  others: {
    "kubernetes:apps/v1:Deployment": {
      "spec.template.spec.containers[].args[]": 1,
      "spec.template.spec.hostAliases[].ip": 1,
    },
    "kubernetes:batch/v1:Job": {
      "spec.template.spec.containers[].env[].value": 1,
    },
    "kubernetes:core/v1:Secret": {
      stringData: 3,
    },
  },
} as const;
