/** Runs dependency-cruiser and fails when it cruised nothing: an empty cruise passes every rule. */
import { spawnSync } from "node:child_process";

const FOLDERS = ["src", "venues", "lanes", "bench", "tests", "scripts"];
const MODULES_MIN = 50;

const run = spawnSync("depcruise", [...FOLDERS, "--output-type", "err"], { encoding: "utf8" });
process.stdout.write(run.stdout);
process.stderr.write(run.stderr);
const cruised = Number(/\((\d+) modules/.exec(run.stdout)?.[1] ?? 0);
if (run.status !== 0) process.exit(1);
if (cruised < MODULES_MIN) {
  process.stderr.write(`imports: only ${cruised} modules were cruised, expected at least ${MODULES_MIN}\n`);
  process.exit(1);
}
