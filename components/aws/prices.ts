/**
 * List prices of AWS: the one table that docs/aws.md shows and that the digest counts with. They are of one region and of
 * one day; a price that is not here is not known.
 */

/** Region and day of the prices, in US dollars without tax. */
export const priceList = { region: "us-east-1", day: "2026-11-21", hoursInMonth: 730 } as const;

export interface Price {
  readonly part: string;
  /** How a month is counted, in the letters of `price`. */
  readonly month: string;
  /** The price in words; `{h}` stands for the value `h`. */
  readonly price: string;
  readonly values: Readonly<Record<string, number>>;
  /** How many dated sources agree; `two` also stands for AWS itself. */
  readonly sources: "two" | "one" | "none";
  readonly source: string;
}

export const prices = {
  controlPlane: {
    part: "control plane",
    month: "730 × h",
    price: "h = {h}, so 73.00",
    values: { h: 0.1 },
    sources: "two",
    source: "AWS containers blog 2024-04; factualminds 2026-06",
  },
  extendedSupport: {
    part: "… in extended support",
    month: "730 × h",
    price: "h = {h}, so 438.00; **switched off here**",
    values: { h: 0.6 },
    sources: "two",
    source: "the same",
  },
  nodes: {
    part: "nodes on demand",
    month: "730 × Σ (nodes × h)",
    price: "`m7i.xlarge` h = {h}",
    values: { h: 0.2016 },
    sources: "one",
    source: "c3x.dev 2026",
  },
  nodesLarger: {
    part: "…",
    month: "",
    price: "`m7i.2xlarge` h = {h}",
    values: { h: 0.4032 },
    sources: "one",
    source: "twice the `xlarge`, as for the whole family",
  },
  spotNodes: {
    part: "nodes on spot",
    month: "730 × Σ (nodes × h × s)",
    price: "s = 0.4 to 0.7 of the price on demand",
    values: {},
    sources: "none",
    source: "changes all the time, see below",
  },
  nodeDisks: {
    part: "disks of nodes, gp3",
    month: "nodes × `diskSize` × g",
    price: "g = {g} per GB",
    values: { g: 0.08 },
    sources: "none",
    source: "",
  },
  volumes: {
    part: "volumes of pods, gp3",
    month: "GB of claims × g, used or not",
    price: "g = {g} per GB",
    values: { g: 0.08 },
    sources: "none",
    source: "",
  },
  files: {
    part: "EFS",
    month: "GB × g + GB read × r + GB written × w",
    price: "g = {g} (unread for a month: 0.025), r = {r}, w = {w}",
    values: { g: 0.3, r: 0.03, w: 0.06 },
    sources: "two",
    source: "factualminds 2026-06, cloudburn 2026-03",
  },
  natGateway: {
    part: "NAT gateway",
    month: "gateways × 730 × h + GB × v",
    price: "h = {h}, v = {v}",
    values: { h: 0.045, v: 0.045 },
    sources: "two",
    source: "cloudburn 2026-02, egresscost 2026-03",
  },
  addresses: {
    part: "public IPv4 addresses",
    month: "(NAT gateways + zones of the load balancer) × 730 × h",
    price: "h = {h}",
    values: { h: 0.005 },
    sources: "two",
    source: "cloudburn 2026-02, factualminds 2026-06",
  },
  loadBalancer: {
    part: "load balancer",
    month: "730 × h + 730 × NLCU × n",
    price: "h = {h}, n = {n}",
    values: { h: 0.0225, n: 0.006 },
    sources: "two",
    source: "clustercost 2025, awsnegotiations 2026-05",
  },
  endpoints: {
    part: "interface endpoints",
    month: "endpoints × zones × 730 × h + GB × v",
    price: "h = {h}, v = {v}",
    values: { h: 0.01, v: 0.01 },
    sources: "two",
    source: "factualminds 2026-06, AWS price page",
  },
  gatewayEndpoint: {
    part: "S3 endpoint",
    month: "nothing",
    price: "",
    values: {},
    sources: "two",
    source: "egresscost 2026-03",
  },
  objects: {
    part: "S3, Standard",
    month: "GB × g + PUT/1000 × p + GET/1000 × q, old versions too",
    price: "g = {g}, p = {p}, q = {q}",
    values: { g: 0.023, p: 0.005, q: 0.0004 },
    sources: "none",
    source: "g stands on an undated page, p and q on none",
  },
  keys: {
    part: "KMS key",
    month: "keys × k + requests/10,000 × r",
    price: "k = {k} (and 1.00 for each rotation), r = {r}",
    values: { k: 1, r: 0.03 },
    sources: "two",
    source: "AWS price page, factualminds 2026-06",
  },
  zones: {
    part: "Route 53",
    month: "zones × z; questions for alias records cost nothing",
    price: "z = {z}",
    values: { z: 0.5 },
    sources: "one",
    source: "ns1, undated",
  },
  logs: {
    part: "logs",
    month: "GB × i + GB kept × k",
    price: "i = {i}, k = {k}",
    values: { i: 0.5, k: 0.03 },
    sources: "two",
    source: "c3x.dev 2026-06, hykell",
  },
  internetTraffic: {
    part: "traffic to the internet",
    month: "GB × v",
    price: "v = {v}; AWS gives the first 100 GB (✘)",
    values: { v: 0.09 },
    sources: "one",
    source: "cloudpipelines 2026",
  },
  zoneTraffic: {
    part: "traffic between zones",
    month: "GB × 2 × v: it is paid on both sides",
    price: "v = {v}",
    values: { v: 0.01 },
    sources: "two",
    source: "factualminds 2026-06, basavytix",
  },
} as const satisfies Record<string, Price>;

/** Dollars an hour of one machine on demand, by instance type. */
export const machineHours: Readonly<Record<string, number>> = {
  "m7i.xlarge": prices.nodes.values.h,
  "m7i.2xlarge": prices.nodesLarger.values.h,
};
