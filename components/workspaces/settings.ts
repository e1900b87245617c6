import { z } from "zod";

import { cpuQuantity, quantity } from "../scalars.ts";

/** CPU of a user's service: the form's slider moves in steps of 50 thousandths. */
const serviceCpu = cpuQuantity.refine(
  (value) => !cpuQuantity.safeParse(value).success || millicoresOf(value) % 50 === 0,
  "must be a multiple of 50m",
);

/** Memory or storage of a user's service: the form's slider moves in whole Gi. */
const serviceGibibytes = z.string().regex(/^[1-9][0-9]{0,4}Gi$/, "must be a whole number of Gi, like 4Gi");

const network = z.union([z.cidrv4(), z.cidrv6()], "must be a network such as 10.0.0.0/16");

const egress = z
  .strictObject({
    allow: z
      .array(network)
      .default([])
      .describe("Private networks that services may connect to, such as that of a company's databases."),
    deny: z
      .array(
        network
          .refine(
            (cidr) => prefixOf(cidr) > 0,
            "would close everything: set `networkIsolation` and open what is needed",
          )
          .refine(
            (cidr) => !cidr.includes(":") || (/^[23][0-9a-f]{3}:/i.test(cidr) && prefixOf(cidr) > 3),
            "is closed anyway: of IPv6 only networks within 2000::/3 are open",
          ),
      )
      .default([])
      .describe("Public networks that services may not connect to, such as that of nodes with public addresses."),
  })
  .prefault({})
  .describe("Where services may connect to, beside the internet; only with `networkIsolation`.");

/** `services` of `datalab:portal`: how the services of users and groups are confined. */
export const workspaceServices = z.strictObject({
  cpu: z
    .strictObject({
      request: serviceCpu.default("100m").describe("CPU that a service is promised unless the user says otherwise."),
      limit: serviceCpu.default("2").describe("CPU that it may use at most unless the user says otherwise."),
      most: serviceCpu.default("4").describe("Most that a container can have."),
    })
    .refine(inOrder(millicoresOf), "must hold request ≤ limit ≤ most")
    .prefault({})
    .describe(
      "CPU of one service: what the forms of INSEE's interactive charts propose, and the most for any container.",
    ),
  memory: z
    .strictObject({
      request: serviceGibibytes
        .default("1Gi")
        .describe("Memory that a service is promised unless the user says otherwise."),
      limit: serviceGibibytes
        .default("4Gi")
        .describe("Memory above which it is killed unless the user says otherwise."),
      most: serviceGibibytes.default("8Gi").describe("Most that a container can have."),
    })
    .refine(inOrder(gibibytesOf), "must hold request ≤ limit ≤ most")
    .prefault({})
    .describe("Memory of one service, likewise."),
  storage: z
    .strictObject({
      size: serviceGibibytes.default("10Gi").describe("Size of a service's volume unless the user says otherwise."),
      most: serviceGibibytes.default("50Gi").describe("Most that a volume can have."),
    })
    .refine(({ size, most }) => gibibytesOf(size) <= gibibytesOf(most), "must hold size ≤ most")
    .prefault({})
    .describe("Volume of one service, likewise."),
  ephemeralStorage: z
    .strictObject({
      request: serviceGibibytes.default("1Gi").describe("Disk of the node that a container is promised."),
      limit: serviceGibibytes
        .default("10Gi")
        .describe("Disk of the node, outside of volumes, above which a pod is evicted."),
      most: serviceGibibytes.default("20Gi").describe("Most that a container can have."),
    })
    .refine(inOrder(gibibytesOf), "must hold request ≤ limit ≤ most")
    .prefault({})
    .describe("Disk of the node that one container may fill."),
  kubernetesRole: z
    .enum(["none", "view", "edit", "admin"])
    .default("view")
    .describe("Most that a service may be allowed to do with the Kubernetes API, in its user's namespace."),
  networkIsolation: z
    .boolean()
    .default(true)
    .describe(
      "Services are reached from their own namespace and by the ingress controller, and reach their own namespace, the platform's hosts and the internet; nothing else. Needs a cluster that enforces NetworkPolicies.",
    ),
  egress,
  podSecurity: z
    .enum(["restricted", "baseline", "privileged"])
    .default("baseline")
    .describe("Pod Security level of the users' namespaces; INSEE's charts need `baseline`."),
});

/** What one workspace may use in all. */
export const workspaceQuota = (defaults: {
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit: string;
  readonly storage: string;
  readonly ephemeralStorage: string;
  readonly pods: number;
}) =>
  z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe("Whether there are such sums at all; numbers of objects are limited in any case."),
      cpu: cpuQuantity.default(defaults.cpu).describe("Sum of the CPU requests."),
      memory: quantity.default(defaults.memory).describe("Sum of the memory requests."),
      memoryLimit: quantity.default(defaults.memoryLimit).describe("Sum of the memory limits."),
      storage: quantity.default(defaults.storage).describe("Sum of the sizes of the volumes."),
      ephemeralStorage: quantity
        .default(defaults.ephemeralStorage)
        .describe("Sum of what containers may fill of the nodes' disks."),
      pods: z.int().min(1).default(defaults.pods).describe("Number of pods."),
    })
    .prefault({});

export type WorkspaceServices = z.infer<typeof workspaceServices>;
export type WorkspaceQuota = z.infer<ReturnType<typeof workspaceQuota>>;

/** Length of a network's prefix. */
function prefixOf(cidr: string): number {
  return Number(cidr.split("/")[1]);
}

/** Thousandths of a core. */
export function millicoresOf(cpu: string): number {
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) : Math.round(Number(cpu) * 1000);
}

/** The number in front of `Gi`. */
export function gibibytesOf(memory: string): number {
  return Number(memory.slice(0, -"Gi".length));
}

function inOrder(valueOf: (quantity: string) => number) {
  return ({ request, limit, most }: { request: string; limit: string; most: string }) =>
    valueOf(request) <= valueOf(limit) && valueOf(limit) <= valueOf(most);
}
