/** A service from its launch to its end, as people have it; and what nobody gets by a launch. */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { until } from "../../testbed/node/until.ts";
import { adminSecret } from "../../components/identity/names.ts";
import { namespaces } from "../../components/names.ts";
import { Lab, type RunningService } from "./lab.ts";
import { minutes, type Walk } from "./walk.ts";

const name = "page";

export function launches(walk: () => Walk): void {
  describe("a service", () => {
    let alice: Lab;
    let bob: Lab;
    /** What counted in alice's quota before. */
    let usage: string;

    beforeAll(async () => {
      alice = await Lab.of(walk(), "alice");
      bob = await Lab.of(walk(), "bob");
      usage = await quotaOf(alice);
    }, 10 * minutes);

    afterAll(async () => {
      for (const lab of [alice, bob]) await lab.remove(name);
    }, 2 * minutes);

    const quotaOf = async (lab: Lab) => (await lab.send("GET", "/my-lab/quota")).text;
    /** Waits until the person sees it in the wanted state. */
    const shown = async (lab: Lab, wanted: (service: RunningService) => boolean): Promise<RunningService> => {
      let found: RunningService | undefined;
      await until(`${name} in the list of ${lab.namespace}`, AbortSignal.timeout(5 * minutes), async () => {
        found = (await lab.services()).find((service) => service.name === name);
        return found !== undefined && wanted(found);
      });
      return found as RunningService;
    };
    const runs = ({ controllers }: RunningService) =>
      controllers.every(({ healthy, details }) => healthy && details.desired === 1);
    /** Names of the namespace's objects that belong to a release, its records among them. */
    const objectsOf = async (namespace: string, release: string): Promise<string[]> => {
      const kinds = "statefulset,pod,service,ingress,configmap,persistentvolumeclaim,secret,role,rolebinding";
      const all = await walk().platform.kubectl(["get", kinds, "--namespace", namespace, "-o", "name"]);
      return all.split("\n").filter((line) => new RegExp(`[/.]${release}([-.]|$)`).test(line));
    };
    const goneFrom = (namespace: string, release: string) =>
      until(`the end of ${release}`, AbortSignal.timeout(2 * minutes), async () => {
        return (await objectsOf(namespace, release)).length === 0;
      });

    it("has a form with the platform's settings in it", async () => {
      const { status, text } = await alice.send("GET", "/my-lab/schemas/inside/charts/hello/versions/1.0.0");
      expect(status).toBe(200);
      // The chart's own says 1Gi.
      expect(JSON.parse(text)).toMatchObject({
        properties: { persistence: { properties: { size: { default: "10Gi" } } } },
      });
    });

    it(
      "is launched, and shows its page at an address of its own",
      async () => {
        for (const lab of [alice, bob]) {
          const answer = await lab.launch(name, { extraEnvVars: [{ name: "PLAIN", value: "a value" }] });
          expect([answer.status, answer.status === 200 ? "" : answer.text]).toEqual([200, ""]);
          await shown(lab, runs);
        }
        expect(await shown(alice, runs)).toMatchObject({
          owner: "alice",
          urls: [`https://${alice.host(name)}/`],
          suspended: false,
        });
        expect(await visits()).toBe(1);
      },
      10 * minutes,
    );

    /** Alice looks at the page, which counts her. The controller may learn of it a moment later. */
    const visits = async (): Promise<number> => {
      const person = await walk().person("alice");
      const page = await person.context.newPage();
      try {
        await until(alice.host(name), AbortSignal.timeout(minutes), async () => {
          return (await page.goto(`https://${alice.host(name)}/ready`))?.status() === 200;
        });
        await page.goto(`https://${alice.host(name)}/`);
        await page.getByRole("heading", { name: `Hello from ${name}` }).waitFor();
        return Number(await page.locator("#visits").innerText());
      } finally {
        await page.close();
      }
    };

    it(
      "tells its owner what it writes",
      async () => {
        const { tasks } = await shown(alice, runs);
        const query = new URLSearchParams({ serviceId: name, taskId: tasks[0]?.id ?? "" });
        const { status, text } = await alice.send("GET", `/my-lab/app/logs?${query.toString()}`);
        expect([status, text]).toEqual([200, expect.stringContaining("hello listens on 8080")]);
      },
      2 * minutes,
    );

    it(
      "pauses and goes on, with what it had written",
      async () => {
        await alice.change("suspend", name);
        await shown(alice, ({ suspended, tasks }) => suspended && tasks.length === 0);
        await alice.change("resume", name);
        await shown(alice, runs);
        expect(await visits()).toBe(2);
      },
      10 * minutes,
    );

    it(
      "is nobody else's: neither by its network nor through the portal's API",
      async () => {
        const pod = `${name}-0`;
        const where = ["--namespace", alice.namespace, "-o", "jsonpath={.status.podIP}"];
        const address = await walk().platform.kubectl(["get", "pod", pod, ...where]);
        const from = (lab: Lab) =>
          walk().platform.kubectl(["exec", pod, "--namespace", lab.namespace, "--", "node", "-e", connect(address)]);
        expect([await from(alice), await from(bob)]).toEqual(["connected", "no answer"]);
        for (const [method, path] of [
          ["GET", "/my-lab/services"],
          ["GET", `/my-lab/app?serviceId=${name}`],
          ["DELETE", `/my-lab/app?path=${name}`],
        ] as const) {
          const { status, text } = await bob.send(method, path, undefined, alice.namespace);
          expect([method, status, text.includes(alice.host(name))]).toEqual([method, 403, false]);
        }
      },
      3 * minutes,
    );

    const stolen = `{{ (lookup "v1" "Secret" "${namespaces.identity}" "${adminSecret}").data.password | b64dec }}`;
    // In front of and behind it stand the ends of the document that it breaks out of.
    const smuggled = `ClusterIP
  ports: [{port: 8080}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: mallory, namespace: user-bob}
subjects: [{kind: ServiceAccount, name: default, namespace: user-alice}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
---
apiVersion: v1
kind: Service
metadata: {name: attempt-rest}
spec:
  type: ClusterIP`;

    it.each<[string, object]>([
      ["a template in an environment variable", { extraEnvVars: [{ name: "STOLEN", value: stolen }] }],
      ["a template in a value that no schema names", { greeting: stolen }],
      ["an object in a neighbour's namespace", { networking: { type: smuggled } }],
    ])(
      "is refused with %s, and nothing of it stays",
      async (_, options) => {
        const { password = "" } = await walk().platform.secret(namespaces.identity, adminSecret);
        expect(password).not.toBe("");
        const { status, text } = await alice.launch("attempt", options);
        expect([400, 500]).toContain(status);
        expect(text).not.toContain(password);
        await goneFrom(alice.namespace, "attempt");
        expect(await objectsOf(bob.namespace, "mallory")).toEqual([]);
      },
      3 * minutes,
    );

    it(
      "ends without a trace",
      async () => {
        expect(await alice.remove(name)).toBe(true);
        await goneFrom(alice.namespace, name);
        await until("alice's quota", AbortSignal.timeout(minutes), async () => (await quotaOf(alice)) === usage);
        expect(await alice.services()).toEqual([]);
      },
      5 * minutes,
    );
  });
}

/** A program that says whether a port of another pod answers. */
function connect(address: string): string {
  return `const socket = require("net").connect(8080, "${address}");
const say = (text) => { process.stdout.write(text); process.exit(); };
socket.on("connect", () => say("connected")).on("error", ({ code }) => say(code));
setTimeout(() => say("no answer"), 8000);`;
}
