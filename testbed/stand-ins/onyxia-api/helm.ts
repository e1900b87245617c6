/** helm as the API runs it: by name, without a shell, with the API's own environment. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface HelmResult {
  /** -1 if the program could not be started. */
  readonly code: number;
  readonly output: string;
  /** For the log; the API reads only what is on standard output. */
  readonly errors: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export class Helm {
  readonly #environment: Environment;
  readonly #log: (line: string) => void;

  constructor(environment: Environment, log: (line: string) => void) {
    this.#environment = environment;
    this.#log = log;
  }

  /**
   * Runs a command line, split at its spaces. The real one looks at exit codes in one place only: elsewhere it
   * stumbles over an output that is not what it expects.
   */
  async run(commandLine: string): Promise<HelmResult> {
    const [program = "", ...args] = commandLine.trim().split(/\s+/);
    this.#log([program, ...args].join(" "));
    const child = spawn(program, args, { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    let [output, errors] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    try {
      const [code] = (await once(child, "close")) as [number | null];
      if (errors !== "") this.#log(errors.trimEnd());
      return { code: code ?? -1, output, errors };
    } catch (error) {
      this.#log(String(error));
      return { code: -1, output, errors: String(error) };
    }
  }

  /** The same, for an answer in JSON. @throws SyntaxError if there is none, which is how a failure shows */
  async json(commandLine: string): Promise<unknown> {
    const { output } = await this.run(`${commandLine} --output json`);
    return JSON.parse(output) as unknown;
  }
}
