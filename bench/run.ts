/** Runs every bench, one after the other, each in its own process: `npm run bench`. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
/** Files that a bench imports, and this one. */
const PARTS = new Set([
  "run.ts",
  "object-design.ts",
  "certificate-naive.ts",
  "replay-tape.ts",
  "polymarket-frames.ts",
  "governor-world.ts",
  "governor-policies.ts",
  "scheduler-world.ts",
  "scheduler-policies.ts",
  "ingest-child.ts",
  "ingest-client.ts",
  "ingest-clock.ts",
  "ingest-market.ts",
  "ingest-plain.ts",
  "ingest-sender.ts",
  "live-start-run.ts",
  "live-start-venues.ts",
  "decide-to-submit-signing.ts",
]);

let failed = 0;
for (const file of readdirSync(HERE)
  .filter((name) => name.endsWith(".ts") && !PARTS.has(name))
  .sort()) {
  console.log(`\n== ${file}`);
  const { status } = spawnSync(process.execPath, [join(HERE, file)], {
    stdio: "inherit",
    cwd: join(HERE, ".."),
  });
  if (status !== 0) failed++;
}
if (failed > 0) {
  console.log(`\n${failed} benches missed a ratio`);
  process.exitCode = 1;
}
