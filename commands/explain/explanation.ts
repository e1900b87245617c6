/** Everything that is told of one thing, as data: `--json` prints it, the text and the picture are made from it. */

/** A setting behind something. */
export interface Cause {
  /** As `pulumi config set --path` names it, without `datalab:`. */
  readonly setting: string;
  /** What it is now; undefined for a secret. */
  readonly value: string | undefined;
  /** Whether it stands in the stack file; else it is the default. */
  readonly written: boolean;
  /** `makes`: with another value it would not be there. */
  readonly does: "makes" | "shapes";
  /** The other value that was tried. */
  readonly with: string;
  /** What would differ then. */
  readonly where: readonly string[];
}

export interface ResourceExplanation {
  readonly kind: "resource";
  readonly urn: string;
  readonly label: string;
  readonly part: string;
  /** What the part is for. */
  readonly purpose: string | undefined;
  readonly causes: readonly Cause[];
  readonly waitsFor: readonly string[];
  readonly waitedForBy: readonly string[];
  /** Number of resources in it; 0 for what is no component. */
  readonly holds: number;
  readonly page: string | undefined;
}

export interface HostExplanation {
  readonly kind: "host";
  readonly host: string;
  /** @example "identity" */
  readonly role: string;
  readonly causes: readonly Cause[];
  /** The Ingresses that answer there, with their parts. */
  readonly servedBy: readonly string[];
  /** Other resources that name it. */
  readonly namedBy: readonly string[];
  readonly page: string | undefined;
}

export interface SettingExplanation {
  readonly kind: "setting";
  readonly setting: string;
  readonly meaning: string | undefined;
  readonly value: string | undefined;
  readonly written: boolean;
  /** Why this stack does not read it. */
  readonly unread: string | undefined;
  /** What each other value would do. */
  readonly tried: readonly Tried[];
  /** Settings below it. */
  readonly below: readonly string[];
  readonly page: string | undefined;
}

/** What another value would do to the platform. */
export interface Tried {
  readonly with: string;
  readonly removes: readonly string[];
  readonly adds: readonly string[];
  readonly changes: readonly string[];
}

export type Explanation = ResourceExplanation | HostExplanation | SettingExplanation;
