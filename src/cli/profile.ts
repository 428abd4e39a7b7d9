import { join } from "node:path";
import type { Command } from "commander";
import { type LoadedProfile, loadProfile } from "../runtime/profile/load.ts";
import { print, printJson } from "./console.ts";
import { productRoot } from "./product.ts";

/** Loads a profile by name (own folder first, then the product's) or path, with the explicit overrides of the environment. */
export function profileOf(
  nameOrPath: string,
  overrides: Readonly<Record<string, string>> = {},
): LoadedProfile {
  return loadProfile(nameOrPath, { ...process.env, ...overrides }, [
    "profiles",
    join(productRoot(), "profiles"),
  ]);
}

export function addProfileCommand(program: Command): void {
  program
    .command("profile")
    .description("show the effective profile: file, overrides of the environment, defaults")
    .argument("<name>", "name of a profile or path of a YAML file")
    .option("--json", "print as JSON")
    .action((name: string, options: { json?: boolean }) => {
      const { profile, hash, effectiveYaml, sources } = profileOf(name);
      if (options.json === true) printJson({ hash, sources, profile });
      else print(`# sha256 ${hash}\n${effectiveYaml}`);
    });
}
