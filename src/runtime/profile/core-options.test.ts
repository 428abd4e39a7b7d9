import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_EXECUTION_OPTIONS } from "../../core/execution/options.ts";
import { DEFAULT_FIREWALL } from "../../core/market/options.ts";
import { DEFAULT_OPPORTUNITY_OPTIONS } from "../../core/opportunities.ts";
import { DEFAULT_RISK_LIMITS } from "../../core/risk/limits.ts";
import { DEFAULT_DRAWDOWN_SCALE } from "../../core/sizing/drawdown.ts";
import { DEFAULT_SIZING_OPTIONS } from "../../core/sizing/options.ts";
import { DEFAULT_PAPER_OPTIONS } from "../../sim/exchange/options.ts";
import {
  drawdownOptions,
  executionOptions,
  firewallOptions,
  opportunityOptions,
  paperOptions,
  riskLimits,
  sizingOptions,
  startCash,
  worldOptions,
} from "./core-options.ts";
import { loadProfile } from "./load.ts";
import { PROFILE_SCHEMA } from "./schema.ts";

const PROFILES = join(import.meta.dirname, "..", "..", "..", "profiles");
const DEFAULTS = PROFILE_SCHEMA.parse({
  name: "plain",
  venues: { kalshi: { module: "kalshi" } },
  lanes: { bucket: {} },
});

describe("a profile that says nothing", () => {
  it("gives the core its documented defaults", () => {
    expect(firewallOptions(DEFAULTS)).toEqual(DEFAULT_FIREWALL);
    expect(sizingOptions(DEFAULTS)).toEqual(DEFAULT_SIZING_OPTIONS);
    expect(drawdownOptions(DEFAULTS)).toEqual(DEFAULT_DRAWDOWN_SCALE);
    expect(opportunityOptions(DEFAULTS)).toEqual(DEFAULT_OPPORTUNITY_OPTIONS);
    const { orderMicros } = DEFAULT_PAPER_OPTIONS.defaultLatency;
    const defaultLatency = { orderMicros, answerMicros: orderMicros.map((value) => value / 2) };
    expect(paperOptions(DEFAULTS)).toEqual({ ...DEFAULT_PAPER_OPTIONS, defaultLatency });
    expect(riskLimits(DEFAULTS)).toEqual({ ...DEFAULT_RISK_LIMITS, venues: ["kalshi"], lanes: ["bucket"] });
    const { maxRemembered } = DEFAULT_OPPORTUNITY_OPTIONS;
    expect(executionOptions(DEFAULTS)).toEqual({ ...DEFAULT_EXECUTION_OPTIONS, maxRemembered });
    expect(worldOptions(DEFAULTS, () => "")).toBeNull();
  });
});

describe("a profile that says something", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const { profile } = loadProfile("demo", {}, [PROFILES]);

  it("trades only on enabled venues unless it lists them", () => {
    const { venues } = profile;
    const off = { ...profile, venues: { ...venues, simp: { ...venues["simp"]!, enabled: false } } };
    expect(riskLimits(off).venues).toEqual(["simk", "sims"]);
    expect(riskLimits({ ...off, risk: { ...off.risk, venues: ["simk"] } }).venues).toEqual(["simk"]);
  });

  it("gives a venue its own latency and cash, and the others the default", () => {
    expect(Object.keys(paperOptions(profile).latency)).toEqual(["simk"]);
    expect(paperOptions(profile).latency["simk"]!.orderMicros).toEqual([15_000, 30_000, 120_000]);
    const cash = { ...profile, paper: { ...profile.paper, startCash: { default: "5", simk: "7.25" } } };
    expect(startCash(cash, "simk")).toBe(7_250_000_000_000n);
    expect(startCash(cash, "simp")).toBe(5_000_000_000_000n);
  });

  it("plants a stale leg only after the firewall must have noticed", () => {
    const world = worldOptions(profile, sha256)!;
    expect(world.startAt).toBe(1_767_571_200_000_000);
    expect(world.staleAfterMicros).toBeGreaterThan(firewallOptions(profile).maxAgeMicros);
  });

  it("is nowhere looser in replay-strict than in replay", () => {
    const loose = loadProfile("replay", {}, [PROFILES]).profile;
    const strict = loadProfile("replay-strict", {}, [PROFILES]).profile;
    expect(firewallOptions(strict).maxAgeMicros).toBeLessThan(firewallOptions(loose).maxAgeMicros);
    expect(firewallOptions(strict).maxJumpPermille).toBeLessThan(firewallOptions(loose).maxJumpPermille);
    expect(riskLimits(strict).minEdge).toBeGreaterThan(riskLimits(loose).minEdge);
    expect(sizingOptions(strict).planCap).toBeLessThan(sizingOptions(loose).planCap);
    expect(sizingOptions(strict).kellyFractionPpm).toBeLessThan(sizingOptions(loose).kellyFractionPpm);
  });
});
