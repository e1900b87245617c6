/** How a pod leaves without a request being lost. */

/**
 * Keeps a container in service for some seconds after its pod was told to end. Whoever sends it requests learns of that
 * later than the pod, and a request to the address of a pod that is gone waits for an answer that never comes.
 *
 * For parts that have another pod meanwhile. One that is alone would be away for longer.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow
 */
export function staysFor(seconds: number) {
  return { lifecycle: { preStop: { sleep: { seconds } } } };
}

/** Until the ingress controller sends requests to other pods: Traefik takes up changes every 2 seconds. */
export const untilForgotten = staysFor(5);
