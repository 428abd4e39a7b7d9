import { z } from "zod";
import { formatDecimal, PICO_DIGITS, parseDecimal } from "../../contracts/index.ts";

/**
 * The schema of a profile. Unknown keys are errors, every default is visible in the effective profile.
 * Durations end in `Ms`; money and fractions are decimal text, so that no float enters; `Ppm` is parts per million.
 */

const MAX_MS = 366 * 86_400_000;
const PICO_ONE = 10n ** BigInt(PICO_DIGITS);

const durationMs = (low = 0) => z.int().min(low).max(MAX_MS);
const count = (low: number, high: number) => z.int().min(low).max(high);

const DECIMAL = 'decimal text in quotes, such as "0.25"';
const DECIMAL_PATTERN = /^\d+(?:\.\d{1,12})?$/;

/** The shortest text of the same decimal, so that "1.50" and "1.5" are one profile. */
function shortest(text: string): string {
  const value = parseDecimal(text, PICO_DIGITS);
  return value === null ? text : formatDecimal(value, PICO_DIGITS);
}

const money = () => z.string().regex(DECIMAL_PATTERN, { error: DECIMAL }).overwrite(shortest);

const fraction = () =>
  money().refine((text) => (parseDecimal(text, PICO_DIGITS) ?? 0n) <= PICO_ONE, {
    error: 'a fraction from "0" to "1"',
  });

const id = () =>
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, { error: "a short name of a-z, 0-9 and -, such as kalshi" });

const options = () => z.record(z.string(), z.unknown());
const relativeDir = () => z.string().min(1).max(200);

const venue = z.strictObject({
  /** The folder under venues/ whose wire the venue speaks. */
  module: id(),
  enabled: z.boolean().default(true),
  options: options().default({}),
});

const firewall = z.strictObject({
  /** A quote is stale when the continuity of its stream was last proved longer ago. */
  maxAgeMs: durationMs(1).default(5_000),
  microPriceLow: fraction().default("0.02"),
  microPriceHigh: fraction().default("0.98"),
  /** Largest move of the mid in one step that is believed at once. */
  maxJump: fraction().default("0.15"),
  jumpConfirmations: count(1, 100).default(2),
  requireTwoSides: z.boolean().default(false),
  sizeMedianBooks: count(1, 15).default(3),
  maxClampedLevels: count(0, 10_000).default(8),
  witnessMismatches: count(1, 1_000).default(1),
  frozenWitnessMoves: count(1, 1_000).default(3),
});

const sizing = z.strictObject({
  kellyFraction: fraction().default("0.25"),
  /** Assumed chance that every leg of a plan fills. */
  successProbability: fraction().default("0.97"),
  /** Assumed share of a plan's capital lost when it must be unwound. */
  unwindLoss: fraction().default("0.05"),
  maxPlanCapital: money().default("250"),
  maxPlanLoss: money().default("25"),
  drawdownSoft: fraction().default("0.01"),
  drawdownHard: fraction().default("0.02"),
});

const risk = z.strictObject({
  /** Venues and lanes that may trade; an empty list lets all of the profile's. */
  venues: z.array(id()).max(64).default([]),
  lanes: z.array(id()).max(64).default([]),
  minEdge: money().default("0.05"),
  minEdgeBps: count(0, 10_000).default(20),
  maxConcurrent: count(1, 10_000).default(16),
  familyCap: money().default("500"),
  venueCap: money().default("4000"),
  totalCap: money().default("8000"),
  dailyDrawdown: fraction().default("0.02"),
  maxLeverage: money().default("1"),
  minTimeToCloseMs: durationMs().default(5_000),
});

const latency = z
  .strictObject({
    minMs: durationMs().default(20),
    typicalMs: durationMs().default(45),
    maxMs: durationMs().default(250),
  })
  .refine((l) => l.minMs <= l.typicalMs && l.typicalMs <= l.maxMs, { error: "minMs <= typicalMs <= maxMs" });

const paper = z.strictObject({
  /** Starting cash by venue; `default` serves venues without their own line. */
  startCash: z.record(id(), money()).default({ default: "5000" }),
  /** Time from submit to the venue's book, drawn from a triangle; `default` serves venues without their own line. */
  latency: z.record(id(), latency).default({ default: { minMs: 20, typicalMs: 45, maxMs: 250 } }),
  /** Chance that the venue refuses an order for no visible reason. */
  rejectPpm: count(0, 1_000_000).default(2_000),
});

const execution = z.strictObject({
  legDeadlineMs: durationMs(1).default(2_000),
  unwind: z.boolean().default(true),
  /** Lowest price at which an unmatched leg is sold; below it is held to settlement. */
  unwindFloor: fraction().default("0.01"),
  /** Merge complete sets and convert NO sets where the venue has the transform. */
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
  cooldownMs: durationMs().default(3_000),
  idBucketMs: durationMs(1).default(60_000),
  maxRemembered: count(16, 10_000_000).default(100_000),
});

const limits = z.strictObject({
  maxBooks: count(1, 1_000_000).default(100_000),
  maxFrameBytes: count(1_024, 67_108_864).default(1_048_576),
  denseBudgetBytes: count(1_048_576, 8_589_934_592).default(268_435_456),
});

const report = z.strictObject({
  dir: relativeDir().default("reports"),
  microPriceLow: fraction().default("0.02"),
  microPriceHigh: fraction().default("0.98"),
  minDepth: money().default("10"),
  bootstrapDraws: count(100, 1_000_000).default(10_000),
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
  mode: z.literal("paper", { error: "paper: this program places no live orders" }).default("paper"),
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
  report: report.prefault({}),
  log: log.prefault({}),
  world: world.optional(),
});

/** A validated profile: every field is present, decimals in shortest form, keys sorted. */
export type Profile = z.output<typeof PROFILE_SCHEMA>;

/** JSON Schema (draft 2020-12) of a profile file, for editors. */
export function profileJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(PROFILE_SCHEMA, { io: "input" });
  return { ...schema, title: "EMP profile" };
}
