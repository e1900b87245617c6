/** List prices of AWS, from the table that the digest counts with. */
import { type Price, prices } from "../../components/aws/prices.ts";

const marks: Readonly<Record<Price["sources"], string>> = { two: "✔", one: "○", none: "✘" };

export function pricesTable(): string {
  const rows = Object.values<Price>(prices).map(
    ({ part, month, price, values, sources, source }) =>
      `| ${part} | ${month} | ${filled(price, values)} | ${marks[sources]} | ${source} |`,
  );
  return ["| part | month | list price | | source |", "|---|---|---|---|---|", ...rows].join("\n");
}

function filled(text: string, values: Price["values"]): string {
  return text.replaceAll(/\{(\w)\}/g, (_all, letter: string) => dollars(values[letter] ?? Number.NaN));
}

/** With two decimals at least, and as many as it has. */
function dollars(value: number): string {
  return value.toString().length > 4 ? String(value) : value.toFixed(2);
}
