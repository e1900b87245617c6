import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, failed, type Finding, passed, type Step } from "../step.ts";
import { admissionDeviation, deviation } from "./exact.ts";

interface Named {
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

const group = "/apis/admissionregistration.k8s.io/v1";

/** Whether every rule of admission for users' namespaces and for the platform's own issuer is there, is the declared one, and refuses. */
export const policiesStep: Step = {
  id: "policies",
  title: "admission policies of workspaces and of the issuer",
  hop: "Kubernetes API",
  needs: ["cluster"],
  run: async ({ expected: { walls }, kubectl }) => {
    const all = async (kind: string) => {
      const { items } = await kubectl.get<{ items: readonly Named[] }>(`${group}/${kind}`);
      return new Map(items.map((item) => [item.metadata.name, item.spec]));
    };
    const [policies, bindings] = [
      await all("validatingadmissionpolicies"),
      await all("validatingadmissionpolicybindings"),
    ];
    const problems = Object.entries(walls.policies).flatMap(
      ([name, { spec }]) => fault(name, spec, policies.get(name), bindings.get(name)) ?? [],
    );
    if (problems.length > 0) return failed(changed(problems.join("; ")));
    return passed(`${Object.keys(walls.policies).length} in force`);
  },
};

/** What is wrong with a policy or its binding, in words; undefined if nothing is. */
function fault(name: string, declared: unknown, policy: unknown, binding: unknown): string | undefined {
  if (policy === undefined) return `There is no admission policy ${name}`;
  const other = admissionDeviation(declared, policy);
  if (other !== undefined) return `The admission policy ${name} is another one: ${other}`;
  if (binding === undefined) return `The admission policy ${name} is bound nowhere`;
  const force = admissionDeviation({ policyName: name, validationActions: ["Deny"] }, binding);
  return force === undefined ? undefined : `The admission policy ${name} is not fully in force: ${force}`;
}

/** Whether the roles that are handed out in workspaces hold what they should, and no more. */
export const rightsStep: Step = {
  id: "rights",
  title: "rights of the portal and of launches",
  hop: "Kubernetes API",
  needs: ["cluster"],
  run: async (context) => {
    const { walls } = context.expected;
    for (const { metadata, rules } of walls.roles) {
      const { name } = metadata as { readonly name: string };
      const found = await roleRules(context, name);
      if (found === undefined) return failed(changed(`There is no ClusterRole ${name}`));
      const other = deviation(rules ?? [], found, "rules");
      if (other !== undefined) return failed(changed(`The ClusterRole ${name} gives other rights: ${other}`));
    }
    for (const name of ["edit", "admin"]) {
      const rules = (await roleRules(context, name)) ?? [];
      const groups = rules.flatMap(({ apiGroups = [] }) => apiGroups);
      const issuing = groups.find((apiGroup) => /(^|\.)cert-manager\.io$/.test(apiGroup));
      if (issuing !== undefined) return failed(issues(name, issuing, walls.ownCertManager));
    }
    return passed();
  },
};

interface Rule {
  readonly apiGroups?: readonly string[];
}

async function roleRules({ kubectl }: Context, name: string): Promise<readonly Rule[] | undefined> {
  try {
    const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${name}`;
    return (await kubectl.get<{ rules?: readonly Rule[] | null }>(path)).rules ?? [];
  } catch (error) {
    if (error instanceof KubectlError && error.kind === "not found") return undefined;
    throw error;
  }
}

function issues(role: string, apiGroup: string, own: boolean): Finding {
  return {
    problem: `Whoever has the ClusterRole ${role} in one namespace may ask for certificates (${apiGroup})`,
    cause: "cert-manager's chart adds its rights to that role",
    cure: own
      ? "Run `pulumi up --refresh`"
      : "Install cert-manager with the chart's value `global.rbac.aggregateClusterRoles=false`",
  };
}

function changed(problem: string): Finding {
  return {
    problem,
    cause: "the stack file was changed without `pulumi up`, or somebody has changed the cluster by hand",
    cure: "Run `pulumi up --refresh`",
  };
}
