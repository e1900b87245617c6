/**
 * Instance families that nodes may be of. The list is written down because a preview looks nothing up; all of them are
 * amd64, as the platform's images are, and bring no GPU, which would need a device plugin.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
 */
import { closest } from "fastest-levenshtein";

import type { Region } from "./regions.ts";

interface Family {
  /** GiB of memory for each virtual CPU, from size `large` up. */
  readonly memoryPerCpu: number;
  /** Regions known not to offer it. AWS has the last word on the others. */
  readonly notIn?: readonly Region[];
}

const general: Family = { memoryPerCpu: 4 };
const compute: Family = { memoryPerCpu: 2 };
const memory: Family = { memoryPerCpu: 8 };

const families = {
  t3: general,
  t3a: general,
  m5: general,
  m5a: general,
  m5d: general,
  m5n: general,
  m6i: general,
  m6id: general,
  m6a: { ...general, notIn: ["eu-west-3"] },
  m7i: general,
  "m7i-flex": general,
  m7a: general,
  m8i: general,
  "m8i-flex": general,
  m8a: general,
  c5: compute,
  c5a: compute,
  c5d: compute,
  c6i: compute,
  c6a: compute,
  c7i: compute,
  "c7i-flex": compute,
  c7a: compute,
  c8i: compute,
  r5: memory,
  r5a: memory,
  r5d: memory,
  r6i: memory,
  r6a: memory,
  r7i: memory,
  r7a: memory,
  r8i: memory,
} as const satisfies Record<string, Family>;

const known: Readonly<Record<string, Family>> = families;

/** Families of Amazon's own processors have a `g` behind the generation. */
const arm = /^(a1|[a-z]+\d+g[a-z]*)$/;

/** What one node of a type has. */
export interface Capacity {
  readonly cpus: number;
  /** GiB. */
  readonly memory: number;
}

/** Splits `m7i.2xlarge` at the dot. */
function split(instanceType: string): { family: string; size: string } {
  const [family = "", size = ""] = instanceType.split(".");
  return { family, size };
}

/** Why nodes cannot be of a type, as the rest of a sentence; undefined where they can. */
export function instanceTypeProblem(instanceType: string): string | undefined {
  const { family, size } = split(instanceType);
  const near = closest(family, Object.keys(known));
  if (arm.test(family)) return `is arm64, the platform's images are amd64: take one like ${near}.${size}`;
  if (known[family] === undefined) return `is of no known instance family, the nearest is ${near}`;
  if (cpusOf(size) === undefined)
    return "must be of size medium, large, xlarge, 2xlarge, …: smaller nodes hold too few pods";
  return undefined;
}

/** The same for a region. */
export function instanceRegionProblem(instanceType: string, region: Region): string | undefined {
  const { family, size } = split(instanceType);
  const offered = Object.keys(known).filter((name) => known[name]?.notIn?.includes(region) !== true);
  if (known[family] === undefined || offered.includes(family)) return undefined;
  return `is not offered in ${region}: take one like ${closest(family, offered)}.${size}`;
}

/** CPUs and memory of a type; undefined for one that is not known. */
export function capacityOf(instanceType: string): Capacity | undefined {
  const { family, size } = split(instanceType);
  const cpus = cpusOf(size);
  const perCpu = known[family]?.memoryPerCpu;
  if (cpus === undefined || perCpu === undefined) return undefined;
  return { cpus, memory: size === "medium" ? cpus * Math.min(perCpu, 2) : cpus * perCpu };
}

function cpusOf(size: string): number | undefined {
  if (size === "medium" || size === "large") return 2;
  const [, multiple] = /^(\d*)xlarge$/.exec(size) ?? [];
  return multiple === undefined ? undefined : 4 * (multiple === "" ? 1 : Number(multiple));
}
