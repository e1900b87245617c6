import type { PublicHost } from "../expectations.ts";
import { failed, passed, type Step, warning } from "../step.ts";

/** Plain HTTP must lead to HTTPS and serve nothing. */
export function redirectStep({ key, host, port }: PublicHost, path: string): Step {
  return {
    id: `redirect:${key}`,
    title: `plain HTTP of ${host} redirects`,
    hop: "ingress controller",
    needs: [`connection:${key}`],
    run: async (context) => {
      const { web } = context;
      let answer;
      try {
        answer = await web.request(`http://${host}${path}`);
      } catch (error) {
        return warning({
          problem: `Plain HTTP is not answered: ${(error as Error).message}`,
          cause: `port ${context.options.httpPort ?? context.expected.publicPorts.http} is closed`,
          cure: "Open it if people shall get along without typing https://",
        });
      }
      const { location } = answer.headers;
      if (answer.status >= 300 && answer.status < 400 && leadsTo(port === "" ? host : `${host}:${port}`, location)) {
        return passed(String(answer.status));
      }
      return failed({
        problem: `http://${host}${path} answers ${answer.status}${location === undefined ? "" : ` to ${location}`} instead of a redirect to HTTPS`,
        cause: "the ingress controller ignores the Ingress's TLS section, or another server has port 80",
        cure: "Look at the Ingress of this host and at the arguments of the controller",
      });
    },
  };
}

/** However it is written: `https://host:443/` is the same place. */
function leadsTo(host: string, location: string | undefined): boolean {
  if (location === undefined || !URL.canParse(location)) return false;
  const { protocol, host: there } = new URL(location);
  return protocol === "https:" && there === host;
}
