/** Arithmetic on IPv4 networks such as `10.0.0.0/16`. */

interface Range {
  /** First address. */
  readonly first: number;
  /** Length of the prefix. */
  readonly prefix: number;
}

/** Part `index` of a network that is cut into `2 ** bits` equal parts. */
export function partOf(cidr: string, bits: number, index: number): string {
  const { first, prefix } = parse(cidr);
  return write({ first: first + index * sizeOf(prefix + bits), prefix: prefix + bits });
}

/** Whether two networks share an address. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [parse(one), parse(other)];
  return a.first < b.first + sizeOf(b.prefix) && b.first < a.first + sizeOf(a.prefix);
}

/** Whether the address is the network's first one. */
export function isNetworkAddress(cidr: string): boolean {
  const { first, prefix } = parse(cidr);
  return first % sizeOf(prefix) === 0;
}

/** The same network, written with its first address. */
export function networkOf(cidr: string): string {
  const { first, prefix } = parse(cidr);
  return write({ first: first - (first % sizeOf(prefix)), prefix });
}

export function prefixOf(cidr: string): number {
  return parse(cidr).prefix;
}

/** The address `offset` places behind the first one, as a network of one address. */
export function addressIn(cidr: string, offset: number): string {
  return write({ first: parse(cidr).first + offset, prefix: 32 });
}

function parse(cidr: string): Range {
  const [address = "", prefix = ""] = cidr.split("/");
  const first = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { first, prefix: Number(prefix) };
}

function write({ first, prefix }: Range): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${bytes.join(".")}/${prefix}`;
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}
