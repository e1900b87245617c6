/** Jupyter in one container, as plain as it can be. */
import { containerSecurityContext, podSecurityContext } from "./pod-hygiene.ts";

export const notebookPort = 8888;

/** User and group of the image. @see https://github.com/jupyter/docker-stacks/blob/main/images/docker-stacks-foundation/Dockerfile */
const user = 1000;
const group = 100;

/** Where people's files are. */
const homeFolder = "/home/jovyan";

export interface NotebookInputs<Resources, Home> {
  readonly image: string;
  /** Requests and limits; an expression of a template where they come from a form. */
  readonly resources: Resources;
  /** Entry of a Secret with what one has to know to come in. @default one that the server makes up and logs */
  readonly token?: { readonly name: string; readonly key: string } | undefined;
  /** Volume `home` of people's files, or such an expression. */
  readonly home: Home;
}

/** Container, volumes and user of the pod. It writes into two volumes alone: `pip install` goes into people's own folder. */
export function notebookPod<Resources, Home>({ image, resources, token, home }: NotebookInputs<Resources, Home>) {
  return {
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    securityContext: podSecurityContext(user, group),
    containers: [
      {
        name: "jupyter",
        image,
        ...(token === undefined
          ? {}
          : { env: [{ name: "JUPYTER_TOKEN", valueFrom: { secretKeyRef: { ...token, optional: true } } }] }),
        ports: [{ name: "http", containerPort: notebookPort }],
        // It answers without a token.
        startupProbe: { httpGet: { path: "/api", port: "http" }, periodSeconds: 2, failureThreshold: 150 },
        readinessProbe: { httpGet: { path: "/api", port: "http" }, periodSeconds: 5 },
        resources,
        securityContext: containerSecurityContext(),
        volumeMounts: [
          { name: "home", mountPath: homeFolder },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [home, { name: "tmp", emptyDir: {} }],
  };
}
