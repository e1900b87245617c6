/** Reading of the flat XML that S3 servers answer with. */

/** Contents of all elements of that name, outermost first. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, content = ""]) => content,
  );
}

/** Text of the first element of that name; empty when there is none. */
export function textOf(xml: string, name: string): string {
  const [content = ""] = elements(xml, name);
  return content.replaceAll(/&(lt|gt|quot|apos|amp|#(\d+)|#x([0-9a-fA-F]+));/g, (_, entity, decimal, hex) =>
    decimal !== undefined || hex !== undefined
      ? String.fromCodePoint(decimal !== undefined ? Number(decimal) : parseInt(String(hex), 16))
      : (named[String(entity)] ?? ""),
  );
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
