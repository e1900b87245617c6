import { join } from "node:path";
import process from "node:process";

import { doctor } from "./doctor.ts";

process.exitCode = await doctor(process.argv.slice(2), {
  project: join(import.meta.dirname, "..", ".."),
  environment: process.env,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
});
