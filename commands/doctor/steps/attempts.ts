/** Attempts to connect from inside the cluster, with what the image of the portal's API holds: a shell and GNU wget. */

export interface Attempt {
  /** Word that names it in the answer. */
  readonly key: string;
  /** Address; the shell puts in variables. */
  readonly url: string;
}

/**
 * `connected`: somebody accepted, whatever came then. `untrusted`: so too, with a certificate that is not trusted.
 * `closed`: nobody accepted; networks that enforce policies drop or refuse. `unresolved`: the name has no address.
 */
export type Answer = "connected" | "untrusted" | "closed" | "unresolved";

/** In seconds. */
const patience = 5;

/** A script for `sh` that tries them all at once, and prints what became of each. @param authorities file to trust too */
export function attemptScript(attempts: readonly Attempt[], authorities?: string): string {
  const trust = authorities === undefined ? "" : ` --ca-certificate=${authorities}`;
  return `export LC_ALL=C
wget --version 2>/dev/null | grep -q "GNU Wget" || { echo "no wget"; exit 0; }
attempt() {
  status=0
  said=$(wget --no-proxy --no-hsts --tries=1 --timeout=${patience} --max-redirect=0 --output-document=/dev/null${trust} "$2" 2>&1) || status=$?
  case $said in
    *"unable to resolve"*) word=unresolved ;;
    *"... connected."*) if [ $status -eq 5 ]; then word=untrusted; else word=connected; fi ;;
    *) word=closed ;;
  esac
  echo "attempt $1 $word"
}
${attempts.map(({ key, url }) => `attempt ${key} "${url}" &`).join("\n")}
wait
`;
}

/** What the script has printed, by key; undefined for what it did not come to. */
export function answersIn(output: string): (key: string) => Answer | undefined {
  const answers = new Map(
    [...output.matchAll(/^attempt (\S+) (connected|untrusted|closed|unresolved)$/gm)].map(
      ([, key = "", answer = ""]) => [key, answer as Answer],
    ),
  );
  return (key) => answers.get(key);
}
