/** Runs the program without an engine and writes down what it asks for: seconds less than a preview, and no cluster. */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import process from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

import type * as messages from "@pulumi/pulumi/proto/resource_pb.js";

import { type Graph, graphOf, type State } from "../digest/graph.ts";

// The generated messages define their exports at run time, where an import statement cannot see them.
const { RegisterResourceResponse } = createRequire(import.meta.url)(
  "@pulumi/pulumi/proto/resource_pb",
) as typeof messages;

const [project, stackType] = ["datalab", "pulumi:pulumi:Stack"];

/** What the SDK registers at; its typings leave it out. */
interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: messages.RegisterResourceRequest, answer: Answer<messages.RegisterResourceResponse>): void;
  registerResourceOutputs(request: unknown, answer: Answer<object>): void;
}

type Answer<T> = (error: null, response: T) => void;

/**
 * The graph that `build` asks for, computed values unknown, as in the first preview.
 * @throws what `build` throws
 */
export async function recordGraph(stack: string, build: () => Promise<void>): Promise<Graph> {
  const states: State[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: () => ({ id: undefined, state: {} }),
      call: ({ token }) => {
        throw new Error(`${token} needs the engine`);
      },
    },
    project,
    stack,
    true,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  monitor.newUrn = (parent, type, name) => {
    const types = parent === "" || parent.includes(stackType) ? type : `${parent.split("::")[2] ?? ""}$${type}`;
    return `urn:pulumi:${stack}::${project}::${types}::${name}`;
  };
  // Answered here, and not by the mocks: they would read all inputs and write them again.
  monitor.registerResource = (request, answer) => {
    const state = stateOf(request, monitor);
    states.push(state);
    const response = new RegisterResourceResponse();
    response.setUrn(state.urn);
    response.setObject(request.getObject());
    answer(null, response);
  };
  monitor.registerResourceOutputs = (_request, answer) => {
    answer(null, {});
  };
  const silent = () => Promise.resolve();
  Object.assign(pulumi.log, { info: silent, warn: silent });
  // What fails inside of an `apply` fails without anybody who waits for it.
  const failures: unknown[] = [];
  const hear = (reason: unknown) => {
    failures.push(reason);
  };
  process.on("unhandledRejection", hear);
  // The SDK writes one down for every promise, in half of the time that all of this takes.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await build();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    await pulumi.runtime.disconnect();
    await nextTurn();
    process.off("unhandledRejection", hear);
  }
  const [failure] = failures;
  if (failure !== undefined)
    throw failure instanceof Error ? failure : new Error("the program failed", { cause: failure });
  return graphOf(states);
}

function stateOf(request: messages.RegisterResourceRequest, monitor: Monitor): State {
  const [parent, provider] = [request.getParent(), request.getProvider()];
  return {
    urn: monitor.newUrn(parent, request.getType(), request.getName()),
    type: request.getType(),
    custom: request.getCustom(),
    protect: request.getProtect() === true,
    ...(parent !== "" && { parent }),
    ...(provider !== "" && { provider }),
    dependencies: request.getDependenciesList(),
    inputs: withoutSecrets(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
  };
}

/** Key of the object that stands for a secret, on its way to the engine. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** Two secrets can be told apart by their fingerprints, and cannot be read. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value) return `secret ${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
