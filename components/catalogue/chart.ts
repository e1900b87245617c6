/** What a chart is made of. */
import { stringify } from "yaml";

/** `Chart.yaml`. @see https://helm.sh/docs/topics/charts/#the-chartyaml-file */
export interface ChartMetadata {
  readonly name: string;
  /** SemVer in lower case, without `+build`: Onyxia's API puts it into a command line. */
  readonly version: string;
  /** Text of the portal's card. */
  readonly description: string;
  readonly keywords: readonly string[];
  /** Page that the card leads to. */
  readonly home: string;
}

/** A chart of the program's own, typed. */
export interface Chart {
  readonly metadata: ChartMetadata;
  readonly values: Readonly<Record<string, unknown>>;
  /** JSON Schema of the values; the portal draws the launch form from it. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Text by path below `templates/`. */
  readonly templates: Readonly<Record<string, string>>;
}

/** Content of a chart's folder, by path. */
export type ChartFiles = Readonly<Record<string, string | Buffer>>;

/** The chart as helm reads it. */
export function filesOf({ metadata, values, schema, templates }: Chart): ChartFiles {
  return {
    "Chart.yaml": yaml({ apiVersion: "v2", type: "application", ...metadata }),
    "values.yaml": yaml(values),
    "values.schema.json": `${JSON.stringify(schema, null, 2)}\n`,
    ...Object.fromEntries(Object.entries(templates).map(([path, text]) => [`templates/${path}`, text])),
  };
}

/**
 * A template of one object, written as an object. A text that is one expression, ending in `toJson` or `end`, stands there
 * without quotes: it becomes a number, a list or a text of several lines, and never anything beside it.
 */
export function manifest(object: Readonly<Record<string, unknown>>): string {
  return yaml(object).replaceAll(/"(\{\{[^"\n]*(?:toJson|end) \}\})"(?=\n)/g, "$1");
}

/** A template that is there under a condition. */
export function when(condition: string, template: string): string {
  return `{{- if ${condition} }}\n${template}{{- end }}\n`;
}

function yaml(content: Readonly<Record<string, unknown>>): string {
  // Lines are never folded: an expression must stay on one.
  return stringify(content, { lineWidth: 0 });
}
