import type { Api, Project } from "./api.ts";
import { attempt } from "./view.ts";

/** Has the namespace of each project made, or brought up to date. @throws Failure of the first that is refused */
export async function onboard(api: Pick<Api, "onboard">, region: string, projects: readonly Project[]): Promise<void> {
  for (const project of projects) {
    const failure = await attempt("onboarding", `Preparing ${project.namespace}`, async () => {
      await api.onboard(region, project);
      return `${project.namespace} is ready.`;
    });
    if (failure !== undefined) throw failure;
  }
}
