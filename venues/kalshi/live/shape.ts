import type { z } from "zod";
import type { HttpOutcome, ShapeDrift } from "../../../src/contracts/index.ts";
import { parse } from "./catalogue-page.ts";
import { failureOf } from "./failures.ts";

const MAX_DRIFTS = 100;

/**
 * Compares an answer with a schema of strict objects: a key the schema does not name is drift that breaks nothing; a
 * key that is absent, or of another type, breaks.
 */
export function shapeDrift(outcome: HttpOutcome, schema: z.ZodType): readonly ShapeDrift[] {
  const failure = failureOf(outcome);
  if (failure !== null)
    return [{ path: "", expected: "HTTP 200 with JSON", found: failure.detail, breaks: true }];
  const value = outcome.kind === "answer" ? parse(outcome.body) : undefined;
  if (value === undefined) return [{ path: "", expected: "JSON", found: "another body", breaks: true }];
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  const drifts = new Map<string, ShapeDrift>();
  for (const issue of parsed.error.issues) {
    const path = pathOf(issue.path);
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const at = path === "" ? key : `${path}.${key}`;
        const found = typeName(valueAt(value, [...issue.path, key]));
        drifts.set(at, { path: at, expected: "no such field", found, breaks: false });
      }
    } else {
      const found = typeName(valueAt(value, issue.path));
      drifts.set(path, { path, expected: issue.message, found, breaks: true });
    }
  }
  return [...drifts.values()].slice(0, MAX_DRIFTS);
}

/** `["events", 3, "markets"]` as `events[].markets`: the same drift in every entry is one drift. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

function typeName(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? `text ${JSON.stringify(value.slice(0, 40))}` : typeof value;
}
