/** The portal's steps, in the order in which the real one takes them. */
import { Api } from "./api.ts";
import { first, storageLogin } from "./configuration.ts";
import { browser, element } from "./dom.ts";
import { Failure } from "./failure.ts";
import type { OidcSettings } from "./oidc.ts";
import { onboard } from "./onboarding.ts";
import { handOverToParent, leaveForLogin, needsPerson, type Purpose, returnedLogin, Session } from "./session.ts";
import { offerStorage } from "./storage.ts";
import { attempt, showState, type State } from "./view.ts";

const environment = JSON.parse(atob(element("environment").textContent ?? "")) as Readonly<Record<string, string>>;

if (!handOverToParent()) await start();

async function start(): Promise<void> {
  element("title").textContent = environment["HEADER_TEXT_FOCUS"] ?? "";
  element("description").textContent = environment["SOCIAL_MEDIA_DESCRIPTION"] ?? "";
  let state: State = "failed";
  try {
    await attempt("start", "Opening the portal", async () => {
      const opened = await open();
      state = opened.state;
      return opened.text;
    });
  } finally {
    // Last, so that whoever waits for it sees everything in its place.
    showState(state);
  }
}

async function open(): Promise<{ readonly state: State; readonly text: string }> {
  const api = new Api(new URL(environment["ONYXIA_API_URL"] ?? "/api", browser.location.origin).href);
  const { regions, oidcConfiguration } = await api.configuration();
  const [region] = regions;
  if (region === undefined || oidcConfiguration === undefined) {
    throw new Failure("configuration", 200, "", "The configuration names no region or no login.");
  }
  const returned = returnedLogin();
  const login = (purpose: Purpose, settings: OidcSettings) => leaveForLogin(purpose, settings);
  element("login").addEventListener("click", () => {
    void login("portal", oidcConfiguration);
  });

  const enter = async (purpose: Purpose, settings: OidcSettings): Promise<Session | undefined> => {
    try {
      return await Session.open(purpose, settings, returned);
    } catch (error) {
      if (!needsPerson(error) || returned?.purpose === purpose) throw error;
      return undefined;
    }
  };
  const portal = await enter("portal", oidcConfiguration);
  if (portal === undefined) {
    if (environment["AUTHENTICATION_GLOBALLY_REQUIRED"] !== "true") {
      return { state: "anonymous", text: "Nobody is logged in." };
    }
    await login("portal", oidcConfiguration);
    return { state: "loading", text: "On the way to the login" };
  }
  api.accessToken = () => portal.accessToken();
  element("logout").addEventListener("click", () => {
    browser.location.assign(portal.logoutUrl);
  });

  const user = await api.user(region.id);
  element("user-name").textContent = user.nomComplet ?? user.idep;
  element("user-name").dataset["username"] = user.idep;
  const [personal] = user.projects;
  if (personal === undefined)
    throw new Failure("user", 200, "project", "This user has no project: the name is no valid part of a name.");
  await onboard(api, region.id, user.projects);
  element("namespace").textContent = personal.namespace;

  const s3 = first(region.data?.S3);
  if (s3?.sts === undefined) throw new Failure("configuration", 200, "S3", "The region has no storage with a login.");
  const settings = storageLogin(oidcConfiguration, s3.sts);
  const storage = await enter("storage", settings);
  if (storage === undefined) {
    await login("storage", settings);
    return { state: "loading", text: "On the way to the storage's login" };
  }
  await offerStorage(s3, portal, storage);
  return { state: "ready", text: `Welcome, ${user.nomComplet ?? user.idep}.` };
}
