import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type LoadedProfile, loadProfile } from "./load.ts";
import { ProfileError } from "./problem.ts";
import { PROFILE_SCHEMA, profileJsonSchema } from "./schema.ts";

const dir = mkdtempSync(join(tmpdir(), "emp-profile-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SHIPPED = join(import.meta.dirname, "..", "..", "..", "profiles");
const BASE = "venues: { kalshi: { module: kalshi } }\nlanes: { bucket: { minProfit: '0.01' } }\n";

function load(yaml: string, env: Record<string, string> = {}): LoadedProfile {
  const file = join(dir, "given.yaml");
  writeFileSync(file, yaml);
  return loadProfile(file, env, []);
}

/** The error's message with the folder cut off. */
function problem(yaml: string, env: Record<string, string> = {}): string {
  try {
    load(yaml, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ProfileError);
    const { message } = error as ProfileError;
    expect(message).not.toContain("\n");
    return message.replace(`${dir}/`, "");
  }
  return "no problem";
}

describe("loadProfile: precedence", () => {
  it("takes the default where nothing is said, the file over the default, the environment over the file", () => {
    const env = { EMP_RISK__MAX_CONCURRENT: "3" };
    expect(load(BASE).profile.risk.maxConcurrent).toBe(8);
    expect(load(`${BASE}risk: { maxConcurrent: 7 }\n`).profile.risk.maxConcurrent).toBe(7);
    expect(load(`${BASE}risk: { maxConcurrent: 7 }\n`, env).profile.risk.maxConcurrent).toBe(3);
    expect(load(BASE, env).profile.risk.maxConcurrent).toBe(3);
  });

  it("changes only the field that the environment names", () => {
    const plain = load(`${BASE}risk: { maxConcurrent: 7, minEdgeBps: 5 }\n`).profile;
    const set = load(`${BASE}risk: { maxConcurrent: 7, minEdgeBps: 5 }\n`, { EMP_RISK__MIN_EDGE: "0.5" });
    expect(set.profile).toEqual({ ...plain, risk: { ...plain.risk, minEdge: "0.5" } });
    expect(set.sources.overrides).toEqual([
      { variable: "EMP_RISK__MIN_EDGE", path: ["risk", "minEdge"], value: "0.5" },
    ]);
    expect(set.effectiveYaml).toContain("# risk.minEdge set by EMP_RISK__MIN_EDGE");
  });

  it("keeps the type a field has: text, number, truth, list, and untyped lane options", () => {
    const { profile } = load(BASE, {
      EMP_SEED: "42",
      EMP_EXECUTION__UNWIND: "false",
      EMP_RISK__LANES: "[bucket]",
      EMP_LANES__BUCKET__MIN_PROFIT: "0.25",
      EMP_LANES__BUCKET__MAX_LEGS: "8",
    });
    expect(profile.seed).toBe("42");
    expect(profile.execution.unwind).toBe(false);
    expect(profile.risk.lanes).toEqual(["bucket"]);
    expect(profile.lanes).toEqual({ bucket: { minProfit: "0.25", maxLegs: 8 } });
  });

  it("names a venue with a dash by its underscore", () => {
    const yaml = "venues: { sim-one: { module: kalshi } }\nlanes: {}\n";
    expect(load(yaml, { EMP_VENUES__SIM_ONE__ENABLED: "false" }).profile.venues["sim-one"]?.enabled).toBe(
      false,
    );
  });

  it("leaves other tools' variables alone", () => {
    const env = { EMP_SHARED: "/x", EMP_FUZZ: "9", EMPIRE__RISK: "1", PATH: "/bin" };
    expect(load(BASE, env).hash).toBe(load(BASE).hash);
  });

  it("needs no variable at all: every shipped profile loads with an empty environment", () => {
    for (const name of ["demo", "replay", "replay-strict"])
      expect(loadProfile(name, {}, [SHIPPED]).profile).toMatchObject({ name, mode: "paper" });
  });
});

describe("loadProfile: one line for what is wrong", () => {
  it.each([
    [
      "an unknown key",
      "risk:\n  maxConcurent: 3\n",
      "given.yaml:4:3: risk.maxConcurent: expected maxConcurrent, found an unknown key",
    ],
    [
      "money as a number",
      "risk:\n  minEdge: 0.05\n",
      "given.yaml:4:3: risk.minEdge: expected text in quotes, found 0.05",
    ],
    [
      "a negative amount",
      "risk: { familyCap: '-1' }\n",
      'given.yaml:3:9: risk.familyCap: expected decimal text in quotes, such as "0.25", found "-1"',
    ],
    [
      "a fraction above 1",
      "sizing: { kellyFraction: '1.01' }\n",
      'given.yaml:3:11: sizing.kellyFraction: expected a fraction from "0" to "1", found "1.01"',
    ],
    [
      "a word for a number",
      "risk: { maxConcurrent: abc }\n",
      'given.yaml:3:9: risk.maxConcurrent: expected a number, found "abc"',
    ],
    [
      "a number out of range",
      "risk: { maxConcurrent: 0 }\n",
      "given.yaml:3:9: risk.maxConcurrent: expected at least 1, found 0",
    ],
    [
      "a fractional duration",
      "firewall: { maxAgeMs: 1.5 }\n",
      "given.yaml:3:13: firewall.maxAgeMs: expected an integer, found 1.5",
    ],
    ["a mode that is none", "mode: demo\n", 'given.yaml:3:1: mode: expected "paper" or "live", found "demo"'],
    [
      "an unknown choice",
      "capture: { durability: none }\n",
      'given.yaml:3:12: capture.durability: expected "write" or "fdatasync", found "none"',
    ],
    [
      "latencies out of order",
      "paper: { latency: { default: { minMs: 90, typicalMs: 1 } } }\n",
      "given.yaml:3:21: paper.latency.default: expected minMs <= typicalMs <= maxMs, found a mapping",
    ],
    [
      "a section that is no mapping",
      "firewall: 3\n",
      "given.yaml:3:1: firewall: expected a mapping, found 3",
    ],
    [
      "a key given twice",
      "lanes: {}\n",
      "given.yaml:3:1: expected valid YAML, found: Map keys must be unique",
    ],
  ])("%s", (_, yaml, expected) => {
    expect(problem(BASE + yaml)).toBe(expected);
  });

  it("says what is missing", () => {
    expect(problem("lanes: {}\n")).toBe("given.yaml:1:1: venues: expected a mapping, found nothing");
  });

  it("says what kind of file it is when it holds no profile", () => {
    expect(problem("")).toBe("given.yaml:1:1: expected a mapping of profile fields, found an empty file");
    expect(problem("- a\n- b\n")).toBe(
      "given.yaml:1:1: expected a mapping of profile fields, found a list of 2",
    );
    expect(problem("venues: [\n")).toMatch(/^given\.yaml:\d+:\d+: expected valid YAML, found: /);
  });

  it("reports the first problem of the file and counts the rest", () => {
    const yaml = `${BASE}mode: demo\nrisk: { maxConcurrent: 0 }\n`;
    expect(problem(yaml)).toMatch(/^given\.yaml:3:1: mode: .* \(and 1 more\)$/);
  });

  it("names the variable when the environment is wrong", () => {
    expect(problem(BASE, { EMP_RISK__MAX_CONCURENT: "1" })).toBe(
      "EMP_RISK__MAX_CONCURENT: risk.maxConcurent: expected a field of the profile: maxConcurrent (nearest name), found an unknown name",
    );
    expect(problem(BASE, { EMP_RISK__MAX_CONCURRENT: "x" })).toBe(
      'EMP_RISK__MAX_CONCURRENT: risk.maxConcurrent: expected integer, found "x"',
    );
    expect(problem(BASE, { EMP_RISK__MAX_CONCURRENT: "0" })).toBe(
      "EMP_RISK__MAX_CONCURRENT: risk.maxConcurrent: expected at least 1, found 0",
    );
  });

  it("says where it looked for a profile that is not there, and does not take a folder for a file", () => {
    mkdirSync(join(dir, "folder.yaml"), { recursive: true });
    expect(() => loadProfile("nope", {}, ["a", "b"])).toThrow(
      'profile "nope": expected a file, found nothing at a/nope.yaml, b/nope.yaml',
    );
    expect(() => loadProfile(join(dir, "folder.yaml"), {}, [])).toThrow("expected a file");
  });

  it("never throws anything but a ProfileError, whatever the file holds", () => {
    void fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary" })), (text) => {
        try {
          load(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ProfileError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("loadProfile: the hash", () => {
  it("does not depend on the order of keys, on comments or on how a decimal is written", () => {
    const a = load(`${BASE}risk: { minEdge: "0.50", maxConcurrent: 2 }\n`);
    const b = load(
      `# note\nlanes: { bucket: { minProfit: '0.01' } }\nrisk: { maxConcurrent: 2, minEdge: "0.5" }\nvenues: { kalshi: { module: kalshi } }\n`,
    );
    expect(b.hash).toBe(a.hash);
    expect(a.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("changes with any effective value", () => {
    expect(load(BASE, { EMP_RISK__MIN_EDGE: "0.06" }).hash).not.toBe(load(BASE).hash);
  });

  it("is reproduced by loading the effective profile", () => {
    const demo = loadProfile("demo", {}, [SHIPPED]);
    expect(load(demo.effectiveYaml).hash).toBe(demo.hash);
  });
});

describe("profiles/schema.json", () => {
  it("is what the schema generates", () => {
    expect(JSON.parse(readFileSync(join(SHIPPED, "schema.json"), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(profileJsonSchema())),
    );
  });

  it("knows every key of every effective profile", () => {
    for (const name of ["demo", "replay", "replay-strict"]) {
      const effective: unknown = parse(loadProfile(name, {}, [SHIPPED]).effectiveYaml);
      expect(PROFILE_SCHEMA.safeParse(effective).success).toBe(true);
    }
  });
});
