import type { HttpOutcome, ShapeDrift } from "../../../src/contracts/index.ts";
import { failureOf } from "./failures.ts";
import { readBody } from "./rest.ts";

const MAX_DRIFTS = 100;
const MAX_FOUND = 40;

/** What a field has to be. `amount`: number or text; `texts`: a list of texts written as JSON inside a text. */
type Kind = "text" | "number" | "flag" | "amount" | "texts" | Shape | readonly [Shape];

/** An object as the adapter reads it. */
export interface Shape {
  /** Must be there. */
  readonly needs: Readonly<Record<string, Kind>>;
  /** May be absent or null. */
  readonly may?: Readonly<Record<string, Kind>>;
  /** Known and not read: names, parted by spaces. */
  readonly ignored?: string;
}

/**
 * Compares an answer with what the adapter reads of it. A name that is not known breaks nothing; a field that is absent
 * or of another kind does. The same drift in every entry of a list is one drift.
 */
export function driftOf(outcome: HttpOutcome, kind: Kind): readonly ShapeDrift[] {
  const failure = failureOf(outcome);
  if (failure !== null)
    return [{ path: "", expected: "HTTP 200 with JSON", found: failure.detail, breaks: true }];
  const value = outcome.kind === "answer" ? readBody(outcome.body) : undefined;
  if (value === undefined) return [{ path: "", expected: "JSON", found: "another body", breaks: true }];
  const drifts = new Map<string, ShapeDrift>();
  compare(value, kind, "", drifts);
  return [...drifts.values()].slice(0, MAX_DRIFTS);
}

function compare(value: unknown, kind: Kind, path: string, drifts: Map<string, ShapeDrift>): void {
  const wrong = (expected: string): void => {
    if (!drifts.has(path)) drifts.set(path, { path, expected, found: describe(value), breaks: true });
  };
  if (typeof kind === "string") {
    if (!IS[kind](value)) wrong(WORDS[kind]);
  } else if ("needs" in kind) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) wrong("an object");
    else compareFields(value as Readonly<Record<string, unknown>>, kind, path, drifts);
  } else if (!Array.isArray(value)) wrong("a list");
  else for (const item of value) compare(item, kind[0], `${path}[]`, drifts);
}

function compareFields(
  object: Readonly<Record<string, unknown>>,
  { needs, may = {}, ignored = "" }: Shape,
  path: string,
  drifts: Map<string, ShapeDrift>,
): void {
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const [name, kind] of Object.entries(needs)) compare(object[name], kind, at(name), drifts);
  for (const [name, kind] of Object.entries(may))
    if (object[name] != null) compare(object[name], kind, at(name), drifts);
  const known = new Set([...Object.keys(needs), ...Object.keys(may), ...ignored.split(" ")]);
  for (const [name, value] of Object.entries(object)) {
    if (known.has(name) || drifts.has(at(name))) continue;
    drifts.set(at(name), {
      path: at(name),
      expected: "no such field",
      found: describe(value),
      breaks: false,
    });
  }
}

const IS = {
  text: (value: unknown) => typeof value === "string",
  number: (value: unknown) => typeof value === "number",
  flag: (value: unknown) => typeof value === "boolean",
  amount: (value: unknown) =>
    typeof value === "number" || (typeof value === "string" && /^\d+(\.\d+)?$/.test(value)),
  texts: isTextList,
} as const;

const WORDS: Readonly<Record<keyof typeof IS, string>> = {
  text: "a text",
  number: "a number",
  flag: "true or false",
  amount: "a number, or one written as text",
  texts: "a list of texts as JSON inside a text",
};

function isTextList(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) && list.every((item) => typeof item === "string");
  } catch {
    return false;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string"
    ? `text ${JSON.stringify(value.slice(0, MAX_FOUND))}`
    : `${typeof value} ${String(value)}`;
}
