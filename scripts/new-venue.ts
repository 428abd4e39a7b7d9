/**
 * Writes the skeleton of a plugin: `npm run new venue <id>`. What it writes compiles, passes its own test and the
 * conformance suite, and speaks a made-up wire that is then replaced file by file (docs/add-a-venue.md).
 * `npm run new check` proves that in a copy of the repository.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const TEMPLATES = join(import.meta.dirname, "templates", "venue");
const ID = /^[a-z][a-z0-9]{1,30}(-[a-z0-9]{1,30}){0,3}$/;
const USAGE =
  "usage: npm run new venue <id>     (lower-case words joined by dashes, such as polymarket-us)\n";
/** What a copy needs to be checked; the rest is not looked at. */
const COPIED = ["src", "venues", "lanes", "tests", "bench", "scripts", "profiles", "docs", "package.json"];
const COPIED_CONFIG = [
  "tsconfig.json",
  "biome.json",
  "vitest.config.ts",
  "knip.json",
  ".dependency-cruiser.cjs",
];

/** `polymarket-us` exports `polymarketUs`, as scripts/gen-registry.ts expects. */
function camel(id: string): string {
  return id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function writeSkeleton(root: string, id: string): readonly string[] {
  const name = camel(id);
  const words: Readonly<Record<string, string>> = {
    __id__: id,
    __camel__: name,
    __Pascal__: name.charAt(0).toUpperCase() + name.slice(1),
  };
  const files = readdirSync(TEMPLATES, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map((entry) => {
    const template = join(entry.parentPath, entry.name);
    const target = join(root, "venues", id, relative(TEMPLATES, template).replace(/\.txt$/, ""));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      readFileSync(template, "utf8").replace(/__[a-zA-Z]+__/g, (word) => words[word] ?? word),
    );
    return target;
  });
}

/** Runs an installed tool; false and its output when it fails. */
function run(root: string, tool: string, args: readonly string[]): boolean {
  const bin = join(ROOT, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(tool, args, { cwd: root, encoding: "utf8", env });
  if (status === 0) return true;
  process.stderr.write(`new: ${tool} ${args.join(" ")} failed\n${stdout ?? ""}${stderr ?? ""}`);
  return false;
}

function register(root: string, id: string): boolean {
  return (
    run(root, "biome", ["check", "--write", join("venues", id)]) &&
    run(root, process.execPath, [join("scripts", "gen-registry.ts")])
  );
}

/** Writes a skeleton into a copy of the repository and holds it to everything that a venue is held to. */
function check(): boolean {
  const copy = mkdtempSync(join(tmpdir(), "emp-new-"));
  try {
    for (const name of [...COPIED, ...COPIED_CONFIG])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const id = "new-venue";
    writeSkeleton(copy, id);
    return (
      register(copy, id) &&
      run(copy, "biome", ["check", join("venues", id)]) &&
      run(copy, "tsc", ["-p", "tsconfig.json"]) &&
      run(copy, process.execPath, [join("scripts", "check-imports.ts")]) &&
      run(copy, "vitest", ["run", `venues/${id}`]) &&
      run(copy, "vitest", ["run", "tests/conformance/venues.test.ts", "-t", `venue ${id}`])
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const [what, id] = process.argv.slice(2);
if (what === "check" && id === undefined) {
  if (check()) console.log("new: the skeleton compiles and passes its tests and the conformance suite");
  else process.exitCode = 1;
} else if (what !== "venue" || id === undefined || !ID.test(id)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else if (existsSync(join(ROOT, "venues", id))) {
  process.stderr.write(`new: venues/${id} is there already\n`);
  process.exitCode = 2;
} else {
  const files = writeSkeleton(ROOT, id);
  for (const file of files) console.log(relative(ROOT, file));
  if (!register(ROOT, id)) process.exitCode = 1;
  else console.log(`\nnext: npx vitest run venues/${id} tests/conformance, then docs/add-a-venue.md`);
}
