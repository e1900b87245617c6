/** Random values that settings of several components hold. */
import fc from "fast-check";

export const label = fc.stringMatching(/^[a-z][a-z0-9]{2,11}$/);
export const quantity = fc
  .tuple(fc.integer({ min: 1, max: 500 }), fc.constantFrom("Mi", "Gi"))
  .map(([n, unit]) => `${n}${unit}`);
export const resources = fc.record({ cpu: fc.constantFrom("100m", "250m", "2"), memory: quantity });
export const cidr = fc.integer({ min: 0, max: 255 }).map((n) => `10.${n}.0.0/16`);

/** Leaves some keys out, so that defaults are covered too. */
export function some<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record<T, never>(model, { requiredKeys: [] });
}
