import { describe, expect, it } from "@jest/globals";
import { z } from "zod";

import { closest, problemsOf, SettingsError, yamlPath } from "../../stacks/problems.ts";

const schema = z.strictObject({
  title: z.string(),
  replicas: z.int().min(1).default(1),
  store: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("minio"), size: z.string().regex(/Gi$/, "must end with Gi") }),
    z.strictObject({ kind: z.literal("s3"), bucket: z.string() }),
  ]),
  users: z.array(z.strictObject({ name: z.string() })).default([]),
  clients: z.record(z.string(), z.strictObject({ urls: z.array(z.string()).min(1) })).default({}),
});

const valid = { title: "Lab", store: { kind: "minio", size: "1Gi" } };

function found(change: Record<string, unknown>) {
  return problemsOf("portal", schema, { ...valid, ...change }).map(({ path, message, cure }) => ({
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

describe("closest", () => {
  it("ignores case and small slips, and stays silent about other words", () => {
    expect(closest("objectstore", ["objectStore", "portal"])).toBe("objectStore");
    expect(closest("ingres", ["ingress", "identity"])).toBe("ingress");
    expect(closest("banana", ["ingress", "identity"])).toBeUndefined();
  });
});
