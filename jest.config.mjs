// Node runs the TypeScript directly; only the tests go through a transformer, because jest evaluates CommonJS.
const common = {
  rootDir: import.meta.dirname,
  testEnvironment: "<rootDir>/tests/support/test-environment.mjs",
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2024", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
};

export default {
  testSequencer: "<rootDir>/tests/support/longest-first.mjs",
  projects: [
    { ...common, displayName: "unit", testMatch: ["<rootDir>/tests/unit/**/*.test.ts"] },
    { ...common, displayName: "engine", testMatch: ["<rootDir>/tests/engine/**/*.test.ts"] },
    { ...common, displayName: "node", testMatch: ["<rootDir>/tests/node/**/*.test.ts"] },
  ],
};
