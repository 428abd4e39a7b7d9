/**
 * Writes src/registry.gen.ts from the folders under venues/ and lanes/: adding a plugin adds a folder and edits nothing.
 * `--check` exits 1 when the file is stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const TARGET = join(ROOT, "src", "registry.gen.ts");

function plugins(folder: string, file: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, folder, entry.name, file)))
    .map((entry) => entry.name)
    .sort();
}

/** `polymarket-us` exports `polymarketUs`. */
function camel(id: string): string {
  return id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function render(): string {
  const venues = plugins("venues", "venue.ts");
  const lanes = plugins("lanes", "lane.ts");
  const lines = [
    "// Written by scripts/gen-registry.ts. Do not edit: run `npm run gen`.",
    ...lanes.map((id) => `import { ${camel(id)} } from "../lanes/${id}/lane.ts";`),
    ...venues.map((id) => `import { ${camel(id)} } from "../venues/${id}/venue.ts";`),
    'import type { LaneModule, VenueModule } from "./contracts/index.ts";',
    "",
    "/** Every venue under venues/, by id. */",
    `export const VENUES: ReadonlyMap<string, VenueModule> = new Map<string, VenueModule>([`,
    ...venues.map((id) => `  ["${id}", ${camel(id)}],`),
    "]);",
    "",
    "/** Every lane under lanes/, by id. Options are `unknown` here: each lane parses its own. */",
    "export const LANES: ReadonlyMap<string, LaneModule<unknown>> = new Map<string, LaneModule<unknown>>([",
    ...lanes.map((id) => `  ["${id}", ${camel(id)} as LaneModule<unknown>],`),
    "]);",
    "",
  ];
  return lines.join("\n");
}

const wanted = render();
const current = existsSync(TARGET) ? readFileSync(TARGET, "utf8") : "";
if (process.argv.includes("--check")) {
  if (current !== wanted) {
    process.stderr.write("src/registry.gen.ts is stale: run `npm run gen`\n");
    process.exit(1);
  }
} else if (current !== wanted) {
  writeFileSync(TARGET, wanted);
}
