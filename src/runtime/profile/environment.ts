import { parse } from "yaml";
import { describeValue, nearest } from "./problem.ts";
import { fieldType, knownKeys } from "./shape.ts";

/** One field set from the environment. */
export interface Override {
  readonly variable: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface Overrides {
  readonly overrides: readonly Override[];
  /** One line for each variable that names no field or has a value of the wrong type. */
  readonly problems: readonly string[];
}

const PREFIX = "EMP_";
const SEPARATOR = "__";
/** Fields without a section; other `EMP_` names without `__` belong to other tools and are left alone. */
const TOP_LEVEL: ReadonlySet<string> = new Set(["EMP_SEED", "EMP_NAME", "EMP_MODE"]);

/**
 * Reads the overrides that are set explicitly: `EMP_RISK__MAX_CONCURRENT=4` sets `risk.maxConcurrent`.
 * Sections are separated by `__`, words by `_`. A name with `__` that is no field is a problem, never ignored.
 * @param base the profile file's own content: an untyped option keeps the type it has there.
 */
export function readOverrides(env: Readonly<Record<string, string | undefined>>, base: unknown): Overrides {
  const overrides: Override[] = [];
  const problems: string[] = [];
  for (const variable of Object.keys(env).sort()) {
    const text = env[variable];
    if (text === undefined || !variable.startsWith(PREFIX)) continue;
    if (!variable.includes(SEPARATOR) && !TOP_LEVEL.has(variable)) continue;
    const path = pathOf(variable, base);
    const type = fieldType(path);
    if (type === null) {
      problems.push(unknownField(variable, path));
      continue;
    }
    const value = typedValue(text, type, at(base, path));
    if (value === undefined)
      problems.push(`${variable}: ${path.join(".")}: expected ${type}, found ${describeValue(text)}`);
    else overrides.push({ variable, path, value });
  }
  return { overrides, problems };
}

/** `value` with one field replaced; missing sections are made. */
export function withField(value: unknown, path: readonly string[], field: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return field;
  const section = isMapping(value) ? value : {};
  return { ...section, [head]: withField(section[head], rest, field) };
}

function pathOf(variable: string, base: unknown): readonly string[] {
  const path: string[] = [];
  for (const words of variable.slice(PREFIX.length).split(SEPARATOR)) path.push(segment(words, base, path));
  return path;
}

/** A venue or lane id keeps its own spelling (`my-lane`); everything else is camelCase. */
function segment(words: string, base: unknown, path: readonly string[]): string {
  const section = at(base, path);
  if (isMapping(section)) {
    const same = Object.keys(section).find((key) => key.replaceAll("-", "_").toUpperCase() === words);
    if (same !== undefined) return same;
  }
  return words.toLowerCase().replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function unknownField(variable: string, path: readonly string[]): string {
  let depth = 0;
  while (depth < path.length && fieldType(path.slice(0, depth + 1)) !== null) depth++;
  const known = knownKeys(path.slice(0, depth));
  const near = nearest(path[depth] ?? "", known);
  const hint = near === null ? known.join(", ") : `${near} (nearest name)`;
  return `${variable}: ${path.join(".")}: expected a field of the profile: ${hint}, found an unknown name`;
}

/** Undefined when the text is not of the type. */
function typedValue(text: string, type: string, base: unknown): unknown {
  switch (type) {
    case "string":
      return text;
    case "integer":
    case "number":
      return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    default:
      return typeof base === "string" ? text : structured(text);
  }
}

function structured(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function at(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const part of path) current = isMapping(current) ? current[part] : undefined;
  return current;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
