import type { PublicHost } from "../expectations.ts";
import { failed, passed, type Step, warning } from "../step.ts";

/** Requests to S3 are refused from a quarter of an hour; tokens live for five minutes. */
const unusable = 300;
const suspicious = 30;

/** The server's clock beside this machine's. */
export function clockStep({ key, host, port, part }: PublicHost, path: string): Step {
  return {
    id: `clock:${key}`,
    title: `clock of ${host}`,
    hop: part,
    needs: [`connection:${key}`],
    run: async ({ now, web }) => {
      const before = now().getTime();
      // The date alone is read: a wrong clock is what makes certificates look invalid.
      const { headers } = await web.request(`https://${host}${port === "" ? "" : `:${port}`}${path}`, {
        unverified: true,
      });
      const here = (before + now().getTime()) / 2;
      if (headers.date === undefined) return passed("it names no date");
      const seconds = Math.round((new Date(headers.date).getTime() - here) / 1000);
      if (Math.abs(seconds) <= suspicious) return passed(`${seconds} s apart`);
      const finding = {
        problem: `The clock of ${host} is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} this machine's`,
        cause: "one of the two does not follow a time server",
        cure: "Compare both with a clock that is right; tokens, signatures and certificates depend on it",
      };
      return Math.abs(seconds) > unusable ? failed(finding) : warning(finding);
    },
  };
}
