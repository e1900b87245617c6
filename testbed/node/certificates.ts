import { spawn } from "node:child_process";
import { once } from "node:events";

/** Makes the node's authority, and certificates by it, as files of a folder. */
export async function makeCertificates(
  program: string,
  folder: string,
  certificates: readonly object[],
): Promise<void> {
  const child = spawn(program, ["pki", folder], { stdio: ["pipe", "inherit", "inherit"] });
  child.stdin.end(JSON.stringify(certificates));
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error("the node's certificates could not be made");
}
