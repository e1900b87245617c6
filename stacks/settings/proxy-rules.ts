/** `platform.proxy` beside what confines users' services. */
import { isIpv4 } from "../../components/kubernetes/proxy.ts";
import { ask, by } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schemas.ts";

/**
 * Services of users reach no private address but those that are opened. The port alone cannot be opened for them: the
 * nodes and the cloud's metadata service may listen on it too.
 */
export function proxyProblems({ platform, portal }: Pick<ParsedSettings, "platform" | "portal">): Problem[] {
  const { proxy } = platform;
  if (proxy === undefined || proxy.addresses.length > 0 || !portal.services.networkIsolation) return [];
  const hosts = [proxy.https, proxy.http ?? proxy.https].map((url) => new URL(url).hostname);
  const name = hosts.find((host) => !isIpv4(host));
  if (name === undefined) return [];
  const path = ["platform", "proxy", "addresses"];
  const reason = `is missing: the walls around users' services are made of networks, and ${name} is a name`;
  return [broken(path, reason, by(ask([...path, 0], "network of its address, like 192.0.2.7/32")))];
}
