// Adds up the steps of .ci/run and the tests, and closes with one plain line: `N passed, N failed`.
import { existsSync, readFileSync } from "node:fs";

const steps = readFileSync(".emp/ci/steps", "utf8")
  .trim()
  .split("\n")
  .filter((line) => line !== "");
let passed = 0;
let failed = 0;
let skipped = 0;
for (const line of steps) {
  const [result, ...name] = line.split(" ");
  if (result === "pass") passed++;
  else {
    failed++;
    console.log(`failed: ${name.join(" ")}`);
  }
}
const results = process.env.EMP_TEST_RESULTS;
if (results !== undefined && existsSync(results)) {
  const tests = JSON.parse(readFileSync(results, "utf8"));
  passed += tests.numPassedTests;
  failed += tests.numFailedTests;
  skipped += tests.numPendingTests;
} else {
  failed++;
  console.log("failed: the tests left no result");
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;
