import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedDir } from "../shared.ts";
import { emp, empJson, scratch } from "./emp.ts";

const shared = sharedDir();
const dir = scratch();

describe.skipIf(shared === null)("the conformance kit from any folder (skipped without ../shared)", () => {
  it("counts every case once: nothing fails, kinds to come are pending", async () => {
    const { lines, ...counts } = await empJson<{ lines: string[] }>(
      dir,
      "check",
      "vectors",
      join(shared!, "vectors"),
    );
    expect(lines.filter((line) => line.startsWith("FAIL"))).toEqual([]);
    expect(counts).toMatchObject({ passed: 26 + 24 + 7 + 10, failed: 0 });
    expect(lines.filter((line) => /^PENDING S1[56] /.test(line))).toHaveLength(2);
  });

  it("folds a tape and says what it could not judge", async () => {
    const events = join(shared!, "data", "kalshi", "gold15m_2026-08", "events");
    const market = readdirSync(events).sort()[0] ?? "";
    const { code, stdout, stderr } = await emp(dir, "check", "tape", join(events, market));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/ 0 best-price mismatches, 0 crossed \(reference 0\), 0 gaps,/);
    expect(stdout).toMatch(/sequence not judged/);
    expect(stdout).toMatch(/OK\n$/);
  });
});

describe("the certificates of a run", () => {
  it("pass the independent checker; one changed digit is refused", async () => {
    await empJson(dir, "run", "--profile=demo", "--duration=40s", "--speed=0", "--seed=7", "--out=run");
    const query =
      "select json_extract(json, '$.finding.certificate') as c from decisions where kind = 'opportunity.detected'";
    const rows = await empJson<{ c: string }[]>(dir, "sql", "run", query);
    expect(rows.length).toBeGreaterThan(0);
    writeFileSync(join(dir, "good.json"), `[${rows.map(({ c }) => c).join(",")}]`);
    expect(await empJson(dir, "check", "certificate", "good.json")).toMatchObject({
      verified: rows.length,
      refused: 0,
    });
    const changed = (rows[0]?.c ?? "").replace(
      /"guaranteed":"(\d)/,
      (_, digit: string) => `"guaranteed":"${(Number(digit) + 1) % 10}`,
    );
    writeFileSync(join(dir, "bad.json"), changed);
    const bad = await emp(dir, "check", "certificate", "bad.json");
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^REFUSED certificate 1 — /);
  });
});
