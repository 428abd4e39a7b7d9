import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emp, empJson, scratch } from "./emp.ts";

interface RunJson {
  readonly summary: { readonly digest: string; readonly facts: number };
  readonly rows: number;
  readonly report: { readonly reconciled: boolean };
}

describe("a demo run as a user meets it", () => {
  const dir = scratch();
  let run: RunJson;
  beforeAll(async () => {
    run = await empJson(dir, "run", "--profile=demo", "--duration=40s", "--speed=0", "--seed=7", "--out=run");
  });

  it("finds opportunities, reconciles, and leaves journal, profile, rows and report", () => {
    expect(run.rows).toBeGreaterThan(0);
    expect(run.report.reconciled).toBe(true);
    const files = [
      "journal/journal.json",
      "profile.yaml",
      "run.json",
      "opportunities.ndjson",
      "report/kpi.html",
    ];
    expect(files.filter((file) => !existsSync(join(dir, "run", file)))).toEqual([]);
  });

  it("verifies: the journal is whole, its facts are what its frames say, its decisions are the engine's", async () => {
    expect(await empJson(dir, "verify-journal", "run")).toMatchObject({ ok: true, tail: { sealed: true } });
    const verified = await empJson(dir, "replay", "run", "--verify");
    expect(verified).toMatchObject({ ok: true, remap: { difference: null, cut: false } });
    expect(verified).toMatchObject({ decisions: { complete: true, digest: run.summary.digest } });
  });

  it("recomputes to the same digest under the profile kept beside it, another seed than the file's included", async () => {
    const again = await empJson(dir, "replay", "run", "--recompute", "--out=again");
    expect(again).toMatchObject({ ok: true, complete: true, summary: { digest: run.summary.digest } });
  });

  it("replayed as a what-if under its own profile decides the same, and under another says where it parts", async () => {
    const same = await empJson<RunJson>(dir, "replay", "run", "--out=same");
    expect(same.summary.digest).toBe(run.summary.digest);
    const other = await emp(dir, "replay", "run", "--against=replay-strict", "--out=ab");
    expect(other).toMatchObject({ code: 0, stderr: "" });
    expect(other.stdout).toMatch(/first divergence at event [\d,]+ \(.*\), rule \S+/);
    expect(other.stdout).toContain("RECONCILED");
  });

  it("never overwrites a run", async () => {
    for (const args of [
      ["run", "--profile=demo", "--duration=1s", "--out=run"],
      ["replay", "run", "--out=run"],
      ["restore", "run", "--out=run"],
    ]) {
      const { code, stdout, stderr } = await emp(dir, ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^emp: \w+: --out: expected a new or empty folder, found run\.json in .*; choose another folder\n$/,
      );
    }
  });

  it("prints no control characters without a terminal", async () => {
    const { stdout, stderr } = await emp(dir, "replay", "run", "--verify");
    expect(`${stdout}${stderr}`).not.toContain(String.fromCharCode(27));
    expect(stdout).toMatch(/VERIFIED\n$/);
  });
});
