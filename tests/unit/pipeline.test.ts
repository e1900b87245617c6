import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { commentMark, longest } from "../../commands/digest/print/markdown.ts";
import { parseArguments } from "../../commands/pipeline/arguments.ts";
import { commentOn } from "../../commands/pipeline/digest-comment.ts";
import { driftIn, driftText, driftTitle, reportDrift } from "../../commands/pipeline/drift.ts";
import { ForgeError } from "../../commands/pipeline/forge.ts";
import { pipelinePlace } from "../../commands/pipeline/place.ts";
import { permissionsPolicy, trustPolicy } from "../../commands/pipeline/role.ts";
import { previewedGraph } from "../support/digest.ts";
import { stackFile } from "../support/stack-file.ts";

interface Entry {
  id: number;
  text: string;
  author: "own" | "person";
  state: "open" | "closed";
}

/** One list of comments or issues, as either forge shows it. */
class Forge {
  readonly entries: Entry[] = [];
  readonly asked: string[] = [];
  status = 200;
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const url = new URL(request.url ?? "", "http://forge");
        const token = request.headers.authorization ?? request.headers["private-token"];
        this.asked.push(`${request.method ?? ""} ${url.pathname} ${String(token)}`);
        response.statusCode = this.status;
        const given = body === "" ? undefined : (JSON.parse(body) as Record<string, string>);
        response.end(JSON.stringify(this.#answer(request.method ?? "", url, given)));
      });
    });
    await new Promise<void>((done) => this.#server?.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.close();
  }

  #answer(method: string, url: URL, body: Record<string, string> | undefined): unknown {
    if (url.pathname === "/user") return { id: 7 };
    const text = body?.["body"] ?? body?.["description"] ?? "";
    if (method === "POST") this.entries.push({ id: this.entries.length + 1, text, author: "own", state: "open" });
    if (method === "PATCH" || method === "PUT") {
      const entry = this.entries.find(({ id }) => String(id) === url.pathname.split("/").at(-1))!;
      if (text !== "") entry.text = text;
      if (body?.["state"] === "closed" || body?.["state_event"] === "close") entry.state = "closed";
    }
    const [page, size] = [Number(url.searchParams.get("page")), Number(url.searchParams.get("per_page"))];
    const open = this.entries.filter(({ state }) => state === "open");
    return open.slice((page - 1) * size, page * size).map(({ id, text: own, author }) => ({
      ...{ id, number: id, iid: id, body: own, description: own },
      user: { type: author === "own" ? "Bot" : "User" },
      author: { id: author === "own" ? 7 : 8 },
    }));
  }
}

let forge: Forge;
let base: string;

beforeEach(async () => {
  forge = new Forge();
  base = await forge.start();
});

afterEach(() => {
  forge.stop();
});

const variables = (kind: string): NodeJS.ProcessEnv =>
  kind === "GitHub"
    ? { GITHUB_API_URL: base, GITHUB_REPOSITORY: "example/datalab", GITHUB_TOKEN: "t0ken", PULL_REQUEST: "12" }
    : { CI_API_V4_URL: base, CI_PROJECT_ID: "3", GITLAB_TOKEN: "t0ken", CI_MERGE_REQUEST_IID: "12" };

const digest = (words: string) => `${commentMark("prod")}\n${words}\n`;

describe.each(["GitHub", "GitLab"])("a comment on %s", (kind) => {
  it("is written once, then changed, also where it is on a later page", async () => {
    for (let id = 1; id <= 130; id++) forge.entries.push({ id, text: `hello ${id}`, author: "person", state: "open" });
    const comments = pipelinePlace(variables(kind)).comments();
    expect(await commentOn(comments, digest("first"), "prod")).toBe("created");
    expect(await commentOn(comments, digest("second"), "prod")).toBe("changed");
    expect(await commentOn(comments, digest("second"), "prod")).toBe("kept");
    expect(forge.entries.filter(({ author }) => author === "own").map(({ text }) => text)).toEqual([digest("second")]);
    expect(forge.asked[0]).toContain(kind === "GitHub" ? "Bearer t0ken" : "t0ken");
  });

  it("of a person who writes the mark is left alone", async () => {
    forge.entries.push({ id: 1, text: digest("mine"), author: "person", state: "open" });
    expect(await commentOn(pipelinePlace(variables(kind)).comments(), digest("ours"), "prod")).toBe("created");
    expect(forge.entries[0]?.text).toBe(digest("mine"));
  });

  it("that the forge refuses is an error without the token", async () => {
    forge.status = 403;
    const refused = commentOn(pipelinePlace(variables(kind)).comments(), digest("first"), "prod");
    await expect(refused).rejects.toThrow(ForgeError);
    await expect(refused).rejects.toThrow(/^GET .*: 403 Forbidden$/);
  });

  it("belongs to one stack", async () => {
    const comments = pipelinePlace(variables(kind)).comments();
    await commentOn(comments, digest("prod"), "prod");
    await commentOn(comments, `${commentMark("dev")}\ndev\n`, "dev");
    expect(forge.entries).toHaveLength(2);
  });

  it("is a digest that fits, whatever the job before it has written", () => {
    const comments = pipelinePlace(variables(kind)).comments();
    expect(() => commentOn(comments, "hello", "prod")).toThrow("no digest of stack prod");
    expect(() => commentOn(comments, digest("dev"), "dev")).toThrow("no digest of stack dev");
    expect(() => commentOn(comments, digest("x".repeat(longest)), "prod")).toThrow("characters");
    expect(forge.asked).toEqual([]);
  });

  it("needs the variables of its place", () => {
    for (const name of Object.keys(variables(kind))) {
      const without = Object.fromEntries(Object.entries(variables(kind)).filter(([key]) => key !== name));
      const message = name === "CI_API_V4_URL" ? "GITHUB_API_URL is not set" : `${name} is not set`;
      expect(() => pipelinePlace(without).comments()).toThrow(message);
    }
    const bad = { ...variables(kind), PULL_REQUEST: "12/../1", CI_MERGE_REQUEST_IID: "12/../1" };
    expect(() => pipelinePlace(bad).comments()).toThrow("no number");
  });
});

/** An event log of `pulumi refresh --preview-only`: what is looked at begins as `refresh`, and ends as what was found. */
const log = [
  { resourcePreEvent: { metadata: { op: "refresh", urn: urn("kubernetes:apps/v1:Deployment", "traefik") } } },
  { resOutputsEvent: { metadata: { op: "same", urn: urn("kubernetes:core/v1:Service", "traefik") } } },
  {
    resOutputsEvent: {
      metadata: {
        op: "update",
        urn: urn("kubernetes:apps/v1:Deployment", "traefik"),
        detailedDiff: { "spec.replicas": { kind: "update" } },
      },
    },
  },
  { resOutputsEvent: { metadata: { op: "delete", urn: urn("kubernetes:core/v1:ConfigMap", "realm") } } },
  { summaryEvent: {} },
]
  .map((event) => JSON.stringify(event))
  .join("\n");

function urn(type: string, name: string): string {
  return `urn:pulumi:prod::datalab::datalab:ingress:IngressController$${type}::${name}`;
}

describe("drift", () => {
  it("is read off the engine's events, without values", () => {
    expect(driftIn(log)).toEqual([
      { urn: urn("kubernetes:apps/v1:Deployment", "traefik"), is: "changed", fields: ["spec.replicas"] },
      { urn: urn("kubernetes:core/v1:ConfigMap", "realm"), is: "deleted", fields: [] },
    ]);
    expect(driftText("prod", driftIn(log))).toContain(
      "- `kubernetes:apps/v1:Deployment traefik` is changed (`spec.replicas`)\n- `kubernetes:core/v1:ConfigMap realm` is deleted",
    );
  });

  it.each(["GitHub", "GitLab"])("is one issue on %s as long as there is some, and is closed then", async (kind) => {
    const issues = pipelinePlace(variables(kind)).issues(driftTitle("prod"));
    expect(await reportDrift(issues, "prod", [])).toBe("none");
    expect(await reportDrift(issues, "prod", driftIn(log))).toBe("created");
    expect(await reportDrift(issues, "prod", driftIn(log).slice(1))).toBe("changed");
    expect(forge.entries).toHaveLength(1);
    expect(forge.entries[0]?.text).not.toContain("Deployment");
    expect(await reportDrift(issues, "prod", [])).toBe("closed");
    expect(forge.entries[0]?.state).toBe("closed");
    expect(await reportDrift(issues, "prod", driftIn(log))).toBe("created");
  });
});

describe("the role of a deployment", () => {
  it("is taken by one environment of one repository alone", () => {
    const request = { accountId: "123456789012", repository: "example/datalab", environment: "production" };
    expect(trustPolicy(request)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: {
            Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
          },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": "repo:example/datalab:environment:production",
            },
          },
        },
      ],
    });
  });

  it("reaches the services of the stack and no other", async () => {
    const policy = permissionsPolicy(await previewedGraph(stackFile("prod").values as never)) as {
      Statement: { Action: string[] }[];
    };
    expect(policy.Statement[0]?.Action).toEqual([
      "autoscaling:*",
      "ec2:*",
      "eks:*",
      "elasticfilesystem:*",
      "elasticloadbalancing:*",
      "iam:*",
      "kms:*",
      "logs:*",
      "route53:*",
      "s3:*",
    ]);
  }, 60_000);
});

describe("the command line of the pipeline", () => {
  it("names its tasks", () => {
    const role = ["role", "-s", "prod", "--repository", "example/datalab", "--environment", "production"];
    expect(parseArguments(role)).toMatchObject({ task: "role", repository: "example/datalab" });
    expect(parseArguments(["drift", "-s", "prod"])).toEqual({ task: "drift", stack: "prod" });
    expect(() => parseArguments(["comment", "-s", "prod"])).toThrow("--file is missing");
    expect(() => parseArguments(["deploy", "-s", "prod"])).toThrow("one of comment, drift, role?");
    expect(() => parseArguments([...role.slice(0, 3), "--repository", "*", "--environment", "x"])).toThrow("<owner>");
  });
});
