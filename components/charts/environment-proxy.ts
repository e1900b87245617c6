/** The proxy that this machine names for its programs. */
import * as http from "node:http";
import process from "node:process";

/** First version of Node.js that can be told; older ones take the variable `NODE_USE_ENV_PROXY` before they start. */
const since = "24.14";

let calls = 0;
let restore: (() => void) | undefined;

/**
 * Makes requests within the call go by `HTTPS_PROXY`, except to what `NO_PROXY` names and to this machine. Node.js heeds
 * them only when it is told, and for the whole process.
 */
export async function byEnvironmentProxy<T>(call: () => Promise<T>): Promise<T> {
  calls += 1;
  try {
    if (calls === 1 && named() && canBeTold(http))
      restore = http.setGlobalProxyFromEnv(withoutThisMachine(process.env));
    return await call();
  } finally {
    calls -= 1;
    if (calls === 0) {
      restore?.();
      restore = undefined;
    }
  }
}

/**
 * What to do where a download fails that should have gone by the proxy and cannot; undefined where it can.
 *
 * @param module What Node.js has for HTTP.
 */
export function proxyAdvice(module: object = http): string | undefined {
  if (!named() || canBeTold(module)) return undefined;
  return `HTTPS_PROXY is set, which Node.js heeds from version ${since} on; older ones need NODE_USE_ENV_PROXY=1 too, from 22.21 on.`;
}

function named(): boolean {
  const { HTTPS_PROXY, https_proxy } = process.env;
  return (https_proxy ?? HTTPS_PROXY ?? "") !== "";
}

function canBeTold(module: object): boolean {
  return "setGlobalProxyFromEnv" in module;
}

function withoutThisMachine(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const none = environment["no_proxy"] ?? environment["NO_PROXY"];
  const list = [none, "localhost", "127.0.0.1", "[::1]", "::1"].filter((entry) => entry !== undefined && entry !== "");
  return { ...environment, no_proxy: list.join(","), NO_PROXY: list.join(",") };
}
