/**
 * The charts of the program: the helm of Onyxia's API reads them from a repository and launches them, by the launcher and
 * with the API's command lines, in a workspace with all of the platform's rules.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { parseAllDocuments } from "yaml";

import { ownChartNames } from "../../components/catalogue/names.ts";
import { packOwnCharts } from "../../components/catalogue/own-charts.ts";
import { ensureHelm } from "../../testbed/helm/helm.ts";
import { commandLines } from "../support/launcher.ts";
import { type Answer, done, LauncherBench, until } from "../support/launcher-bench.ts";
import { launchValues } from "../support/own-charts.ts";
import { startRepository } from "../support/stand-in-api.ts";

// helm asks for every object, one after the other.
jest.setTimeout(180_000);

const namespace = "user-bob";
const domain = "lab.example.test";
const packages = packOwnCharts(ownChartNames);

let bench: LauncherBench;
let helm: string;
const cleanups: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  helm = await ensureHelm();
  bench = await LauncherBench.start([namespace]);
  cleanups.push(() => bench.stop());
  // The strictest that a workspace can have.
  const strict = "pod-security.kubernetes.io/enforce=restricted";
  done(bench.admin(["label", "namespace", namespace, strict, "--overwrite"]));
  const repository = await startRepository(packages);
  cleanups.push(repository.close);
  for (const { fileName, archive } of packages) bench.write(fileName, archive);
  done(await run(["repo", "add", "home", repository.url]));
}, 300_000);

afterAll(async () => {
  for (const clean of cleanups.toReversed()) await clean();
}, 60_000);

/** helm without a cluster. The repository is this process: nobody may wait here for helm. */
async function run(args: readonly string[]): Promise<Answer> {
  const env = { PATH: "", HOME: bench.plane.folder };
  return new Promise((resolve) => {
    execFile(helm, args, { env, timeout: 60_000 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code), output, errors });
    });
  });
}

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/** What a chart becomes, with its own values or with others. */
async function rendered(fileName: string, values?: unknown): Promise<Rendered[]> {
  bench.write("values.json", JSON.stringify(values ?? {}));
  const text = done(await run(["template", "thing", join(bench.plane.folder, fileName), "-f", file("values.json")]));
  return parseAllDocuments(text).map((document) => document.toJS() as Rendered);
}

const file = (name: string) => join(bench.plane.folder, name);

describe.each(packages.map(({ name, fileName, version }) => ({ name, fileName, version })))(
  "$name",
  ({ name, fileName, version }) => {
    const chart = name as (typeof ownChartNames)[number];

    it("is found in the repository, and is without fault for helm", async () => {
      expect(done(await run(["lint", "--strict", file(fileName)]))).toContain("1 chart(s) linted, 0 chart(s) failed");
      expect(JSON.parse(done(await run(["search", "repo", `home/${name}`, "--output", "json"])))).toMatchObject([
        { version },
      ]);
    });

    it("makes the same objects with its own values and with the form's, all with the label of the service", async () => {
      const kinds = (objects: readonly Rendered[]) => objects.map(({ kind }) => kind).toSorted();
      const plain = await rendered(fileName);
      expect(kinds(await rendered(fileName, launchValues(chart, namespace, domain)))).toEqual(kinds(plain));
      expect(plain.length).toBeGreaterThan(3);
      for (const { metadata } of plain) expect(metadata.labels["app.kubernetes.io/instance"]).toBe("thing");
    });

    it("is launched, paused, resumed and removed, and its pods are let in", async () => {
      const release = `${name}-117896`;
      bench.write("form.json", JSON.stringify(launchValues(chart, namespace, domain)));
      const wanted = name === "static-site" ? 2 : 1;
      const launch = commandLines.launch(release, `home/${name}`, namespace, file("form.json"));
      done(await bench.helmBeside(launch));
      await until(() => pods(release), pattern(wanted));
      done(await bench.helmBeside(commandLines.suspend(release, `home/${name}`, namespace, true)));
      await until(() => pods(release), pattern(0));
      done(await bench.helmBeside(commandLines.suspend(release, `home/${name}`, namespace, false)));
      await until(() => pods(release), pattern(wanted));
      done(await bench.helmBeside(commandLines.uninstall(release, namespace)));
      const all = "deployments,services,ingresses,configmaps,secrets,persistentvolumeclaims,poddisruptionbudgets";
      const left = ["-n", namespace, "get", all, "-l", `app.kubernetes.io/instance=${release}`, "-o", "name"];
      await until(() => done(bench.admin(left)), /^$/);
    });
  },
);

/** Names of a service's pods. */
function pods(release: string): string {
  const selector = ["-l", `app.kubernetes.io/instance=${release}`];
  return done(bench.admin(["-n", namespace, "get", "pods", ...selector, "-o", "name"]));
}

function pattern(count: number): RegExp {
  return new RegExp(`^(pod/[^\\n]+\\n){${count}}$`);
}

describe("values of a person's own", () => {
  const evil = 'a"\n---\nkind: Secret\nmetadata: {name: other}\n# {{ .Release.Name }}';

  it("stay texts: a page is one, and so is a token", async () => {
    const [site, jupyter] = [
      launchValues("static-site", namespace, domain),
      launchValues("jupyter-basic", namespace, domain),
    ];
    const page = await rendered("static-site-1.0.0.tgz", { ...site, page: evil });
    expect(page.length).toBe((await rendered("static-site-1.0.0.tgz")).length);
    expect(page.find(({ kind }) => kind === "ConfigMap")?.data).toEqual({ "index.html": evil });
    const notebook = await rendered("jupyter-basic-1.0.0.tgz", { ...jupyter, token: evil, image: evil });
    expect(notebook.length).toBe((await rendered("jupyter-basic-1.0.0.tgz")).length);
    expect(notebook.find(({ kind }) => kind === "Secret")?.stringData).toEqual({ token: evil });
  });

  it("are checked by helm too", async () => {
    bench.write("values.json", JSON.stringify({ replicas: "2" }));
    const { code, errors } = await run(["template", "thing", file("static-site-1.0.0.tgz"), "-f", file("values.json")]);
    expect([code, errors]).toEqual([1, expect.stringContaining("replicas")]);
  });
});
