import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { expect, test } from "@jest/globals";
import ts from "typescript";

const root = join(import.meta.dirname, "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** Every component of the platform, with the comment above it. */
const components = readdirSync(join(root, "components"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((name) => {
    const file = join("components", name);
    const found = /(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?export class (\w+) extends pulumi\.ComponentResource/.exec(
      read(file),
    );
    return found === null ? [] : [{ file, name: found[2]!, comment: found[1] ?? "" }];
  });

/** The code in a comment's `@example`. */
function exampleIn(comment: string): string | undefined {
  const [, code] = /@example\n \* ```ts\n((?: \* .*\n)+) \* ```/.exec(comment) ?? [];
  return code?.replaceAll(/^ \* /gm, "");
}

test("each component shows in an example how it is made", () => {
  expect(components.length).toBeGreaterThan(20);
  expect(components.filter(({ comment }) => exampleIn(comment) === undefined)).toEqual([]);
  for (const { name, comment } of components) expect(exampleIn(comment)).toContain(`new ${name}(`);
});

test("the examples are right", () => {
  const surroundings = join(root, "tests", "support", "example-surroundings.ts");
  const examples = new Map(
    components.map(({ file, name, comment }) => {
      const code = `import { ${name} } from "./${basename(file)}";\n\n${exampleIn(comment) ?? ""}`;
      return [join(root, file.replace(/\.ts$/, ".example.ts")), code];
    }),
  );
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noUnusedLocals: false },
    root,
    "tsconfig.json",
  );
  const host = ts.createCompilerHost(options);
  const overlaid: ts.CompilerHost = {
    ...host,
    fileExists: (file) => examples.has(file) || host.fileExists(file),
    readFile: (file) => examples.get(file) ?? host.readFile(file),
    getSourceFile: (file, language, ...rest) => {
      const text = examples.get(file);
      return text === undefined
        ? host.getSourceFile(file, language, ...rest)
        : ts.createSourceFile(file, text, language);
    },
  };
  const program = ts.createProgram([surroundings, ...examples.keys()], options, overlaid);
  const problems = [surroundings, ...examples.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${basename(file)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
  expect(problems).toEqual([]);
}, 120_000);
