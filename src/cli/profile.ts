import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { LANES, VENUES } from "../registry.gen.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { type LoadedProfile, loadProfile } from "../runtime/profile/load.ts";
import { nearest } from "../runtime/profile/problem.ts";
import { print, printJson } from "./console.ts";
import { productRoot } from "./product.ts";

/**
 * Loads a profile by name (own folder first, then the product's) or path, with the explicit overrides of the environment.
 * @throws ProfileError for what the file says, EmpError for a name that is none and for lanes and venues that are unknown.
 */
export function profileOf(
  nameOrPath: string,
  overrides: Readonly<Record<string, string>> = {},
): LoadedProfile {
  const folders = ["profiles", join(productRoot(), "profiles")];
  if (/^[\w-]+$/.test(nameOrPath)) requireName(nameOrPath, folders);
  const loaded = loadProfile(nameOrPath, { ...process.env, ...overrides }, folders);
  const { lanes, venues } = loaded.profile;
  for (const id of Object.keys(lanes)) requireKnown(loaded, `lanes.${id}`, id, [...LANES.keys()]);
  for (const [id, { module }] of Object.entries(venues)) {
    requireKnown(loaded, `venues.${id}.module`, module, [...VENUES.keys()]);
  }
  return loaded;
}

export function addProfileCommand(program: Command): void {
  program
    .command("profile")
    .description("show the effective profile: file, overrides of the environment, defaults")
    .argument("<name>", "name of a profile or path of a YAML file")
    .option("--json", "print as JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ emp profile demo
  $ EMP_RISK__MAX_CONCURRENT=4 emp profile demo       an override of the environment: sections by __, words by _
  $ emp profile ./my-profile.yaml --json`,
    )
    .action((name: string, options: { json?: boolean }) => {
      const { profile, hash, effectiveYaml, sources } = profileOf(name);
      if (options.json === true) printJson({ hash, sources, profile });
      else print(`# sha256 ${hash}\n${effectiveYaml.trimEnd()}`);
    });
}

function requireName(name: string, folders: readonly string[]): void {
  const known = new Set(
    folders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder))
      .filter((file) => file.endsWith(".yaml"))
      .map((file) => file.slice(0, -".yaml".length)),
  );
  if (known.has(name)) return;
  throw new EmpError(
    "profile.name",
    `profile: expected ${choices([...known].sort(), name)}, or a path to a YAML file, found "${name}"`,
  );
}

function requireKnown(loaded: LoadedProfile, key: string, found: string, known: readonly string[]): void {
  if (known.includes(found)) return;
  throw new EmpError(
    "profile.unknown",
    `${loaded.sources.file}: ${key}: expected ${choices(known, found)}, found "${found}"`,
  );
}

/** `one of a, b, c (did you mean b?)` */
export function choices(known: readonly string[], found: string): string {
  const near = nearest(found, known);
  return `one of ${known.join(", ")}${near === null ? "" : ` (did you mean ${near}?)`}`;
}
