import { defineConfig } from "vitest/config";

const results = process.env["EMP_TEST_RESULTS"];

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "venues/**/*.test.ts", "lanes/**/*.test.ts", "tests/**/*.test.ts"],
    pool: "forks",
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: results === undefined ? ["default"] : ["default", "json"],
    ...(results === undefined ? {} : { outputFile: { json: results } }),
  },
});
