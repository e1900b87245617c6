/** The command line of `npm run doctor`. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";

import { isAuthority } from "../../components/certificates/pem.ts";
import { readCommandLine } from "../command-line.ts";
import { stackFilePath } from "../stack-file/path.ts";
import { UsageError } from "../usage-error.ts";

export interface Options {
  readonly stack: string;
  /** Absolute path of the stack file. */
  readonly stackFile: string;
  /** Address that stands for every host of the platform, instead of DNS. */
  readonly address: string | undefined;
  /** Port of the ingress controller for HTTPS. @default that of the platform's addresses */
  readonly httpsPort: number | undefined;
  /** The same for plain HTTP. */
  readonly httpPort: number | undefined;
  /** Further authorities to trust, in PEM. */
  readonly authorities: string | undefined;
  /** Who logs in; without a name the steps that need a login are skipped. */
  readonly user: string | undefined;
  /** Whether an object may be written into the user's own bucket, and a pod may run in the user's namespace, for a moment. */
  readonly write: boolean;
  readonly json: boolean;
  /** Longest time of one request, in seconds. */
  readonly timeout: number;
  /** A certificate that ends within so many days is a warning. */
  readonly expiryDays: number;
}

export const usage = `npm run doctor -- -s <stack> [options]      checks a deployed stack, hop by hop, and changes nothing

Of images that are held by their tag alone, the digest that was seen first is written into Pulumi.<stack>.images.json.

  -s, --stack <stack>       stack to check; its settings are read from Pulumi.<stack>.yaml
  --config-file <file>      another stack file
  --address <ip>            address of the ingress controller, for the platform's hosts, instead of DNS
  --https-port <port>       port of the ingress controller for HTTPS, where it is not that of the addresses
  --http-port <port>        the same for plain HTTP
  --ca <file>               trust these authorities too (PEM)
  --user <name>             log in as this user; the password is read from DATALAB_PASSWORD or from standard input
  --write                   allow one object to be written to the user's own bucket, read and deleted, and a pod of a
                            few seconds beside the user's services
  --expiry-days <days>      warn about certificates that end within so many days (14)
  --timeout <seconds>       longest time of one request (10)
  --json                    print JSON
  --help                    print this

Exit code: 0 usable, 1 not usable, 2 wrong options or stack file.`;

const known = {
  stack: { type: "string", short: "s" },
  "config-file": { type: "string" },
  address: { type: "string" },
  "https-port": { type: "string" },
  "http-port": { type: "string" },
  ca: { type: "string" },
  user: { type: "string" },
  write: { type: "boolean" },
  json: { type: "boolean" },
  timeout: { type: "string" },
  "expiry-days": { type: "string" },
  help: { type: "boolean" },
} as const;

type Name = keyof typeof known;

/**
 * Reads the command line.
 * @param project Folder of the project, in which stack files lie.
 * @throws UsageError with every mistake
 */
export function parseOptions(args: readonly string[], project: string): Options | "help" {
  const { text, has, problems } = readCommandLine(args, known);
  if (has("help")) return "help";
  const number = (name: Name, otherwise: number, least: number, most: number): number => {
    const given = text(name);
    const value = Number(given ?? otherwise);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    problems.push(`--${name} must be a whole number from ${least} to ${most}, not "${given ?? ""}"`);
    return otherwise;
  };
  const stack = text("stack") ?? "";
  const address = text("address");
  if (address !== undefined && isIP(address) === 0) problems.push(`--address must be an IP address, not "${address}"`);
  const user = text("user");
  if (has("write") && user === undefined)
    problems.push("--write needs --user: objects are written as that user, and a pod runs in that user's namespace");
  const options: Options = {
    stack,
    stackFile: stackFilePath(stack, text("config-file"), project, problems),
    address,
    httpsPort: has("https-port") ? number("https-port", 443, 1, 65_535) : undefined,
    httpPort: has("http-port") ? number("http-port", 80, 1, 65_535) : undefined,
    authorities: authoritiesIn(text("ca"), problems),
    user,
    write: has("write"),
    json: has("json"),
    timeout: number("timeout", 10, 1, 600),
    expiryDays: number("expiry-days", 14, 0, 36_500),
  };
  if (problems.length > 0) throw new UsageError(problems);
  return options;
}

function authoritiesIn(file: string | undefined, problems: string[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    const pem = readFileSync(file, "utf8");
    if (isAuthority(pem)) return pem;
    problems.push(`--ca ${file} does not hold certificates of an authority in PEM`);
  } catch (error) {
    problems.push(`--ca ${file} cannot be read: ${(error as Error).message}`);
  }
  return undefined;
}
