/** I: host names, and what an Ingress may ask the controller for. */
import { ingressPolicyName } from "../../../components/workspaces/ingress-policy.ts";
import { admitted, refused, type Attempt } from "./attempt.ts";
import { create, createInCluster, type KubernetesObject } from "./calls.ts";

/** Domain of the services of a test's platform. */
const lab = "lab.example.test";
const ownHost = `user-mallory-4711-0.${lab}`;
const nginx = "nginx.ingress.kubernetes.io/";
const numberAlone = `user-mallory-117896.${lab}`;

const hostRule = "Host names of this namespace's Ingresses";
const annotationRule = "only the controller's annotations";
const classRule = "are of the class nginx";

export const ingressAttempts: readonly Attempt[] = [
  forHost("I1", "an Ingress for Keycloak's host", "auth.example.test"),
  forHost("I2", "an Ingress for the portal's host", "datalab.example.test"),
  forHost("I3", "an Ingress for a neighbour's host", `user-alice-4711-0.${lab}`),
  admitted(
    "mallory",
    "I4",
    "an Ingress for the host that a user `mallory-x` would have",
    "nobody can be called so: names hold no hyphen; where they may, see I4h",
    create(ingress(`user-mallory-x-4711-0.${lab}`)),
  ),
  forHost("I5", "an Ingress for the wildcard *.lab", `*.${lab}`),
  forHost("I6", "an Ingress without a host", undefined),
  {
    ...forHost("I7", "an Ingress with a default backend", ownHost),
    make: [create(ingress(ownHost, {}, { defaultBackend: backend() }))],
  },
  {
    ...forHost("I8", "an Ingress with a certificate of one's own", ownHost),
    make: [create(ingress(ownHost, {}, { tls: [{ hosts: [ownHost], secretName: "mine" }] }))],
    says: "leave out secretName",
  },
  {
    ...forHost("I9", "an Ingress with TLS hosts of others", ownHost),
    make: [create(ingress(ownHost, {}, { tls: [{ hosts: ["auth.example.test"] }] }))],
    says: "TLS host names of this namespace's Ingresses",
  },
  annotated("I10", "annotation server-alias auth.`<domain>`", "server-alias", "auth.example.test"),
  ...["configuration-snippet", "server-snippet", "auth-snippet", "modsecurity-snippet"].map((name, index) =>
    annotated(`I11${"abcd"[index] ?? ""}`, `annotation ${name}`, name),
  ),
  annotated("I12", "annotation `auth-url` (a way for Traefik to any address)", "auth-url", "http://keycloak.svc:9000"),
  annotated(
    "T1",
    "annotation `auth-url`: the page of a server that only Traefik reaches",
    "auth-url",
    "http://keycloak.datalab-identity.svc:9000/metrics",
  ),
  {
    ...annotated("T2", "annotation `auth-url` with `auth-method: DELETE`", "auth-method", "DELETE"),
    make: [
      create(ingress(ownHost, { [`${nginx}auth-url`]: "http://keycloak.svc:9000", [`${nginx}auth-method`]: "DELETE" })),
    ],
  },
  annotated("I13", "annotation auth-secret of another namespace", "auth-secret", "user-alice/password"),
  annotated("I14", "annotation auth-tls-secret of another namespace", "auth-tls-secret", "datalab-ingress/wildcard"),
  annotated("I15", "annotation proxy-ssl-secret of another namespace", "proxy-ssl-secret", "datalab-ingress/wildcard"),
  annotated("I16", "annotation custom-headers of another namespace", "custom-headers", "user-alice/headers"),
  annotated("I17", "annotation session-cookie-domain for the whole domain", "session-cookie-domain", ".example.test"),
  annotated("I18", "annotation ssl-passthrough", "ssl-passthrough"),
  {
    ...forHost("I19", "an Ingress of another class", ownHost),
    make: [create(ingress(ownHost, {}, { ingressClassName: "alb" }))],
    says: classRule,
  },
  withAnnotation("I20", "cert-manager's annotations on an Ingress", "cert-manager.io/cluster-issuer", "datalab-ca"),
  admitted(
    "mallory",
    "I21",
    "a path with quotes and operators of Traefik's rules",
    "Traefik quotes it: no second host",
    create(ingress(ownHost, {}, {}, "/a`) || Host(`auth.example.test")),
  ),
  refused(
    "mallory",
    "I22",
    "an IngressClass of one's own",
    "RBAC",
    createInCluster({
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name: "mine" },
      spec: { controller: "example.test/mine" },
    }),
  ),
  {
    ...forHost("I23", "an Ingress of another class by annotation", ownHost),
    make: [create(ingress(ownHost, { "kubernetes.io/ingress.class": "alb" }, { ingressClassName: undefined }))],
    says: classRule,
  },
  withAnnotation(
    "I24",
    "a name in the platform's DNS by external-dns",
    "external-dns.alpha.kubernetes.io/hostname",
    "auth.example.test",
  ),
  withAnnotation(
    "I25",
    "middlewares of Traefik's own",
    "traefik.ingress.kubernetes.io/router.middlewares",
    "datalab-portal-any@kubernetescrd",
  ),
  forHost("I26", "an Ingress for a host without certificate, one label deeper", `user-mallory-1-0.more.${lab}`),
  forHost("I27", "an Ingress for a host that only begins like the own", `user-mallory-1-0.${lab}.evil.test`),
  forHost("I28", "an Ingress for the namespace's name alone", `user-mallory.${lab}`),
  forHost("I29", "an Ingress for the host of a user whose name begins alike", `user-malloryx-4711-0.${lab}`),
  forHost("I30", "an Ingress for the host of a user `mallory2`", `user-mallory2-4711-0.${lab}`),
  { ...forHost("I31", "an Ingress of a chart for Keycloak's host", "auth.example.test"), who: "launcher" },
  admitted(
    "launcher",
    "I32",
    "the Ingress of INSEE's charts",
    "its own host, and the allow list of addresses that people choose",
    create(ingress(ownHost, { "nginx.ingress.kubernetes.io/whitelist-source-range": "0.0.0.0/0" })),
  ),
  admitted(
    "launcher",
    "I37",
    "the Ingress of INSEE's database charts, whose host is the namespace and a number alone",
    "its own host",
    create(ingress(numberAlone)),
  ),
];

/** The same rule where names may hold hyphens: what follows the namespace begins with a number, no part of a name is one. */
export const hyphenatedAttempts: readonly Attempt[] = [
  forHost("I1h", "an Ingress for Keycloak's host", "auth.example.test"),
  forHost("I3h", "an Ingress for a neighbour's host", `user-alice-4711-0.${lab}`),
  forHost("I4h", "an Ingress for a host of `user-mallory-x`", `user-mallory-x-4711-0.${lab}`),
  forHost("I33h", "an Ingress for a host of `user-mallory-7x`", `user-mallory-7x-4711-0.${lab}`),
  forHost("I34h", "an Ingress for a host of `user-mallory-x-7y`", `user-mallory-x-7y-1.${lab}`),
  forHost("I35h", "an Ingress for a host without number", `user-mallory-ui.${lab}`),
  admitted(
    "mallory",
    "I36h",
    "an Ingress for the own host with the number that Onyxia gives it",
    "nobody is called `mallory-4711`: no part of a name but the first is digits alone, see A22h",
    create(ingress(`user-mallory-4711-user-5000.${lab}`)),
  ),
  admitted("launcher", "I37h", "the Ingress for a number alone", "its own host", create(ingress(numberAlone))),
].map((attempt) => ({ ...attempt, attempt: `${attempt.attempt} (\`hyphenatedNames: true\`)` }));

function forHost(no: string, attempt: string, host: string | undefined): Attempt {
  return refused("mallory", no, attempt, ingressPolicyName, create(ingress(host)), hostRule);
}

function annotated(no: string, attempt: string, name: string, value = "true"): Attempt {
  return withAnnotation(no, attempt, `${nginx}${name}`, value);
}

function withAnnotation(no: string, attempt: string, key: string, value: string): Attempt {
  return refused("mallory", no, attempt, ingressPolicyName, create(ingress(ownHost, { [key]: value })), annotationRule);
}

function ingress(
  host: string | undefined,
  annotations: Record<string, string> = {},
  spec: KubernetesObject = {},
  path = "/",
): KubernetesObject {
  const paths = [{ path, pathType: "ImplementationSpecific", backend: backend() }];
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "attempt", annotations },
    spec: { ingressClassName: "nginx", rules: [{ ...(host === undefined ? {} : { host }), http: { paths } }], ...spec },
  };
}

function backend(): KubernetesObject {
  return { service: { name: "thing", port: { number: 443 } } };
}
