import { profileJsonSchema } from "./schema.ts";

/** The part of JSON Schema that a profile's schema uses. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

export type FieldType = "string" | "integer" | "number" | "boolean" | "object" | "array" | "any";

const ROOT = profileJsonSchema() as Shape;

/** Names a mapping at `path` permits; empty when it permits any. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const shape = shapeAt(path);
  return shape?.properties === undefined ? [] : Object.keys(shape.properties);
}

/** The type a field must have, or null when the schema has no such field. */
export function fieldType(path: readonly PropertyKey[]): FieldType | null {
  const shape = shapeAt(path);
  if (shape === undefined) return null;
  if (shape.type !== undefined) return shape.type as FieldType;
  const sample = shape.const ?? shape.enum?.[0];
  if (typeof sample === "string") return "string";
  if (typeof sample === "number") return "integer";
  return "any";
}

function shapeAt(path: readonly PropertyKey[]): Shape | undefined {
  let shape: Shape | undefined = ROOT;
  for (const part of path) shape = childOf(shape, part);
  return shape;
}

function childOf(shape: Shape | undefined, part: PropertyKey): Shape | undefined {
  if (shape === undefined) return undefined;
  if (typeof part === "number") return shape.items;
  const named = shape.properties?.[String(part)];
  if (named !== undefined) return named;
  const rest = shape.additionalProperties;
  if (typeof rest === "object") return rest;
  // A schema without `properties` and `additionalProperties` (the options of a lane) permits anything.
  return rest === false || shape.properties !== undefined ? undefined : {};
}
