import { cpSync, existsSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emp, empJson, type Running, scratch, startEmp, until } from "./emp.ts";

const dir = scratch();

/** A demo run without an end of its own, once it has written facts. */
async function endlessRun(out: string, ...more: readonly string[]): Promise<Running> {
  const running = startEmp(dir, ["run", "--profile=demo", "--speed=0", "--no-view", `--out=${out}`, ...more]);
  const segment = join(dir, out, "journal", "facts-000001.seg");
  await until(running, () => existsSync(segment) && statSync(segment).size > 500_000);
  return running;
}

describe("a stop signal", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s ends a run with everything flushed, a summary and a report",
    async (name) => {
      const running = await endlessRun(name);
      running.child.kill(name);
      const { code, stdout, stderr } = await running.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: "stopped by a signal; everything was flushed\n" });
      expect(stdout).toMatch(/RECONCILED[\s\S]*report +SIG\w+\/report\/kpi\.html/);
      expect(await empJson(dir, "verify-journal", name)).toMatchObject({ ok: true, tail: { sealed: true } });
      expect(await empJson(dir, "replay", name, "--verify")).toMatchObject({
        ok: true,
        decisions: { complete: true },
      });
    },
  );

  it("that cuts a run with a duration short shows in the exit code, and --json stays JSON", async () => {
    const running = await endlessRun("short", "--duration=10h", "--json");
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ stopped: true, report: { reconciled: true } });
  });
});

describe("a run that is killed", () => {
  it("leaves a journal that verifies, replays and recomputes as far as it goes, a torn block cut off and said", async () => {
    const running = await endlessRun("killed");
    running.child.kill("SIGKILL");
    await running.ended;
    expect(readdirSync(join(dir, "killed"))).not.toContain("run.json");
    await expectWhole("killed");

    cpSync(join(dir, "killed"), join(dir, "torn"), { recursive: true });
    const segment = join(dir, "torn", "journal", "facts-000001.seg");
    truncateSync(segment, statSync(segment).size - 13);
    const torn = await emp(dir, "verify-journal", "torn");
    expect(torn.code).toBe(0);
    expect(torn.stdout).toMatch(
      /an unfinished block of \d+ bytes in facts-000001\.seg at byte \d+ is cut off/,
    );
    await expectWhole("torn");

    cpSync(join(dir, "killed"), join(dir, "torn-raw"), { recursive: true });
    const raw = join(dir, "torn-raw", "journal", "raw-000001.seg");
    truncateSync(raw, statSync(raw).size - 13);
    expect(await empJson(dir, "replay", "torn-raw", "--verify")).toMatchObject({
      ok: true,
      remap: { cut: true },
    });
  });

  async function expectWhole(run: string): Promise<void> {
    expect(await empJson(dir, "verify-journal", run)).toMatchObject({ ok: true, tail: { sealed: false } });
    expect(await empJson(dir, "replay", run, "--verify")).toMatchObject({
      ok: true,
      decisions: { complete: false },
    });
    const recomputed = await empJson(dir, "replay", run, "--recompute", `--out=${run}-recomputed`);
    expect(recomputed).toMatchObject({ ok: true, complete: false, divergence: null });
  }

  it("has no report of its own; the line says how to make one", async () => {
    const { code, stderr } = await emp(dir, "report", "kpi", "killed");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^emp: report: .*no run\.json: this run was killed or still runs; `emp replay killed` makes .*\n$/,
    );
    const replayed = await emp(dir, "replay", "killed", "--out=rescued");
    expect(replayed.code).toBe(0);
    expect(existsSync(join(dir, "rescued", "report", "kpi.html"))).toBe(true);
  });
});
