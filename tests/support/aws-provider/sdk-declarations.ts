/**
 * What @pulumi/aws says about itself: the fields of every resource and of every nested type, read from its declaration
 * files. TypeScript's parser is enough for that; nothing in them has to be inferred.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";

import type { Fields, ResourceDeclaration, Sdk, Shape } from "./sdk.ts";

/** Reads the SDK in `folder`. Takes seconds. */
export function readDeclarations(folder: string): Sdk {
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  const types: Record<string, Fields> = {};
  for (const side of ["input", "output"]) {
    collectTypes(parse(join(folder, "types", `${side}.d.ts`)).statements, `${side}s`, types);
  }
  const resources: Record<string, ResourceDeclaration> = {};
  for (const path of declarationFiles(folder)) {
    collectResources(parse(`${path}.d.ts`), () => readFileSync(`${path}.js`, "utf8"), resources);
  }
  const provider = resources["aws"];
  if (provider === undefined) throw new Error(`${folder} declares no provider`);
  return { version, provider: provider.inputs, resources, types };
}

/** Paths without their ending. */
function declarationFiles(folder: string): string[] {
  const modules = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const folders = [folder, ...modules.filter(({ name }) => name !== "types").map(({ name }) => join(folder, name))];
  return folders.flatMap((from) =>
    readdirSync(from)
      .filter((name) => name.endsWith(".d.ts"))
      .map((name) => join(from, name.slice(0, -".d.ts".length))),
  );
}

function parse(file: string): ts.SourceFile {
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  return ts.createSourceFile(file, readFileSync(file, "utf8"), options);
}

function collectTypes(statements: readonly ts.Statement[], prefix: string, into: Record<string, Fields>): void {
  for (const statement of statements) {
    if (ts.isInterfaceDeclaration(statement)) into[`${prefix}.${statement.name.text}`] = fieldsOf(statement.members);
    if (ts.isModuleDeclaration(statement) && statement.body && ts.isModuleBlock(statement.body)) {
      collectTypes(statement.body.statements, `${prefix}.${statement.name.text}`, into);
    }
  }
}

function collectResources(source: ts.SourceFile, code: () => string, into: Record<string, ResourceDeclaration>): void {
  const interfaces = new Map(
    source.statements.filter((s) => ts.isInterfaceDeclaration(s)).map((s) => [s.name.text, s] as const),
  );
  for (const statement of source.statements) {
    if (!ts.isClassDeclaration(statement) || statement.name === undefined) continue;
    const parent = statement.heritageClauses?.[0]?.types[0]?.expression.getText(source);
    if (parent !== "pulumi.CustomResource" && parent !== "pulumi.ProviderResource") continue;
    // A resource's token stands in its code alone.
    const token = /__pulumiType = '([^']+)'/.exec(code())?.[1];
    if (token === undefined) throw new Error(`${source.fileName} has no token`);
    into[token] = {
      inputs: fieldsOf(interfaces.get(`${statement.name.text}Args`)?.members ?? []),
      outputs: fieldsOf(statement.members),
    };
  }
}

function fieldsOf(members: readonly (ts.TypeElement | ts.ClassElement)[]): Fields {
  const fields: Fields = {};
  for (const member of members) {
    const isField = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member);
    if (!isField || member.type === undefined || isStatic(member)) continue;
    const name = ts.isIdentifier(member.name) || ts.isStringLiteral(member.name) ? member.name.text : undefined;
    if (name === undefined) continue;
    const output = ts.isPropertyDeclaration(member);
    const optional = output ? mayBeUndefined(member.type) : member.questionToken !== undefined;
    fields[name] = { shape: shapeOf(member.type), optional };
  }
  return fields;
}

function isStatic(member: ts.PropertySignature | ts.PropertyDeclaration): boolean {
  return (member.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
}

/** `pulumi.Output<T | undefined>` */
function mayBeUndefined(node: ts.TypeNode): boolean {
  const inner = ts.isTypeReferenceNode(node) ? (node.typeArguments?.[0] ?? node) : node;
  return ts.isUnionTypeNode(inner) && inner.types.some(({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword);
}

function shapeOf(node: ts.TypeNode): Shape {
  if (node.kind === ts.SyntaxKind.StringKeyword) return { kind: "string" };
  if (node.kind === ts.SyntaxKind.NumberKeyword) return { kind: "number" };
  if (node.kind === ts.SyntaxKind.BooleanKeyword) return { kind: "boolean" };
  if (ts.isArrayTypeNode(node)) return { kind: "list", of: shapeOf(node.elementType) };
  if (ts.isUnionTypeNode(node)) return unionOf(node.types);
  if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) return { kind: "string" };
  if (ts.isTypeLiteralNode(node)) {
    const index = node.members.find((member) => ts.isIndexSignatureDeclaration(member));
    return index ? { kind: "map", of: shapeOf(index.type) } : { kind: "object", fields: fieldsOf(node.members) };
  }
  if (ts.isTypeReferenceNode(node)) return referenceOf(node);
  return { kind: "any" };
}

function referenceOf(node: ts.TypeReferenceNode): Shape {
  const name = qualifiedName(node.typeName);
  const [argument] = node.typeArguments ?? [];
  if ((name === "pulumi.Input" || name === "pulumi.Output") && argument) return shapeOf(argument);
  if (name.startsWith("inputs.") || name.startsWith("outputs.")) return { kind: "type", name };
  if (name.startsWith("enums.")) return { kind: "string" };
  return { kind: "any" };
}

/** A union with a class of the SDK, such as `string | Role`: a resource arrives as its id. */
function unionOf(nodes: readonly ts.TypeNode[]): Shape {
  const shapes = nodes.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword).map((node) => shapeOf(node));
  const known = shapes.filter(({ kind }) => kind !== "any");
  const [only] = known;
  if (only === undefined) return { kind: "any" };
  return known.every((shape) => JSON.stringify(shape) === JSON.stringify(only)) ? only : { kind: "union", of: known };
}

function qualifiedName(name: ts.EntityName): string {
  return ts.isIdentifier(name) ? name.text : `${qualifiedName(name.left)}.${name.right.text}`;
}
