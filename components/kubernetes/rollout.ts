/** What Pulumi waits for. */

/**
 * Annotation that makes Pulumi wait until every pod of a StatefulSet is of its newest revision and ready.
 *
 * The provider's own wait takes the status from before the update for the result: it does not compare the generation
 * that the controller has seen, and an image that can never be pulled counts as rolled out.
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/statefulset.go
 */
export const untilRolledOut = {
  "pulumi.com/waitFor": JSON.stringify(
    [
      "$.status.observedGeneration == $.metadata.generation",
      "$.status.updatedReplicas == $.spec.replicas",
      "$.status.readyReplicas == $.spec.replicas",
    ].map((comparison) => `jsonpath={$[?${comparison}]}`),
  ),
};

/**
 * Annotation of Services that only pods use. The provider would watch each for ten more seconds after its pods are
 * ready, and those are waited for anyway.
 */
export const withoutWait = { "pulumi.com/skipAwait": "true" };

/** Annotation that makes Pulumi wait until a load balancer has given a Service its address, and no longer. */
export const untilAddressed = { "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress}" };
