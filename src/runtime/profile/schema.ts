import { z } from "zod";
import { embeddedSection, feedSection, scanSection, statusSection } from "./feed-schema.ts";
import { count, durationMs, fraction, id, money, options, permille, relativeDir } from "./fields.ts";

/**
 * The schema of a profile. Unknown keys are errors, every default is visible in the effective profile.
 * Durations end in `Ms`; money and fractions are decimal text, so that no float enters; `Ppm` is parts per million.
 */

const venue = z.strictObject({
  /** The folder under venues/ whose wire the venue speaks. */
  module: id(),
  enabled: z.boolean().default(true),
  /** What the venue's session reads; each venue states its fields in its README. */
  session: options().default({}),
  /** Base URLs that differ from the public ones, by the venue's own names for them. */
  hosts: z.record(id(), z.string().min(1).max(300)).default({}),
});

const firewall = z.strictObject({
  /** A quote is stale when the continuity of its stream was last proved longer ago. */
  maxAgeMs: durationMs(1).default(10_000),
  microPriceLow: permille().default("0.02"),
  microPriceHigh: permille().default("0.98"),
  /** Largest move of the mid in one step that is believed at once; "0" = off. */
  maxJump: permille().default("0.25"),
  jumpConfirmations: count(1, 100).default(2),
  requireTwoSides: z.boolean().default(false),
  sizeMedianBooks: count(1, 8).default(3),
  /** Bar a quote until the size median is known; otherwise only its size is withheld. */
  requireSettledSize: z.boolean().default(false),
  maxClampedLevels: count(0, 10_000).default(3),
  witnessMismatches: count(1, 1_000).default(1),
  /** Moves of the venue's own best price without a change of depth; 0 = off. */
  frozenWitnessMoves: count(0, 1_000).default(2),
  /** Let markets through whose status nobody stated. */
  allowUnknownStatus: z.boolean().default(false),
});

const sizing = z.strictObject({
  kellyFraction: fraction().default("0.25"),
  /** Assumed, not measured: chance that every leg of a plan fills. */
  successProbability: fraction().default("0.95"),
  /** Assumed, not measured: share of a plan's capital lost when it must be unwound. */
  unwindLoss: fraction().default("0.05"),
  scaleByConfidence: z.boolean().default(true),
  /** The caps by family, by venue and in all are those of `risk`. */
  maxPlanCapital: money().default("100"),
  /** Most that unwinding one plan may cost, at the assumed unwind loss. */
  maxPlanLoss: money().default("25"),
  /** Share of the settled size (median of the last valid books) that a leg may take. */
  settledShare: fraction().default("1"),
  /** The stake shrinks from full at a fall of `soft` from the equity's peak to nothing at `hard`. */
  drawdown: z
    .strictObject({
      soft: fraction().default("0.05"),
      hard: fraction().default("0.15"),
      restoreStep: fraction().default("0.1"),
      restoreEvery: count(1, 10_000).default(1),
    })
    .prefault({}),
});

const risk = z.strictObject({
  /** Venues and lanes that may trade; an empty list lets all of the profile's. */
  venues: z.array(id()).max(64).default([]),
  lanes: z.array(id()).max(64).default([]),
  /** Families that may never trade, by key. */
  barredFamilies: z.array(z.string().min(1).max(200)).max(1_000).default([]),
  minEdge: money().default("0.01"),
  minEdgeBps: count(0, 10_000).default(10),
  maxConcurrent: count(1, 10_000).default(8),
  familyCap: money().default("200"),
  venueCap: money().default("1000"),
  totalCap: money().default("2000"),
  /** Fall of the equity since the start of the UTC day that liquidates everything and ends trading. */
  dailyDrawdown: fraction().default("0.02"),
  /** Capital at risk over equity; "1" = nothing borrowed. */
  maxLeverage: fraction().default("1"),
  minTimeToCloseMs: durationMs().default(60_000),
});

/** From our submit to the venue's book: three equally likely points; the venue's answer takes half of it. */
const latency = z
  .strictObject({
    minMs: durationMs().default(40),
    typicalMs: durationMs().default(80),
    maxMs: durationMs().default(250),
  })
  .refine((l) => l.minMs <= l.typicalMs && l.typicalMs <= l.maxMs, { error: "minMs <= typicalMs <= maxMs" });

/** Assumed, not measured, until calibrated against forward outcomes. `default` serves venues without a line of their own. */
const paper = z.strictObject({
  startCash: z.record(id(), money()).default({ default: "5000" }),
  latency: z.record(id(), latency).prefault({ default: {} }),
  /** Chance that a venue refuses an order for no reason of ours. */
  rejectPpm: count(0, 1_000_000).default(5_000),
});

const execution = z.strictObject({
  legDeadlineMs: durationMs(1).default(2_000),
  cancelGraceMs: durationMs(1).default(5_000),
  /** False: what does not match is held to settlement. */
  unwind: z.boolean().default(true),
  unwindDeadlineMs: durationMs(1).default(2_000),
  unwindRetryMs: durationMs(1).default(500),
  maxUnwindAttempts: count(1, 100).default(3),
  /** How far below the current bid an unwind may sell, as a share of it. */
  unwindSlack: fraction().default("0.05"),
  /** Lowest price of an unwind, as a share of what was paid; below it the leg is held to settlement. */
  unwindFloor: fraction().default("0.5"),
  /** Turn complete sets into money where the venue merges. */
  useTransforms: z.boolean().default(true),
});

const capture = z.strictObject({
  dir: relativeDir().default("runs"),
  flushIntervalMs: durationMs(1).default(50),
  segmentBytes: count(65_536, 2_147_483_647).default(67_108_864),
  durability: z.enum(["write", "fdatasync"]).default("write"),
  rawFrames: z.boolean().default(true),
  retention: z
    .strictObject({
      maxBytes: count(1_048_576, Number.MAX_SAFE_INTEGER).default(10_737_418_240),
      maxAgeMs: durationMs(1).default(30 * 86_400_000),
    })
    .prefault({}),
});

const opportunity = z.strictObject({
  cooldownMs: durationMs().default(30_000),
  idBucketMs: durationMs(1).default(1_000),
  /** How long an opportunity may wait until the median of the last valid books gives it a size. */
  settleMs: durationMs().default(10_000),
  maxRemembered: count(16, 10_000_000).default(65_536),
});

const limits = z.strictObject({
  maxBooks: count(1, 1_000_000).default(100_000),
  maxFrameBytes: count(1_024, 67_108_864).default(1_048_576),
  denseBudgetBytes: count(1_048_576, 8_589_934_592).default(268_435_456),
});

const log = z.strictObject({
  level: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  /** Absent: standard error. */
  file: relativeDir().optional(),
});

/** The embedded simulated market. Absent: the profile plays recordings. A distance of 0 turns that kind off. */
const world = z.strictObject({
  startAt: z.iso
    .datetime({ error: "an instant such as 2026-01-05T00:00:00Z" })
    .default("2026-01-05T00:00:00Z"),
  actionsPerSecond: count(1, 100_000).default(300),
  plantEveryMs: durationMs().default(12_000),
  decoyEveryMs: durationMs().default(15_000),
  hazardEveryMs: durationMs().default(4_000),
  eventLifeMs: durationMs(1_000).default(900_000),
  /** How many simulated seconds pass in one real second; 0 = as fast as possible. */
  speed: count(0, 100_000).default(1),
});

export const PROFILE_SCHEMA = z.strictObject({
  version: z.literal(1).default(1),
  name: id(),
  about: z.string().max(300).default(""),
  seed: z.string().min(1).max(64).default("emp"),
  /** `live` is one of three confirmations that real orders need; see docs/operations.md. */
  mode: z.enum(["paper", "live"]).default("paper"),
  /** False: the profile plays recordings and never connects to a venue. */
  connect: z.boolean().default(true),
  venues: z.record(id(), venue),
  lanes: z.record(id(), options()),
  firewall: firewall.prefault({}),
  sizing: sizing.prefault({}),
  risk: risk.prefault({}),
  paper: paper.prefault({}),
  execution: execution.prefault({}),
  opportunity: opportunity.prefault({}),
  capture: capture.prefault({}),
  limits: limits.prefault({}),
  log: log.prefault({}),
  feed: feedSection.prefault({}),
  scan: scanSection.prefault({}),
  status: statusSection.prefault({}),
  embedded: embeddedSection.prefault({}),
  world: world.optional(),
});

/** A validated profile: every field is present, decimals in shortest form, keys sorted. */
export type Profile = z.output<typeof PROFILE_SCHEMA>;

/** JSON Schema (draft 2020-12) of a profile file, for editors. */
export function profileJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(PROFILE_SCHEMA, { io: "input" });
  return { ...schema, title: "EMP profile" };
}
