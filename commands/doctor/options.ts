/** The command line of `npm run doctor`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { isAuthority } from "../../components/certificates/pem.ts";
import { closest } from "../../stacks/settings/near-misses.ts";

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

/** Everything that is wrong with the command line or with the stack file, in one error. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.map((problem) => `- ${problem}`).join("\n"));
    this.problems = problems;
  }
}

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
  const problems: string[] = [];
  const { texts, flags } = read(args, problems);
  if (flags.has("help")) return "help";
  const number = (name: Name, otherwise: number, least: number, most: number): number => {
    const text = texts.get(name);
    const value = Number(text ?? otherwise);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    problems.push(`--${name} must be a whole number from ${least} to ${most}, not "${text ?? ""}"`);
    return otherwise;
  };
  const stack = texts.get("stack") ?? "";
  const address = texts.get("address");
  if (address !== undefined && isIP(address) === 0) problems.push(`--address must be an IP address, not "${address}"`);
  const user = texts.get("user");
  if (flags.has("write") && user === undefined)
    problems.push("--write needs --user: objects are written as that user, and a pod runs in that user's namespace");
  const options: Options = {
    stack,
    stackFile: stackFileOf(stack, texts.get("config-file"), project, problems),
    address,
    httpsPort: texts.has("https-port") ? number("https-port", 443, 1, 65_535) : undefined,
    httpPort: texts.has("http-port") ? number("http-port", 80, 1, 65_535) : undefined,
    authorities: authoritiesIn(texts.get("ca"), problems),
    user,
    write: flags.has("write"),
    json: flags.has("json"),
    timeout: number("timeout", 10, 1, 600),
    expiryDays: number("expiry-days", 14, 0, 36_500),
  };
  if (problems.length > 0) throw new UsageError(problems);
  return options;
}

function read(args: readonly string[], problems: string[]) {
  const texts = new Map<string, string>();
  const flags = new Set<string>();
  let afterPassword = false;
  const { tokens } = parseArgs({ args: [...args], options: known, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") {
      // What follows such an option may be the password itself.
      if (!afterPassword) problems.push(`"${token.value}" is not an option`);
      afterPassword = false;
    }
    if (token.kind !== "option") continue;
    afterPassword = isPassword(token.rawName);
    const { name, rawName, value } = token;
    if (!isKnown(name)) problems.push(unknown(rawName));
    else if (known[name].type === "boolean") {
      flags.add(name);
      if (value !== undefined) problems.push(`${rawName} takes no value`);
    } else if (value === undefined || value === "") problems.push(`${rawName} needs a value`);
    else if (value.startsWith("-") && !token.inlineValue) problems.push(`${rawName} needs a value, not ${value}`);
    else if (texts.has(name)) problems.push(`${rawName} stands there twice`);
    else texts.set(name, value);
  }
  return { texts, flags };
}

function isKnown(name: string): name is Name {
  return Object.hasOwn(known, name);
}

function isPassword(option: string): boolean {
  return /^--?p(assword)?$/.test(option);
}

function unknown(option: string): string {
  if (isPassword(option)) {
    return `${option} is not an option: others could read it on the command line. Set DATALAB_PASSWORD, or type it when asked`;
  }
  const likely = closest(option.replace(/^-+/, ""), Object.keys(known));
  return `${option} is not an option${likely === undefined ? "" : `, did you mean --${likely}?`}`;
}

function stackFileOf(stack: string, given: string | undefined, project: string, problems: string[]): string {
  if (stack === "") problems.push("-s <stack> is missing");
  // A stack of Pulumi's cloud may be written as organisation/project/stack.
  const file = resolve(given ?? join(project, `Pulumi.${stack.split("/").at(-1) ?? ""}.yaml`));
  if (existsSync(file) || (stack === "" && given === undefined)) return file;
  const others = readdirSync(project).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  problems.push(`there is no ${file}${given === undefined ? `; stacks here: ${others.join(", ")}` : ""}`);
  return file;
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
