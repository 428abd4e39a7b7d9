import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { profileJsonSchema } from "../src/runtime/profile/schema.ts";

/** Writes profiles/schema.json from the zod schema; with `--check` only says whether it is up to date (exit 1 if not). */
const file = join(import.meta.dirname, "..", "profiles", "schema.json");
const text = `${JSON.stringify(profileJsonSchema(), null, 2)}\n`;
const current = existsSync(file) ? readFileSync(file, "utf8") : "";

if (!process.argv.includes("--check")) {
  writeFileSync(file, text);
  console.log("profiles/schema.json written");
} else if (current === text) {
  console.log("profiles/schema.json is up to date");
} else {
  console.error("profiles/schema.json is stale: run `node scripts/gen-profile-schema.ts`");
  process.exitCode = 1;
}
