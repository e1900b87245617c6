/** Quantities of Kubernetes as numbers. */
import { wordOf } from "./inputs.ts";

const factors: Readonly<Record<string, number>> = {
  m: 0.001,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** CPUs or bytes; undefined for what is no quantity. */
export function amountOf(quantity: unknown): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(wordOf(quantity) ?? "") ?? [];
  const factor = factors[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

/** `2.35 CPUs`, without zeros at the end. */
export function cpusText(cpus: number): string {
  return `${Number(cpus.toFixed(2))} CPU`;
}

export function gibText(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toFixed(1))} GiB`;
}
