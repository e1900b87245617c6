/** Places where a change means nothing to anybody. */
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

interface Syntax {
  readonly type: string;
  /** What a statement evaluates. */
  readonly expression?: Syntax;
  /** What a call calls. */
  readonly callee?: { readonly type: string; readonly property?: { readonly name?: string } };
}

interface Place {
  readonly node: unknown;
  readonly parent?: unknown;
}

const ignorer = {
  shouldIgnore({ node, parent }: Place): string | undefined {
    const { type, expression } = node as Syntax;
    if (type === "ExpressionStatement" && expression?.callee?.property?.name === "registerOutputs") {
      return "Outputs of a component are shown in the state alone; nothing reads them.";
    }
    if (type === "ObjectExpression" && (parent as Syntax | undefined)?.callee?.type === "Super") {
      return "Inputs of a component are shown in the state alone; nothing reads them.";
    }
    return undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "component-records", ignorer)];
