/** Why a certificate is not issued, from what cert-manager says along its chain: request, order, proof. */
import { setCommand } from "../../stacks/settings/config-commands.ts";
import type { Reason } from "./reason.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Owned {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly creationTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
}

/** Conditions that any of these kinds has. */
interface WithConditions {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** @see https://cert-manager.io/docs/reference/api-docs/ */
export interface Certificate extends Owned, WithConditions {
  readonly spec: {
    readonly dnsNames?: readonly string[];
    readonly issuerRef: { readonly kind?: string; readonly name: string };
  };
}
export type CertificateRequest = Owned & WithConditions;
export type ClusterIssuer = Owned & WithConditions;
export interface Order extends Owned {
  readonly status?: { readonly state?: string; readonly reason?: string };
}
export interface Challenge extends Owned {
  readonly spec: { readonly dnsName: string; readonly type?: string };
  readonly status?: { readonly state?: string; readonly reason?: string };
}

/** What cert-manager has at one moment. */
export interface Issuing {
  readonly certificates: readonly Certificate[];
  readonly requests: readonly CertificateRequest[];
  readonly orders: readonly Order[];
  readonly challenges: readonly Challenge[];
  readonly issuers: readonly ClusterIssuer[];
}

/** As kubectl wants them. */
export const issuingKinds = [
  ...["certificates", "certificaterequests", "clusterissuers"].map((kind) => `${kind}.cert-manager.io`),
  ...["orders", "challenges"].map((kind) => `${kind}.acme.cert-manager.io`),
];

export function certificateReasons(issuing: Issuing): Reason[] {
  return issuing.certificates
    .filter((certificate) => conditionOf(certificate, "Ready")?.status !== "True")
    .map((certificate) => certificateReason(certificate, issuing));
}

/** What stands in the way. */
interface Obstacle {
  /** As the rest of a sentence. */
  readonly what: string;
  /** Whether time may heal it. */
  readonly starting: boolean;
}

function certificateReason(certificate: Certificate, issuing: Issuing): Reason {
  const { name, namespace = "" } = certificate.metadata;
  const { dnsNames = [], issuerRef } = certificate.spec;
  const { what, starting } = obstacleOf(certificate, issuing);
  return {
    key: `certificate ${namespace}/${name} ${starting ? "waits" : "fails"}`,
    starting,
    sentence: `The certificate ${namespace}/${name} for ${dnsNames.join(", ")} is not issued: ${what}. ${cureOf(what, issuerRef.name)}`,
  };
}

/** The nearer to the authority, the more is known. */
function obstacleOf(certificate: Certificate, { requests, orders, challenges, issuers }: Issuing): Obstacle {
  const request = newest(requests.filter((one) => isOf(one, certificate, "Certificate")));
  const order = newest(orders.filter((one) => request !== undefined && isOf(one, request, "CertificateRequest")));
  // What is proven has a reason too.
  const proofs = challenges.filter(
    (one) => order !== undefined && isOf(one, order, "Order") && one.status?.state !== "valid",
  );
  // One that failed says more than one that waits.
  const proof = proofs.toSorted((a, b) => Number(waits(a)) - Number(waits(b))).find(({ status }) => status?.reason);
  if (proof !== undefined) {
    const { dnsName, type = "DNS-01" } = proof.spec;
    return { what: `its proof for ${dnsName} by ${type} ${stateOf(proof)}`, starting: waits(proof) };
  }
  if (order?.status?.reason) return { what: `its order ${stateOf(order)}`, starting: waits(order) };

  const { name } = certificate.spec.issuerRef;
  const issuer = issuers.find(({ metadata }) => metadata.name === name);
  if (issuer === undefined && (certificate.spec.issuerRef.kind ?? "ClusterIssuer") === "ClusterIssuer")
    return { what: `there is no ClusterIssuer ${name}`, starting: false };
  const issuerReady = issuer && conditionOf(issuer, "Ready");
  if (issuerReady?.status === "False")
    return { what: `the ClusterIssuer ${name} is not ready: ${wordsOf(issuerReady)}`, starting: false };

  const answer = request && (conditionOf(request, "Denied") ?? conditionOf(request, "Ready"));
  if (answer !== undefined) {
    const failed = answer.type === "Denied" || answer.reason === "Failed";
    return { what: `its request ${failed ? "failed" : "waits"}: ${wordsOf(answer)}`, starting: !failed };
  }
  const own = conditionOf(certificate, "Ready");
  return { what: own === undefined ? "cert-manager has not looked at it yet" : wordsOf(own), starting: true };
}

/** States of ACME that are not final, in which cert-manager has met no error. */
function waits({ status }: Order | Challenge): boolean {
  const { state = "pending", reason = "" } = status ?? {};
  return ["", "pending", "processing", "ready"].includes(state) && (reason === "" || reason.startsWith("Waiting for"));
}

function stateOf({ status }: Order | Challenge): string {
  const { state = "", reason = "" } = status ?? {};
  return `is ${state === "" ? "pending" : state}: ${sentence(reason)}`;
}

function wordsOf({ reason, message }: Condition): string {
  return sentence(message ?? reason ?? "it gives no reason");
}

/** Messages come with or without a full stop, and some on several lines. */
function sentence(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");
}

function conditionOf({ status }: WithConditions, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

function isOf(one: Owned, owner: Owned, kind: string): boolean {
  const { namespace, ownerReferences = [] } = one.metadata;
  if (namespace !== owner.metadata.namespace) return false;
  return ownerReferences.some((reference) => reference.kind === kind && reference.name === owner.metadata.name);
}

function newest<T extends Owned>(objects: readonly T[]): T | undefined {
  const made = ({ metadata }: T) => metadata.creationTimestamp ?? "";
  return objects.toSorted((a, b) => made(a).localeCompare(made(b))).at(-1);
}

const readyTimeout = ["platform", "readyTimeout"];

/** What helps, by what the messages of cert-manager, AWS and the authority have in common. */
function cureOf(what: string, issuer: string): string {
  if (/there is no ClusterIssuer/.test(what)) {
    const own = setCommand(["certificates", "issuerName"], "<name>");
    return `Name one that is there (\`kubectl get clusterissuers\`): \`${own}\`.`;
  }
  if (/rateLimited|too many|\b429\b/i.test(what))
    return `The authority counts: wait until the time that it names, or go to staging: \`${setCommand(["certificates", "environment"], "staging")}\`.`;
  if (/AccessDenied|not authorized|get credentials|no EC2 IMDS|Credential/i.test(what))
    return "cert-manager has no rights in the zone; if its pod is older than they are: `kubectl --namespace cert-manager rollout restart deployment cert-manager`.";
  if (/\bCAA\b/.test(what)) return "Let the domain's CAA record name letsencrypt.org, with issuewild too.";
  if (/propagat|NXDOMAIN|NS record|SERVFAIL|could not find|no such host|lookup /i.test(what))
    return `Let the domain above name the zone's servers (output nameServers). If it does, it takes more time: \`${setCommand(readyTimeout, "1h")}\`.`;
  if (/dial tcp|timeout|x509|connection refused|context deadline/i.test(what))
    return "cert-manager does not reach the authority, or does not trust it: look at `platform.proxy` and `platform.authorities`.";
  return `Look at \`kubectl describe clusterissuer ${issuer}\`.`;
}
