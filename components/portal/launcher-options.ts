/** Where the launcher finds things, and what it is told. */

/** Places in the API's pod; tests have others. */
export interface LauncherPlaces {
  /** The real program. */
  readonly helm: string;
  /** Folder with the index and the files of the workspaces' objects. */
  readonly objects: string;
  /** Kubeconfig of the API's account. */
  readonly kubeconfig: string;
  /** Folder with `token` and `ca.crt` of the API's account. */
  readonly account: string;
  /** Address of the API server. */
  readonly apiServer: string;
  /** Folder with helm's plugins, for the launcher alone. */
  readonly plugins: string;
  /** Where what it has done is noted; lost with the pod. */
  readonly marks: string;
  /** The log that an operator reads. */
  readonly log: string;
}

export interface LauncherOptions {
  readonly places: LauncherPlaces;
  /** Beginning of the names of users' and of groups' namespaces. */
  readonly prefixes: { readonly user: string; readonly group: string };
  /** helm's plugin that every release's objects go through; undefined: none. */
  readonly postRenderer: string | undefined;
  /** Whether the workspaces' objects name the API server's addresses. */
  readonly asksForApiServer: boolean;
}
