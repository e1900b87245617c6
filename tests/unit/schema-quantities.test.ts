import { describe, expect, it } from "@jest/globals";

import { bytesUpTo, cpuUpTo } from "../../components/portal/schemas/quantities.ts";

const accepts = (pattern: string, value: string) => new RegExp(pattern).test(value);

describe("a bound on CPU", () => {
  it.each(["50m", "950m", "1", "1.05", "1.1", "1.5", "2", "4", "10", "12.35", "128"])(
    "takes each step up to %s, in both notations, and none above",
    (most) => {
      const pattern = cpuUpTo(most);
      const bound = Math.round(most.endsWith("m") ? Number.parseInt(most) : Number(most) * 1000);
      const steps = Array.from({ length: 2 * bound + 10 }, (_, millicores) => millicores);
      expect(steps.filter((step) => accepts(pattern, `${step}m`) !== step <= bound)).toEqual([]);
      expect(steps.filter((step) => accepts(pattern, String(step / 1000)) !== step <= bound)).toEqual([]);
    },
  );

  it.each(["", "-1", "+1", "1e3", "1k", "01", "4001m", "4.001", "4.5", "5", "1\n---", "0x1", " 1", "4m4"])(
    "refuses %j, where 4 is the most",
    (value) => {
      expect(accepts(cpuUpTo("4"), value)).toBe(false);
    },
  );
});

describe("a bound on memory and storage", () => {
  it.each(["1Gi", "8Gi", "9Gi", "10Gi", "50Gi", "101Gi", "2000Gi"])(
    "takes whole Gi up to %s and none above",
    (most) => {
      const bound = Number.parseInt(most);
      const steps = Array.from({ length: 2 * bound + 10 }, (_, gibibytes) => gibibytes);
      expect(steps.filter((step) => accepts(bytesUpTo(most), `${step}Gi`) !== step <= bound)).toEqual([]);
    },
  );

  it.each(["512Mi", "8192Mi", "8G", "8000M"])("takes %s where 8Gi is the most", (value) => {
    expect(accepts(bytesUpTo("8Gi"), value)).toBe(true);
  });

  it.each(["8193Mi", "9Gi", "9G", "1Ti", "1T", "1Ei", "8589934593", "1e12", "8.5Gi", "8Gi1", "-1Gi", ""])(
    "refuses %j where 8Gi is the most",
    (value) => {
      expect(accepts(bytesUpTo("8Gi"), value)).toBe(false);
    },
  );
});
