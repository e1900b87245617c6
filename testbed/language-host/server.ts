import { createRequire } from "node:module";
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { runProgram, type ProgramRun } from "./program.ts";
import type * as languageMessages from "@pulumi/pulumi/proto/language_pb.js";
import type * as pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type {
  AboutResponse,
  GetProgramDependenciesResponse,
  GetRequiredPackagesResponse,
  LanguageHandshakeResponse,
  RunRequest,
  RunResponse,
  RuntimeOptionsResponse,
} from "@pulumi/pulumi/proto/language_pb.js";

// The generated messages define their exports at run time, where an import statement cannot see them.
const require = createRequire(import.meta.url);
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb") as {
  LanguageRuntimeService: UntypedService;
};
const messages = require("@pulumi/pulumi/proto/language_pb") as typeof languageMessages;
const plugins = require("@pulumi/pulumi/proto/plugin_pb") as typeof pluginMessages;
const { Empty } = require("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => object };
const { version } = require("@pulumi/pulumi/package.json") as { version: string };

type UntypedService = Parameters<Server["addService"]>[0];

/** A serving language host. */
export interface LanguageHost {
  readonly port: number;
  /** Ends running programs as well. */
  stop(): void;
}

/**
 * Serves the part of Pulumi's language host protocol that previews, updates, refreshes and destroys of an installed
 * project need.
 */
export async function serve(engineAddress: string): Promise<LanguageHost> {
  const programs = new AbortController();
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(LanguageRuntimeService, implementation(engineAddress, programs));
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) done(bound);
      else fail(error);
    });
  });
  const stop = () => {
    programs.abort();
    server.forceShutdown();
  };
  return { port, stop };
}

function implementation(engineAddress: string, programs: AbortController): UntypedServiceImplementation {
  const run = async (call: ServerUnaryCall<RunRequest, RunResponse>): Promise<RunResponse> => {
    const cancelled = new AbortController();
    call.on("cancelled", () => {
      cancelled.abort();
    });
    const result = await runProgram(
      programRun(call.request, engineAddress),
      AbortSignal.any([programs.signal, cancelled.signal]),
    );
    const response = new messages.RunResponse();
    if (result.bailed) response.setBail(true);
    else response.setError(result.error);
    return response;
  };
  return {
    handshake: answer((): LanguageHandshakeResponse => new messages.LanguageHandshakeResponse()),
    getPluginInfo: answer(() => {
      const info = new plugins.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    // Plugins are looked up when the program registers their first resource; none has to be installed before.
    getRequiredPackages: answer((): GetRequiredPackagesResponse => new messages.GetRequiredPackagesResponse()),
    about: answer((): AboutResponse => {
      const about = new messages.AboutResponse();
      about.setExecutable(process.execPath);
      about.setVersion(process.version);
      return about;
    }),
    getProgramDependencies: answer((): GetProgramDependenciesResponse => new messages.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: answer((): RuntimeOptionsResponse => new messages.RuntimeOptionsResponse()),
    run: answer(run),
    cancel: answer(() => {
      programs.abort();
      return new Empty();
    }),
  };
}

type Answer<Request, Response> = (call: ServerUnaryCall<Request, Response>) => Response | Promise<Response>;

function answer<Request, Response>(handle: Answer<Request, Response>) {
  return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): void => {
    asynchronous(handle, call).then(
      (response) => {
        done(null, response);
      },
      (error: unknown) => {
        done({ code: status.INTERNAL, message: String(error) });
      },
    );
  };
}

/** Turns an exception into a rejection. */
async function asynchronous<Request, Response>(
  handle: Answer<Request, Response>,
  call: ServerUnaryCall<Request, Response>,
): Promise<Response> {
  return handle(call);
}

function programRun(request: RunRequest, engineAddress: string): ProgramRun {
  const info = request.getInfo();
  const workingDirectory = request.getPwd();
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => {
    config[key] = value;
  });
  return {
    programDirectory: info?.getProgramDirectory() ?? workingDirectory,
    entryPoint: info?.getEntryPoint() ?? request.getProgram(),
    workingDirectory,
    arguments: request.getArgsList(),
    monitorAddress: request.getMonitorAddress(),
    engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
    config,
    configSecretKeys: request.getConfigsecretkeysList(),
  };
}
