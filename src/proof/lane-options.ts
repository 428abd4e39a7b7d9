import { PICO_DIGITS, parseDecimal } from "../contracts/index.ts";

/** What a structural lane may be told in a profile. */
export interface LaneOptions {
  /** Ladder levels read per leg, best first. */
  readonly maxLevels: number;
  /** Smallest guaranteed profit worth a finding, in quanta of 1e-12. */
  readonly minProfit: bigint;
  /** Most legs of one basket. */
  readonly maxLegs: number;
}

const NAMES = ["maxLevels", "minProfit", "maxLegs"];
const DEFAULT_LEVELS = 20;
const DEFAULT_LEGS = 100;
const MOST = 1000;

/** Reads a lane's block of a profile. Throws an Error that names the field, what was expected and what was found. */
export function parseLaneOptions(lane: string, options: unknown): LaneOptions {
  const given = options ?? {};
  if (typeof given !== "object" || Array.isArray(given))
    throw new Error(`lanes.${lane}: expected a block of options, found ${JSON.stringify(given)}`);
  const block = given as Record<string, unknown>;
  for (const name of Object.keys(block))
    if (!NAMES.includes(name))
      throw new Error(`lanes.${lane}.${name}: not known; expected one of ${NAMES.join(", ")}`);
  return {
    maxLevels: wholeNumber(lane, "maxLevels", block["maxLevels"] ?? DEFAULT_LEVELS, 1),
    minProfit: money(lane, "minProfit", block["minProfit"] ?? "0"),
    maxLegs: wholeNumber(lane, "maxLegs", block["maxLegs"] ?? DEFAULT_LEGS, 2),
  };
}

function wholeNumber(lane: string, name: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= MOST) return value;
  const expected = `a whole number from ${least} to ${MOST}`;
  throw new Error(`lanes.${lane}.${name}: expected ${expected}, found ${JSON.stringify(value)}`);
}

function money(lane: string, name: string, value: unknown): bigint {
  const quanta = typeof value === "string" ? parseDecimal(value, PICO_DIGITS) : null;
  if (quanta !== null && quanta >= 0n) return quanta;
  const expected = `a decimal amount in quotes, at least 0 ("0.05")`;
  throw new Error(`lanes.${lane}.${name}: expected ${expected}, found ${JSON.stringify(value)}`);
}
