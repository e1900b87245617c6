/** Objects from a file, one provider, nothing else: no components, no dependencies, no settings. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../objects.ts";

class PlainObject extends pulumi.CustomResource {}

const config = new pulumi.Config();
const provider = new k8s.Provider("cluster", {
  kubeconfig: config.require("kubeconfig"),
  clusterIdentifier: "bench",
  enableConfigMapMutable: true,
  enableSecretMutable: true,
});
const objects = JSON.parse(readFileSync(config.require("objects"), "utf8")) as KubernetesObject[];
for (const object of objects) {
  const group = object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`;
  const { namespace = "", name } = object.metadata;
  new PlainObject(`kubernetes:${group}:${object.kind}`, `${namespace}/${name}`, { ...object }, { provider });
}
