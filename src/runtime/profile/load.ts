import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, stringify } from "yaml";
import type { z } from "zod";
import { canonicalJson, sha256Hex, sortKeys } from "./canonical.ts";
import { type Override, readOverrides, withField } from "./environment.ts";
import { locate } from "./locate.ts";
import { describeValue, nearest, ProfileError } from "./problem.ts";
import { PROFILE_SCHEMA, type Profile } from "./schema.ts";
import { knownKeys } from "./shape.ts";

const MAX_FILE_BYTES = 1_048_576;

export interface LoadedProfile {
  readonly profile: Profile;
  /** SHA-256 (hex) of the canonical JSON of `profile`: equal hashes decide equally. */
  readonly hash: string;
  /** Every field with its effective value, as YAML. */
  readonly effectiveYaml: string;
  readonly sources: { readonly file: string; readonly overrides: readonly Override[] };
}

/**
 * Loads a profile: the file first, then fields that the environment sets explicitly, then the schema's defaults.
 * @param nameOrPath a name looked up as `<dir>/<name>.yaml`, or a path to a YAML file.
 * @throws ProfileError whose message is one line: file, line, key, what was expected, what was found.
 */
export function loadProfile(
  nameOrPath: string,
  env: Readonly<Record<string, string | undefined>>,
  searchDirs: readonly string[],
): LoadedProfile {
  const file = findFile(nameOrPath, searchDirs);
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new ProfileError([`${file}:${line}:${col}: expected valid YAML, found: ${oneLine(fault.message)}`]);
  }
  if (!isMap(document.contents))
    throw new ProfileError([`${file}:1:1: expected a mapping of profile fields, found ${kindOf(document)}`]);
  const written = { name: basename(file, extname(file)), ...plainValue(document, file) };
  const { overrides, problems } = readOverrides(env, written);
  if (problems.length > 0) throw new ProfileError(problems);
  const value = overrides.reduce<unknown>((all, o) => withField(all, o.path, o.value), written);
  const parsed = PROFILE_SCHEMA.safeParse(value, { reportInput: true });
  if (!parsed.success)
    throw new ProfileError(describe(parsed.error.issues, file, document, lines, overrides));
  const profile = sortKeys(parsed.data);
  return {
    profile,
    hash: sha256Hex(canonicalJson(profile)),
    effectiveYaml: effective(profile, file, overrides),
    sources: { file, overrides },
  };
}

function findFile(nameOrPath: string, searchDirs: readonly string[]): string {
  const isPath = /[\\/]/.test(nameOrPath) || /\.ya?ml$/.test(nameOrPath);
  const candidates = isPath ? [nameOrPath] : searchDirs.map((dir) => join(dir, `${nameOrPath}.yaml`));
  const found = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  if (found !== undefined) return found;
  throw new ProfileError([
    `profile ${JSON.stringify(nameOrPath)}: expected a file, found nothing at ${candidates.join(", ") || "(no folder to look in)"}`,
  ]);
}

function readText(file: string): string {
  const { size } = statSync(file);
  if (size > MAX_FILE_BYTES)
    throw new ProfileError([`${file}: expected at most ${MAX_FILE_BYTES} bytes, found ${size}`]);
  return readFileSync(file, "utf8");
}

function plainValue(document: Document, file: string): Record<string, unknown> {
  try {
    return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ProfileError([`${file}:1:1: expected plain YAML, found: ${oneLine(text)}`]);
  }
}

function describe(
  issues: readonly z.core.$ZodIssue[],
  file: string,
  document: Document,
  lines: LineCounter,
  overrides: readonly Override[],
): readonly string[] {
  const problems: { readonly offset: number; readonly text: string }[] = [];
  const add = (path: readonly PropertyKey[], key: string | undefined, expected: string, found: string) => {
    const full = key === undefined ? path : [...path, key];
    const override = overrides.find((o) => o.path.every((part, i) => part === String(full[i])));
    const place = locate(document, lines, path, key);
    const where = override === undefined ? `${file}:${place}` : override.variable;
    const [line = "0", column = "0"] = place.split(":");
    problems.push({
      offset: Number(line) * 10_000 + Number(column),
      text: `${where}: ${full.map(String).join(".") || "profile"}: expected ${expected}, found ${found}`,
    });
  };
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") {
      add(issue.path, undefined, expectedOf(issue), describeValue(issue.input));
      continue;
    }
    const known = knownKeys(issue.path);
    for (const key of issue.keys) {
      const near = nearest(key, known);
      add(issue.path, key, near === null ? `one of ${known.join(", ")}` : near, "an unknown key");
    }
  }
  return problems.sort((a, b) => a.offset - b.offset).map((problem) => problem.text);
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "record" || issue.expected === "object"
        ? "a mapping"
        : issue.expected === "int"
          ? "an integer"
          : issue.expected === "string"
            ? "text in quotes"
            : `a ${issue.expected}`;
    case "too_small":
      return `at least ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_value":
      return issue.values.length === 1 && issue.path[0] === "mode"
        ? issue.message
        : issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

function effective(profile: Profile, file: string, overrides: readonly Override[]): string {
  const head = [`# effective profile: ${file}`];
  for (const { variable, path } of overrides) head.push(`# ${path.join(".")} set by ${variable}`);
  return `${head.join("\n")}\n${stringify(profile, { lineWidth: 110 })}`;
}

function kindOf({ contents }: Document): string {
  if (isSeq(contents)) return `a list of ${contents.items.length}`;
  if (isScalar(contents) && contents.value !== null) return describeValue(contents.value);
  return contents === null || isScalar(contents) ? "an empty file" : "an alias";
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
