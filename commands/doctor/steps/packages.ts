import { namespaces } from "../../../components/names.ts";
import type { Expectations } from "../expectations.ts";
import { failed, passed, type Step, warning } from "../step.ts";
import { excerpt, jsonIn, unavailable } from "./unavailable.ts";

/** Form that pip and uv ask for. @see https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
const accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.1";

const part = { name: "package index", namespace: namespaces.packages };

/** Whether the index answers as pip would have it: to everybody, or to nobody without a password. */
export function packagesStep({ index, own, reads }: NonNullable<Expectations["packages"]>): Step {
  const address = index.indexUrl;
  return {
    id: "packages",
    title: "package index answers",
    hop: "package index",
    needs: ["certificate:packages"],
    run: async ({ web }) => {
      const answer = await web.request(address, { headers: { accept } });
      const down = own ? unavailable(address, answer, part) : undefined;
      if (down !== undefined) return failed(down);
      if (reads === "authenticated" && answer.status === 401) return passed("with a password alone");
      const projects = (jsonIn(answer) as { projects?: readonly unknown[] } | undefined)?.projects;
      if (reads === "open" && answer.status === 200 && Array.isArray(projects))
        return passed(`packages: ${projects.length}`);
      if (reads === "open" && !own && answer.status === 200 && /<a\s/i.test(answer.text)) return passed("as a page");
      const problem = `${address} answers ${answer.status} instead of ${wanted(reads)}: ${excerpt(answer.text)}`;
      if (!own && reads === "open" && answer.status === 404) {
        const cure = "Install a package of it by its name; if that works, let it be";
        return warning({ problem, cause: "the address is not that of the index, or the server gives no list", cure });
      }
      return failed({
        problem,
        cause: own
          ? "the stack file was changed without `pulumi up`, or the servers cannot read their bucket"
          : "`datalab:packages` says something else than the server does, or it is down",
        cure: own
          ? `Run \`pulumi up\`, then look at \`kubectl --namespace ${part.namespace} logs deployment/packages\``
          : "Compare `datalab:packages` with the server, and ask whoever runs it",
      });
    },
  };
}

function wanted(reads: "open" | "authenticated"): string {
  return reads === "open" ? "a list of packages" : "401 without a password";
}
