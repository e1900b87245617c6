/** Pictures for the documents, made by the walk itself. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import type { Person } from "./person.ts";

const folder = join(import.meta.dirname, "../../docs/images");

/** Set to write them; without it test runs leave the checkout as it is. */
const variable = "DATALAB_PICTURES";

/** Takes a picture of what the person sees, 1000 × 650. */
export async function picture(person: Person, name: "login" | "own-bucket" | "refusal"): Promise<void> {
  if ((process.env[variable] ?? "") === "") return;
  mkdirSync(folder, { recursive: true });
  await person.page.screenshot({ path: join(folder, `${name}.png`) });
}
