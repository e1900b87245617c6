import { describe, expect, it } from "@jest/globals";
import { z } from "zod";

import { removeCommand, setCommand, yamlPath } from "../../stacks/settings/config-commands.ts";
import { credentialSettings, type Path } from "../../stacks/settings/cures.ts";
import { closest } from "../../stacks/settings/near-misses.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { problemsOf } from "../../stacks/settings/schema-problems.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { watched } from "../../stacks/settings/watched.ts";

const schema = z.strictObject({
  title: z.string(),
  replicas: z.int().min(1).default(1),
  store: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("minio"), size: z.string().regex(/Gi$/, "must end with Gi") }),
    z.strictObject({ kind: z.literal("s3"), bucket: z.string() }),
  ]),
  users: z.array(z.strictObject({ name: z.string() })).default([]),
  limits: z
    .strictObject({ low: z.int().default(1), high: z.int().default(2) })
    .refine(({ low, high }) => low <= high, "must hold low ≤ high")
    .prefault({}),
  pairs: z
    .array(z.int())
    .refine((list) => new Set(list).size === list.length, "must not hold one twice")
    .default([]),
  named: z.record(z.string().regex(/^[a-z]+$/, "must be lower case"), z.int()).default({}),
  zones: z
    .array(z.enum(["a", "b", "c", "d", "e", "f"]))
    .min(2, "must hold 2 or 3 zones")
    .max(3)
    .default(["a", "b"]),
  clients: z.record(z.string(), z.strictObject({ urls: z.array(z.string()).min(1) })).default({}),
});

const valid = { title: "Lab", store: { kind: "minio", size: "1Gi" } };

function found(change: Record<string, unknown>) {
  return problemsOf("portal", schema, { ...valid, ...change })
    .map(printed)
    .map(({ path, message, cure }) => ({
      path: yamlPath(path),
      message,
      cure,
    }));
}

describe("problems of a stack file", () => {
  it("are none where nothing is wrong", () => {
    expect(found({})).toEqual([]);
  });

  it("name an unknown key, the key that was meant, and how to remove it", () => {
    const [problem, ...more] = found({ replica: 2 });
    expect(more).toEqual([]);
    expect(problem?.path).toBe("datalab:portal.replica");
    expect(problem?.message).toContain("`replicas`");
    expect(problem?.cure).toContain("pulumi config rm --path 'datalab:portal.replica'");
  });

  it("know the keys of the branch that was chosen, not those of another", () => {
    const [problem] = found({ store: { kind: "s3", bucket: "b", buckets: "c" } });
    expect(problem?.message).toContain("`bucket`");
    expect(problem?.cure).not.toContain("size");
  });

  it("know the keys below lists and maps", () => {
    expect(found({ users: [{ name: "a", nam: "b" }] })[0]).toMatchObject({
      path: "datalab:portal.users[0].nam",
      message: expect.stringContaining("`name`") as unknown,
    });
    expect(found({ clients: { "my client": { urls: ["a"], url: "b" } } })[0]).toMatchObject({
      path: 'datalab:portal.clients["my client"].url',
      message: expect.stringContaining("`urls`") as unknown,
    });
  });

  it("list what is allowed and set the value that was meant", () => {
    const [problem] = found({ store: { kind: "mini0" } });
    expect(problem?.message).toContain("minio, s3");
    expect(problem?.cure).toBe("pulumi config set --path 'datalab:portal.store.kind' 'minio'");
  });

  it("tell a missing value from a wrong one", () => {
    expect(found({ title: undefined })[0]?.message).toMatch(/missing/);
    expect(found({ title: 3 })[0]?.message).toMatch(/must be a string, not a number/);
    expect(found({ replicas: "2" })[0]?.message).toMatch(/must be a number, not a string/);
  });

  it("say which number or count would do", () => {
    expect(found({ replicas: 0 })[0]).toMatchObject({
      message: "must be at least 1",
      cure: "pulumi config set --path 'datalab:portal.replicas' '1'",
    });
    expect(found({ clients: { a: { urls: [] } } })[0]?.cure).toContain("datalab:portal.clients.a.urls[0]");
  });

  it("never repeat a value, it may be a secret", () => {
    const text = JSON.stringify(found({ store: { kind: "minio", size: "hunter2" }, title: 4711 }));
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("4711");
  });

  it("come together in one error that names the stack", () => {
    const error = new SettingsError("prod", problemsOf("portal", schema, { replica: 1, store: {} }));
    expect(error.problems.map(({ path }) => yamlPath(path)).toSorted()).toEqual([
      "datalab:portal.replica",
      "datalab:portal.store.kind",
      "datalab:portal.title",
    ]);
    expect(error.message).toContain("Pulumi.prod.yaml");
    for (const { path } of error.problems) expect(error.message).toContain(yamlPath(path));
  });
});

describe("a cure", () => {
  const cure = (change: Record<string, unknown>) => found(change)[0]?.cure;

  it("makes the CLI write a text where a number or a truth value stands", () => {
    expect(cure({ title: 3 })).toBe("pulumi config set --type string --path 'datalab:portal.title' '<string>'");
    expect(cure({ title: true })).toContain("--type string");
    expect(setCommand(["portal", "title"], "8")).toContain("--type string");
    expect(setCommand(["portal", "replicas"], 8)).not.toContain("--type");
    // The CLI keeps those as texts.
    expect(setCommand(["portal", "title"], "1.36")).not.toContain("--type");
    expect(setCommand(["aws", "accountId"], "012345678901")).not.toContain("--type");
  });

  it("encrypts what must not stand in clear", () => {
    for (const path of credentialSettings) expect(setCommand(path, "<string>")).toMatch(/^pulumi config set --secret /);
    expect(setCommand(["identity", "smtp", "host"], "<host>")).not.toContain("--secret");
  });

  it("removes what is in the way of a list, an object or a single value", () => {
    expect(cure({ users: "ada" })?.split("\n")).toEqual([
      "pulumi config rm --path 'datalab:portal.users'",
      "pulumi config set --path 'datalab:portal.users[0].name' '<string>'",
    ]);
    expect(cure({ store: "minio" })?.split("\n")).toEqual([
      "pulumi config rm --path 'datalab:portal.store'",
      "pulumi config set --path 'datalab:portal.store.kind' 'minio'",
      "pulumi config set --path 'datalab:portal.store.size' '<string>'",
    ]);
    expect(cure({ title: ["x"] })?.split("\n")[0]).toBe("pulumi config rm --path 'datalab:portal.title'");
    expect(found({ users: "ada" })[0]?.message).toBe("must be an array, not a string");
  });

  it("never replaces an object or an entry by a text", () => {
    const order = found({ limits: { low: 2, high: 1 } })[0];
    expect(order?.message).toBe("must hold low ≤ high");
    expect(order?.cure.split("\n")).toEqual([
      "pulumi config set --path 'datalab:portal.limits.low' '<value>'",
      "pulumi config set --path 'datalab:portal.limits.high' '<value>'",
      "or, to take the defaults: pulumi config rm --path 'datalab:portal.limits.low'; pulumi config rm --path 'datalab:portal.limits.high'",
    ]);
    const twice = found({ pairs: [1, 1] })[0];
    expect(twice?.cure).toBe("In the stack file, change what stands below `datalab:portal.pairs`.");
    const name = found({ named: { Élodie: 1 } })[0];
    expect(name?.message).toBe("the name must be lower case");
    expect(name?.cure).toContain("write another name in the place of `Élodie`");
    expect(name?.cure).not.toContain("config set");
  });

  it("keeps what stands in a list that is too short or too long", () => {
    expect(cure({ zones: ["b"] })).toBe("pulumi config set --path 'datalab:portal.zones[1]' '<one of them>'");
    expect(cure({ zones: ["a", "b", "c", "d", "e"] })?.split("\n")).toEqual([
      "pulumi config rm --path 'datalab:portal.zones[4]'",
      "pulumi config rm --path 'datalab:portal.zones[3]'",
    ]);
    expect(cure({ zones: "a" })?.split("\n")).toEqual([
      "pulumi config rm --path 'datalab:portal.zones'",
      "pulumi config set --path 'datalab:portal.zones[0]' '<one of them>'",
      "pulumi config set --path 'datalab:portal.zones[1]' '<one of them>'",
    ]);
  });

  it("does not guess a word that nobody wrote", () => {
    expect(cure({ store: { kind: "ceph" } })).toBe(
      "pulumi config set --path 'datalab:portal.store.kind' '<one of them>'",
    );
    expect(cure({ store: {} })).toBe("pulumi config set --path 'datalab:portal.store.kind' 'minio'");
  });

  it("quotes what the shell and the CLI would take apart", () => {
    expect(setCommand(["portal", "it's", 'a"b'], "-5")).toBe(
      `pulumi config set --type string --path 'datalab:portal["it'\\''s"]["a\\"b"]' -- '-5'`,
    );
    expect(removeCommand(["a.b"])).toBe("pulumi config rm 'datalab:a.b'");
  });
});

describe("closest", () => {
  it("goes by meaning where letters mislead", () => {
    expect(closest("prod", ["staging", "production"])).toBe("production");
    expect(closest("production", ["PROD", "TEST"])).toBe("PROD");
    const regions = ["ap-northeast-1", "eu-west-1", "eu-west-3", "us-west-1"];
    expect(closest("cn-northwest-1", regions)).toBeUndefined();
    expect(closest("us-gov-west-1", regions)).toBeUndefined();
    expect(closest("eu-west3", regions)).toBe("eu-west-3");
    expect(closest("1.37", ["1.35", "1.36"])).toBeUndefined();
    expect(closest("1.34", ["1.35", "1.36"])).toBe("1.35");
  });

  it("ignores case and small slips, and stays silent about other words", () => {
    expect(closest("objectstore", ["objectStore", "portal"])).toBe("objectStore");
    expect(closest("ingres", ["ingress", "identity"])).toBe("ingress");
    expect(closest("banana", ["ingress", "identity"])).toBeUndefined();
  });
});

describe("watched settings", () => {
  const settings = { a: { b: [1, 2], c: { d: 3 } }, e: 4 };
  const touches = (read: (seen: typeof settings) => unknown, ...places: Path[]) => {
    const { settings: seen, isTouched } = watched(settings, places);
    read(seen);
    return isTouched();
  };

  it("notice what is read at a place or inside it, and nothing beside it", () => {
    expect(touches(({ a }) => a.c.d, ["a", "c"])).toBe(true);
    expect(touches(({ a }) => a.c.d, ["a", "c", "d"])).toBe(true);
    expect(touches(({ a }) => a.c, ["a", "c", "d"])).toBe(false);
    expect(touches(({ e }) => e, ["a"])).toBe(false);
    expect(touches(({ a }) => a.b[1], ["a", "b", 1])).toBe(true);
    expect(touches(({ a }) => a.b[0], ["a", "b", 1])).toBe(false);
  });

  it("notice who asks whether it is there, or how many there are", () => {
    expect(touches(({ a }) => "b" in a, ["a", "b"])).toBe(true);
    expect(touches(({ a }) => Object.keys(a), ["a", "x"])).toBe(true);
    expect(touches(({ a }) => a.b.length, ["a", "b", 7])).toBe(true);
    expect(touches(({ a }) => a.b.map(String), ["a", "c"])).toBe(false);
  });
});
