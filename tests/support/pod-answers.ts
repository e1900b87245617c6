/**
 * A `kubectl` that answers for what runs in pods: on simulated nodes nothing does. Everything else is the real one's.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { namespaces } from "../../components/names.ts";

/** What is in the files until a test says otherwise: a platform that works. */
const usual = {
  /** Log of the portal's API. */
  "api-log": "",
  /** What a script in the API's pod prints. */
  run: "attempt api-server connected\nattempt keycloak closed\n",
  /** What the doctor's pod in a workspace prints. */
  trial: [
    ...["store", "identity", "portal", "packages"].map((key) => `attempt ${key} connected\n`),
    ...["keycloak", "database", "metadata", "kubelet"].map((key) => `attempt ${key} closed\n`),
  ].join(""),
} as const;

export class PodAnswers {
  /** Folder of the program, for the PATH. */
  readonly folder: string;

  /** @param keycloak variables of the real one, in whose place scripts of its pod run */
  constructor(folder: string, kubectl: string, keycloak: Readonly<Record<string, string>>) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(usual)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "made"), "");
    const variables = Object.entries(keycloak).map(([name, value]) => `${name}='${value}'`);
    const script = `#!/bin/sh
cd "${folder}"
case "$*" in
  *" create --raw="*) cat >/dev/null; echo "made" >>made ;;
  *" delete --raw="*) echo "deleted" >>made ;;
  *" exec --namespace=${namespaces.identity} "*) for script; do :; done; exec env ${variables.join(" ")} sh -c "$script" ;;
  *" exec "*) cat run ;;
  */pods/datalab-doctor-*/log) cat trial ;;
  */pods/datalab-doctor-*) echo '{"metadata":{"name":"it","namespace":"it"},"spec":{},"status":{"phase":"Succeeded"}}' ;;
  */log?*) cat api-log ;;
  *) exec "${kubectl}" "$@" ;;
esac
`;
    writeFileSync(join(folder, "kubectl"), script, { mode: 0o755 });
  }

  /** Lets one of them say something else, until it is mended. */
  say(name: keyof typeof usual, text: string): () => void {
    writeFileSync(join(this.folder, name), text);
    return () => {
      writeFileSync(join(this.folder, name), usual[name]);
    };
  }

  /** What the doctor made in the cluster and deleted, in order. */
  get made(): readonly string[] {
    return readFileSync(join(this.folder, "made"), "utf8")
      .split("\n")
      .filter((line) => line !== "");
  }
}
