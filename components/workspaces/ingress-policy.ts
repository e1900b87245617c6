import { type Policy, celList, workspacePolicy } from "./policy.ts";

/** Keeps the Ingresses of a workspace below names of its own, and on the way that the platform gives them. */
export const ingressPolicyName = "datalab-workspace-hosts";

const nginx = "nginx.ingress.kubernetes.io/";

/**
 * The ingress controller's annotations that change nothing but the way to the Ingress's own Services. Others call
 * addresses of the user's choice (`auth-url`), read other Secrets (`auth-secret`), claim hosts (`server-alias`) or
 * bring configuration (`*-snippet`).
 */
const nginxAnnotations = [
  "affinity",
  "allowlist-source-range",
  "backend-protocol",
  "cors-allow-headers",
  "cors-allow-methods",
  "cors-allow-origin",
  "enable-cors",
  "force-ssl-redirect",
  "proxy-body-size",
  "proxy-buffer-size",
  "proxy-read-timeout",
  "proxy-request-buffering",
  "proxy-send-timeout",
  "rewrite-target",
  "ssl-redirect",
  "use-regex",
  // The one that INSEE's charts write.
  "whitelist-source-range",
].map((name) => `${nginx}${name}`);

/** Annotations that no controller acts upon. */
const inertPrefixes = ["meta.helm.sh/", "helm.sh/", "kubectl.kubernetes.io/", "app.kubernetes.io/"];

export interface IngressPolicyOptions {
  /** Domain that the hosts of services lie below. */
  readonly servicesDomain: string;
  /** Class of the platform's ingress controller. */
  readonly className: string;
  /** Whether names of users and groups may hold hyphens: then `user-al` and `user-al-ice` must be told apart. */
  readonly hyphenatedNames: boolean;
}

/**
 * In a workspace every Ingress has host names of its own: the namespace's name, and something after a hyphen, in one
 * label below the domain of the services. Otherwise a user could put pages below the portal's or Keycloak's address, or
 * a neighbour's.
 *
 * Where no name of a user or group holds a hyphen, the namespace ends at the second one. Where they may, what follows
 * begins with a number, which no part of a name but the first is.
 */
export function ingressPolicy({ servicesDomain, className, hyphenatedNames }: IngressPolicyOptions): Policy {
  const form = hyphenatedNames
    ? `<namespace>-<number>[-<words>].${servicesDomain}`
    : `<namespace>-<words>.${servicesDomain}`;
  const rest = hyphenatedNames ? "-[0-9]+(-[a-z0-9]+)*" : "(-[a-z0-9]+)+";
  const below = `${rest}[.]${servicesDomain.replaceAll(".", "[.]")}$`;
  const own = (host: string) => `${host}.matches("^" + request.namespace + "${below}")`;
  return workspacePolicy(
    ingressPolicyName,
    [{ apiGroups: ["networking.k8s.io"], apiVersions: ["*"], resources: ["ingresses"] }],
    [
      {
        expression: `!has(object.spec.defaultBackend) && object.spec.?rules.orValue([]).all(rule, ${own("rule.?host.orValue('')")})`,
        message: `Host names of this namespace's Ingresses are ${form}, without a default backend.`,
      },
      {
        expression: `object.spec.?tls.orValue([]).all(tls, tls.?hosts.orValue([]).all(host, ${own("host")}))`,
        message: `TLS host names of this namespace's Ingresses are ${form}.`,
      },
      {
        // The controller serves a certificate for whatever names stand in it: one for Keycloak's host would take the
        // place of the platform's, for every visitor.
        expression: `object.spec.?tls.orValue([]).all(tls, tls.?secretName.orValue("") == "")`,
        message: "Ingresses of this namespace are served with the platform's certificate: leave out secretName.",
      },
      {
        // Another class may be a controller that the platform knows nothing of, such as one that makes load balancers.
        expression: `object.spec.?ingressClassName.orValue("${className}") == "${className}" && object.metadata.?annotations[?"${legacyClass}"].orValue("${className}") == "${className}"`,
        message: `Ingresses of this namespace are of the class ${className}.`,
      },
      {
        expression: `object.metadata.?annotations.orValue({}).all(key, key in variables.allowed || variables.inert.exists(prefix, key.startsWith(prefix)))`,
        message: `Ingresses of this namespace may have, beside those of helm, only the controller's annotations ${nginxAnnotations.map((key) => key.slice(nginx.length)).join(", ")}.`,
      },
    ],
    {
      variables: [
        { name: "allowed", expression: celList([...nginxAnnotations, legacyClass]) },
        { name: "inert", expression: celList(inertPrefixes) },
      ],
    },
  );
}

/** What named the class before there was a field for it. */
const legacyClass = "kubernetes.io/ingress.class";
