/** What the hub reads beside its secrets: traits of its classes, by class. */
import type { AccessModel, ConfidentialClient } from "../access/access-model.ts";
import type { Database } from "../contracts.ts";
import { caBundleKey } from "../kubernetes/ca-bundle.ts";
import { namespaces } from "../names.ts";
import { secondsOf } from "../scalars.ts";
import { hubName, hubPort, proxyApiName, proxyApiPort, userServerPort } from "./names.ts";
import type { NotebooksSettings } from "./settings.ts";
import { type ServerInputs, spawnerTraits } from "./spawner.ts";

/** Everything that the configuration is derived from. */
export interface HubInputs extends ServerInputs {
  readonly access: AccessModel;
  readonly database: Pick<Database, "host" | "port" | "database" | "username">;
}

/** A Service of the part, by a name that no proxy is asked for. */
export function serviceUrl(name: string, port: number): string {
  return `http://${name}.${namespaces.notebooks}.svc:${port}`;
}

/** Folder with the platform's authorities in the hub's pod. */
export const authoritiesFolder = "/platform-ca";

const publicAuthorities = "/etc/ssl/certs/ca-certificates.crt";

/** The JSON of the hub. @see https://jupyterhub.readthedocs.io/en/5.5.4/reference/config-reference.html */
export function hubConfiguration(inputs: HubInputs) {
  const { settings, access, privateCa } = inputs;
  return {
    login: settings.login,
    ...(privateCa ? { authorities: [publicAuthorities, `${authoritiesFolder}/${caBundleKey}`] } : {}),
    traits: {
      ...hubTraits(inputs),
      KubeSpawner: spawnerTraits(inputs),
      // The same rule as everywhere: names of pods and claims follow from it.
      Authenticator: { username_pattern: access.username.pattern },
      ...loginTraits(settings, access),
    },
  };
}

function hubTraits({ settings, database }: HubInputs) {
  const { host, port, database: name, username } = database;
  return {
    JupyterHub: {
      spawner_class: "kubespawner.KubeSpawner",
      // The other class is the program's own.
      ...(settings.login === "realm" ? { authenticator_class: "generic-oauth" } : {}),
      hub_bind_url: `http://:${hubPort}`,
      hub_connect_url: serviceUrl(hubName, hubPort),
      // Without a driver: the password comes by a variable.
      db_url: `postgresql://${username}@${host}:${port}/${name}`,
      upgrade_db: true,
      // Servers and routes outlive the hub.
      cleanup_servers: false,
      last_activity_interval: 60,
      concurrent_spawn_limit: 64,
      active_server_limit: settings.limits.servers,
      allow_named_servers: false,
      authenticate_prometheus: true,
      tornado_settings: { slow_spawn_timeout: 0 },
      load_roles: [
        {
          name: "idle-culler",
          scopes: ["list:users", "read:users:activity", "read:servers", "delete:servers"],
          services: ["idle-culler"],
        },
      ],
      services: [{ name: "idle-culler", command: culler(settings) }],
    },
    ConfigurableHTTPProxy: { should_start: false, api_url: serviceUrl(proxyApiName, proxyApiPort) },
    Spawner: { port: userServerPort },
  };
}

function culler({ culling }: NotebooksSettings): string[] {
  return [
    ...["python3", "-m", "jupyterhub_idle_culler"],
    `--timeout=${secondsOf(culling.idle)}`,
    `--max-age=${secondsOf(culling.age)}`,
    "--cull-every=300",
  ];
}

function loginTraits(settings: NotebooksSettings, { notebooks, issuerUrl, claims }: AccessModel) {
  switch (settings.login) {
    case "signup":
      return signupTraits(settings.administrator);
    case "realm":
      return notebooks === undefined ? {} : realmTraits(settings, { notebooks, issuerUrl, claims });
  }
}

/** @see https://oauthenticator.readthedocs.io/en/17.4.0/reference/api/gen/oauthenticator.generic.html */
function realmTraits(
  { access, administrators }: Extract<NotebooksSettings, { login: "realm" }>,
  {
    notebooks,
    issuerUrl,
    claims,
  }: Pick<AccessModel, "issuerUrl" | "claims"> & { readonly notebooks: ConfidentialClient },
) {
  const endpoint = `${issuerUrl}/protocol/openid-connect`;
  const leave = new URLSearchParams({ client_id: notebooks.clientId, post_logout_redirect_uri: notebooks.rootUrl });
  return {
    GenericOAuthenticator: {
      client_id: notebooks.clientId,
      oauth_callback_url: notebooks.redirectUri,
      authorize_url: `${endpoint}/auth`,
      token_url: `${endpoint}/token`,
      userdata_url: `${endpoint}/userinfo`,
      logout_redirect_url: `${endpoint}/logout?${leave.toString()}`,
      scope: ["openid", "profile", "email"],
      username_claim: claims.username,
      auth_state_groups_key: `oauth_user.${claims.groups}`,
      manage_groups: true,
      enable_auth_state: true,
      auto_login: true,
      admin_groups: administrators.groups.toSorted(),
      // Otherwise nobody may come, not even administrators.
      ...(access.kind === "everyone" ? { allow_all: true } : { allowed_groups: access.groups.toSorted() }),
    },
  };
}

/** @see https://native-authenticator.readthedocs.io/en/latest/options.html */
function signupTraits(administrator: string) {
  return {
    NativeAuthenticator: {
      // Whoever has signed up waits for an administrator nevertheless.
      allow_all: true,
      admin_users: [administrator],
      open_signup: false,
      minimum_password_length: 12,
      check_common_password: true,
      allowed_failed_logins: 5,
      seconds_before_next_try: 300,
    },
  };
}
