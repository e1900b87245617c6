/**
 * Class of a Service whose load balancer stands in the graph. No controller serves it, so nothing is made for such a Service and
 * it gets no address; but Kubernetes gives only Services of type `LoadBalancer` a port for health checks.
 */
export const graphLoadBalancerClass = "datalab.dev/graph";
