import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emp, ROOT, scratch } from "../e2e/emp.ts";

const GOLDEN = join(ROOT, "replays", "golden");
const names = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe("golden journals", () => {
  const folder = scratch();

  it("are there", () => expect(names.length).toBeGreaterThan(0));

  it.each(names)("%s: bytes, facts and decisions still agree", async (name) => {
    const { code, stdout } = await emp(folder, "replay", join(GOLDEN, name), "--verify", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(code).toBe(0);
  });

  it.each(names)(
    "%s: everything made anew gives the recorded decisions and the kept digest",
    async (name) => {
      const out = join(folder, name);
      const { code, stdout } = await emp(
        folder,
        "replay",
        join(GOLDEN, name),
        "--recompute",
        "--json",
        "--out",
        out,
      );
      const digest = readFileSync(join(GOLDEN, name, "digest.txt"), "utf8").trim();
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, summary: { digest } });
      expect(code).toBe(0);
    },
  );
});
