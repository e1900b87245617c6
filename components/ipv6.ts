/** The same IPv6 network from its first address, in its one usual form. @see https://www.rfc-editor.org/rfc/rfc5952 */
export function ipv6NetworkOf(cidr: string): string {
  const [address = "", prefix = ""] = cidr.split("/");
  const beyond = BigInt(128 - Number(prefix));
  const first = (numberOf(address) >> beyond) << beyond;
  const groups = first.toString(16).padStart(32, "0").match(/.{4}/g) ?? [];
  return `${usualForm(groups.join(":"))}/${Number(prefix)}`;
}

function numberOf(address: string): bigint {
  const [head, tail] = usualForm(address)
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const [left = [], right = []] = [head, tail];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return BigInt(`0x${[...left, ...zeros, ...right].map((group) => group.padStart(4, "0")).join("")}`);
}

/** As addresses in URLs are written. */
function usualForm(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
