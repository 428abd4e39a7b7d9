import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { EmpError } from "../runtime/emp-error.ts";

const RECORDING = /\.(ndjson|jsonl|json|csv)(\.gz)?$/;

/** Files as given; a folder becomes every recording below it, in order of path. */
export function expandFiles(inputs: readonly string[]): string[] {
  const files = inputs.flatMap((input) => {
    const stat = statSync(input, { throwIfNoEntry: false });
    if (stat === undefined) throw new EmpError("files.missing", `${input}: no such file or folder`);
    return stat.isDirectory() ? recordingsBelow(input) : [input];
  });
  if (files.length === 0)
    throw new EmpError(
      "files.none",
      `${inputs.join(", ")}: no recording (.ndjson, .jsonl, .json, .csv, each also .gz) in it`,
    );
  return files;
}

function recordingsBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => RECORDING.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Collects `--set key=value`. */
export function setOption(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`expected key=value, found "${text}"`);
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

/** The options given with `--set`, and which of them a format never asked for: most likely a misspelt name. */
export function watchedOptions(given: Readonly<Record<string, string>> = {}): {
  readonly options: Readonly<Record<string, string>>;
  readonly unasked: () => readonly string[];
} {
  const asked = new Set<string | symbol>();
  const options = new Proxy(given, {
    get: (target, key) => {
      asked.add(key);
      return typeof key === "string" && Object.hasOwn(target, key) ? target[key] : undefined;
    },
  });
  return { options, unasked: () => Object.keys(given).filter((key) => !asked.has(key)) };
}
