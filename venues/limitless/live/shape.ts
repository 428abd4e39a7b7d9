import type { z } from "zod";
import type { HttpOutcome, ShapeDrift } from "../../../src/contracts/index.ts";
import { readBody } from "../json.ts";
import { failureOf } from "./failures.ts";

const MAX_DRIFTS = 100;
const MAX_SHOWN = 40;

/**
 * Compares an answer with a schema of strict objects: a key the schema does not name is drift that breaks nothing; a key
 * that is absent, or of another type, breaks.
 */
export function shapeDrift(outcome: HttpOutcome, schema: z.ZodType): readonly ShapeDrift[] {
  const failure = failureOf(outcome);
  if (failure !== null || outcome.kind === "none")
    return [{ path: "", expected: "HTTP 200 with JSON", found: failure?.detail ?? "nothing", breaks: true }];
  const value = readBody(outcome.body);
  if (value === undefined) return [{ path: "", expected: "JSON", found: "another body", breaks: true }];
  const drifts = new Map<string, ShapeDrift>();
  for (const issue of schema.safeParse(value).error?.issues ?? []) {
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : null;
    for (const path of unknown?.map((key) => [...issue.path, key]) ?? [issue.path]) {
      const where = pathOf(path);
      const expected = unknown === null ? issue.message : "no such field";
      drifts.set(where, {
        path: where,
        expected,
        found: nameOf(valueAt(value, path)),
        breaks: unknown === null,
      });
    }
  }
  return [...drifts.values()].slice(0, MAX_DRIFTS);
}

/** `["data", 3, "tokens"]` as `data[].tokens`: the same drift in every entry is one drift. */
function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? "[]" : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

function nameOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? `text ${JSON.stringify(value.slice(0, MAX_SHOWN))}` : typeof value;
}
