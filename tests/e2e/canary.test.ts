import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emp, empJson, scratch } from "./emp.ts";

interface RunJson {
  readonly summary: { readonly digest: string; readonly facts: number };
  readonly rows: number;
  readonly report: { readonly reconciled: boolean };
  readonly recall: {
    readonly planted: number;
    readonly found: number;
    readonly missed: Readonly<Record<string, number>>;
    readonly decoysTaken: number;
  };
}

const SIMULATED = ["--venues=embedded", "--speed=0"] as const;

describe("the canary on embedded venues, as a user meets it", () => {
  const dir = scratch();
  let run: RunJson;
  beforeAll(async () => {
    run = await empJson(dir, "run", "--profile=canary", ...SIMULATED, "--duration=3m", "--out=run");
  });

  it("finds what was planted, or says why not, takes no trap and reconciles", () => {
    const { planted, found, missed, decoysTaken } = run.recall;
    expect(found).toBeGreaterThan(5);
    expect(found + Object.values(missed).reduce((sum, count) => sum + count, 0)).toBe(planted);
    expect(found / planted).toBeGreaterThan(0.8);
    expect(decoysTaken).toBe(0);
    expect(run.report.reconciled).toBe(true);
    const files = ["journal/journal.json", "profile.yaml", "run.json", "recall.json", "health.ndjson"];
    expect(files.filter((file) => !existsSync(join(dir, "run", file)))).toEqual([]);
    const last = readFileSync(join(dir, "run", "health.ndjson"), "utf8")
      .trim()
      .split("\n")
      .at(-1)!;
    for (const use of Object.values(
      (JSON.parse(last) as { venues: Record<string, { wanted: number; usable: number }> }).venues,
    ))
      expect(use.usable).toBe(use.wanted);
  });

  it("verifies against its raw frames, and no opened trade rests on a rejected quote", async () => {
    const verified = await empJson(dir, "replay", "run", "--verify");
    expect(verified).toMatchObject({ ok: true, remap: { difference: null, cut: false } });
    expect(verified).toMatchObject({ decisions: { complete: true, digest: run.summary.digest } });
    expect(await empJson(dir, "sql", "run", "--named=barred-trades")).toEqual([]);
  });

  it("gives the same digest again, and another with another seed", async () => {
    const again = await empJson<RunJson>(
      dir,
      "run",
      "--profile=canary",
      ...SIMULATED,
      "--duration=3m",
      "--out=b",
    );
    expect(again.summary.digest).toBe(run.summary.digest);
    const other = ["--duration=1m", "--seed=other", "--out=c"];
    const another = await empJson<RunJson>(dir, "run", "--profile=canary", ...SIMULATED, ...other);
    expect(another.summary.digest).not.toBe(run.summary.digest);
  });

  it("runs over real sockets for a moment, and verifies", async () => {
    const socket = ["--venues=embedded", "--duration=6s", "--out=sockets"];
    const real = await empJson<RunJson>(dir, "run", "--profile=canary", ...socket);
    expect(real.summary.facts).toBeGreaterThan(1_000);
    expect(await empJson(dir, "replay", "sockets", "--verify")).toMatchObject({ ok: true });
  });

  it.each([
    [["--venues=somewhere"], /--venues: expected public or embedded, found "somewhere"/],
    [["--venues=embedded", "--speed=3"], /--speed: expected 0 or 1 for embedded venues, found "3"/],
    [["--venues=embedded", "--live"], /live trading needs three confirmations; missing: mode: live/],
  ])("refuses %j in one line", async (args, expected) => {
    const { code, stdout, stderr } = await emp(dir, "run", "--profile=canary", ...args, "--out=none");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(expected);
  });
});
