import { describe, type Step } from "./plan.ts";
import { duration } from "./progress.ts";
import { ensureToolchain, planToolchain, ToolchainError, ToolchainInterrupted } from "./toolchain.ts";

const usage = `Usage: node testbed/toolchain/install.ts [--list]

Installs the tools of the embedded platform into the user's cache.
  --list   shows each tool and how it would be obtained, and changes nothing

DATALAB_TOOLCHAIN=cache|online|offline   forces the source; otherwise it is found out
DATALAB_CACHE=<folder>                   the cache; otherwise datalab below XDG_CACHE_HOME or ~/.cache`;

async function main(args: readonly string[]): Promise<void> {
  const [option, ...rest] = args;
  if (option === "--list" && rest.length === 0) {
    for (const step of await planToolchain(new AbortController().signal)) console.log(line(step));
  } else if (option === undefined) {
    const begin = Date.now();
    const { directory } = await ensureToolchain();
    console.log(`The toolchain is complete (${duration(Date.now() - begin)}): ${directory}`);
  } else {
    throw new ToolchainError(usage);
  }
}

function line({ recipe, sources }: Step): string {
  const how = sources.length === 0 ? "in the cache" : sources.join(", else ");
  return `${describe(recipe).padEnd(36)}${how}`;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof ToolchainInterrupted) {
    console.error(error.message);
    process.exitCode = 130;
  } else if (error instanceof ToolchainError) {
    console.error(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
