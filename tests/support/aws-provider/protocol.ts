/**
 * Serves Pulumi's resource provider protocol. @pulumi/pulumi/provider serves it as well, but tells a provider neither
 * its configuration nor whether it is asked for a preview, and knows no detailed differences.
 */
import { createRequire } from "node:module";

import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type * as pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

import type { Failure } from "./check-shape.ts";
import type { Difference } from "./difference.ts";
import type { RecordingAws } from "./provider.ts";
import type { Value, Values } from "./values.ts";

// The generated messages define their exports at run time, where an import statement cannot see them.
const require = createRequire(import.meta.url);
type UntypedService = Parameters<Server["addService"]>[0];
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb") as {
  ResourceProviderService: UntypedService;
};
const messages = require("@pulumi/pulumi/proto/provider_pb") as typeof providerMessages;
const plugins = require("@pulumi/pulumi/proto/plugin_pb") as typeof pluginMessages;
const structs = require("google-protobuf/google/protobuf/struct_pb") as { Struct: typeof Struct };
const { Empty } = require("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => object };

/** Serves on loopback. */
export async function serve(aws: RecordingAws, version: string): Promise<number> {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, implementation(aws, version));
  return new Promise((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) done(port);
      else fail(error);
    });
  });
}

function implementation(aws: RecordingAws, version: string): UntypedServiceImplementation {
  return {
    getPluginInfo: answer(() => {
      const info = new plugins.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    checkConfig: answer(({ request }: Call<providerMessages.CheckRequest>) =>
      checked(values(request.getNews()), aws.checkConfig(nested(values(request.getNews())))),
    ),
    configure: answer(({ request }: Call<providerMessages.ConfigureRequest>) => {
      aws.configure(nested(values(request.getArgs())));
      const response = new messages.ConfigureResponse();
      response.setSupportspreview(true);
      return response;
    }),
    check: answer(({ request }: Call<providerMessages.CheckRequest>) => {
      const olds = request.getOlds();
      const { inputs, failures } = aws.check(tokenOf(request.getUrn()), request.getUrn(), values(request.getNews()), {
        olds: olds && values(olds),
        seed: Buffer.from(request.getRandomseed_asU8()).toString("hex"),
      });
      return checked(inputs, failures);
    }),
    diff: answer(({ request }: Call<providerMessages.DiffRequest>) => {
      const token = tokenOf(request.getUrn());
      return diffed(aws.diff(token, values(request.getOldInputs()), values(request.getNews())));
    }),
    create: answer(async ({ request }: Call<providerMessages.CreateRequest>) => {
      const { id, outputs } = await aws.create(change(request, request.getProperties()));
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(struct(outputs));
      return response;
    }),
    update: answer(async ({ request }: Call<providerMessages.UpdateRequest>) => {
      const outputs = await aws.update(request.getId(), change(request, request.getNews()), values(request.getOlds()));
      const response = new messages.UpdateResponse();
      response.setProperties(struct(outputs));
      return response;
    }),
    read: answer(({ request }: Call<providerMessages.ReadRequest>) => {
      const response = new messages.ReadResponse();
      const resource = aws.read(tokenOf(request.getUrn()), request.getId());
      if (resource === undefined) return response;
      response.setId(resource.id);
      response.setProperties(struct(resource.outputs));
      response.setInputs(struct(resource.inputs));
      return response;
    }),
    delete: answer(async ({ request }: Call<providerMessages.DeleteRequest>) => {
      await aws.delete(tokenOf(request.getUrn()), request.getUrn(), request.getId());
      return new Empty();
    }),
    invoke: answer(({ request }: Call<providerMessages.InvokeRequest>) => {
      throw new Error(`${request.getTok()}: the platform is made without looking anything up`);
    }),
    cancel: answer(() => new Empty()),
  };
}

type Call<Request> = ServerUnaryCall<Request, unknown>;

function answer<Request, Response>(handle: (call: Call<Request>) => Response | Promise<Response>) {
  return (call: Call<Request>, done: sendUnaryData<Response>): void => {
    Promise.resolve(call)
      .then(handle)
      .then(
        (response) => {
          done(null, response);
        },
        (error: unknown) => {
          done({ code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
        },
      );
  };
}

/** `urn:pulumi:stack::project::parent$aws:eks/cluster:Cluster::name` */
function tokenOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function change(request: providerMessages.CreateRequest | providerMessages.UpdateRequest, inputs: Struct | undefined) {
  const urn = request.getUrn();
  const name = urn.split("::").at(-1) ?? "";
  return { urn, token: tokenOf(urn), name, inputs: values(inputs), preview: request.getPreview() };
}

function checked(inputs: Values, failures: readonly Failure[]): providerMessages.CheckResponse {
  const response = new messages.CheckResponse();
  response.setInputs(struct(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new messages.CheckFailure();
      failure.setProperty(property);
      failure.setReason(property === "" ? reason : `${property}: ${reason}`);
      return failure;
    }),
  );
  return response;
}

function diffed(found: {
  differences: readonly Difference[];
  deleteBeforeReplace: boolean;
}): providerMessages.DiffResponse {
  const { Kind } = messages.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const response = new messages.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(found.differences.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replaces } of found.differences) {
    const detail = new messages.PropertyDiff();
    detail.setKind(kinds[kind][replaces ? 1 : 0]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
    response.addDiffs(path);
    if (replaces) response.addReplaces(path);
  }
  response.setDeletebeforereplace(found.deleteBeforeReplace);
  return response;
}

/** A provider's configuration arrives with everything but strings as JSON. */
function nested(config: Values): Values {
  const entries = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? parsed(value) : value,
  ]);
  return Object.fromEntries(entries) as Values;
}

function parsed(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

function values(given: Struct | undefined): Values {
  return given?.toJavaScript() ?? {};
}

function struct(given: Values): Struct {
  // As JSON, nothing is undefined.
  return structs.Struct.fromJavaScript(JSON.parse(JSON.stringify(given)) as typeof given);
}
