import { gibibytesOf, millicoresOf, type WorkspaceServices } from "../../workspaces/settings.ts";
import { bytesUpTo, cpuUpTo } from "./quantities.ts";
import { draft, type JsonSchema } from "./schema.ts";

const lowerEnd = { render: "slider", sliderExtremity: "down", sliderExtremitySemantic: "guaranteed" };
const upperEnd = { render: "slider", sliderExtremity: "up", sliderExtremitySemantic: "Maximum" };

/** CPU and memory of one service: sliders for people, patterns for whoever calls the API without the form. */
export function resources({ cpu, memory }: WorkspaceServices, gpu: boolean): JsonSchema {
  const cores = {
    title: "CPU",
    type: "string",
    pattern: cpuUpTo(cpu.most),
    sliderMin: 50,
    sliderMax: millicoresOf(cpu.most),
    sliderStep: 50,
    sliderUnit: "m",
    sliderRangeId: "cpu",
  };
  const bytes = {
    title: "Memory",
    type: "string",
    pattern: bytesUpTo(memory.most),
    sliderMin: 1,
    sliderMax: gibibytesOf(memory.most),
    sliderStep: 1,
    sliderUnit: "Gi",
    sliderRangeId: "memory",
  };
  const millicores = (value: string) => `${millicoresOf(value)}m`;
  return {
    $schema: draft,
    title: "Resources",
    description: "A service gets at least what it requests and never more than its limits.",
    type: "object",
    properties: {
      requests: {
        description: "Guaranteed",
        type: "object",
        properties: {
          cpu: { ...cores, default: millicores(cpu.request), ...lowerEnd },
          memory: { ...bytes, default: memory.request, ...lowerEnd },
        },
      },
      limits: {
        description: "Maximum",
        type: "object",
        properties: {
          cpu: { ...cores, default: millicores(cpu.limit), ...upperEnd },
          memory: { ...bytes, default: memory.limit, ...upperEnd },
          ...(gpu ? { "nvidia.com/gpu": gpus } : {}),
        },
      },
    },
  };
}

/** As in upstream's file: how many there are is the cluster's matter. */
const gpus = {
  title: "GPU",
  type: "string",
  pattern: "^[1-3]$",
  default: "1",
  render: "slider",
  sliderMin: 1,
  sliderMax: 3,
  sliderStep: 1,
  sliderUnit: "",
};
