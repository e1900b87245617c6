import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

/** Serves those who develop the product, and is not installed with it. */
const aroundTheProduct = {
  group: ["**/testbed/**", "**/tests/**", "**/docs/**"],
  message: "The product stands on its own.",
};

const surroundings = {
  group: ["node:*", "!node:crypto", "!node:buffer", "!node:zlib"],
  message: "No files, network or environment at construction.",
};

/** @param {string[]} folders */
function above(...folders) {
  return {
    group: folders.map((folder) => `**/${folder}/**`),
    message: "What is below does not know what is above it.",
  };
}

export default tseslint.config(
  { ignores: ["node_modules/", "coverage/"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A Pulumi component registers itself by being constructed.
      "no-new": "off",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      // `${output}` prints a function instead of the value: outputs must go through pulumi.interpolate.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true } }],
    },
  },
  {
    // A preview must depend on the settings alone, not on the moment or the machine (docs/adr/0001-one-graph.md).
    files: ["components/**/*.ts", "stacks/**/*.ts", "index.ts"],
    rules: {
      "no-restricted-globals": ["error", "Date", "fetch", "process", "performance", "setTimeout", "setInterval"],
      "no-restricted-properties": ["error", { object: "Math", property: "random" }],
      "no-restricted-imports": ["error", { patterns: [surroundings, aroundTheProduct] }],
    },
  },
  {
    // components < stacks < checks < commands
    files: ["components/**/*.ts", "stacks/**/*.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [surroundings, aroundTheProduct, above("checks", "commands")] }],
    },
  },
  {
    files: ["checks/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [aroundTheProduct, above("commands")] }] },
  },
  {
    files: ["commands/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [aroundTheProduct] }] },
  },
  {
    // Charts are fetched and checked before the graph is built; the same pins give the same objects (docs/adr/0004-charts.md).
    files: ["components/charts/{archive,cache,download,environment-proxy,folder}.ts"],
    rules: { "no-restricted-globals": "off", "no-restricted-imports": "off" },
  },
  {
    // What a switch needs is decided by what the problems hold, never by their wording.
    files: ["commands/flip/**/*.ts"],
    ignores: ["commands/flip/{report,text}.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            aroundTheProduct,
            { group: ["**/settings/sentences.ts"], message: "Read the fault and the cures of a problem." },
          ],
        },
      ],
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
  },
);
