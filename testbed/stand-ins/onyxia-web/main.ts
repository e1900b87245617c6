/** A stand-in for Onyxia's web image: what it does and what it does not is told in testbed/docs/stand-ins.md. */
import process from "node:process";

import { layOut, webServer } from "./server.ts";

// Fixed in the image; arguments let it run anywhere else.
const [folder = "/usr/share/nginx/html", port = "8080"] = process.argv.slice(2);

for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) process.once(signal, () => process.exit(0));

try {
  layOut(folder, process.env);
} catch (error) {
  console.error(`onyxia-web does not start: files: ${folder} cannot be written, ${String(error)}`);
  process.exit(1);
}
webServer(folder).listen(Number(port), () => {
  console.log(`onyxia-web listens on ${port}`);
});
