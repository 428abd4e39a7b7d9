import { formatDecimal, parseDecimal } from "../../../src/contracts/index.ts";

/** How one outcome is told apart: the venue's strike fields and the last part of its ticker. */
export interface Strike {
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An outcome title as a stretch of settlement values; null end = open. */
interface Stretch {
  readonly low: bigint | null;
  readonly high: bigint | null;
}

const DIGITS = 6;
const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;
const BELOW = new RegExp(`^${NUMBER} or (?:below|less|lower)$`);
const ABOVE = new RegExp(`^${NUMBER} or (?:above|more|higher)$`);
const BETWEEN = new RegExp(`^${NUMBER} to ${NUMBER}$`);

/**
 * Strikes of an event's outcomes in order. Outcomes worded as stretches of one line become numeric strikes, with which
 * the venue's rules prove that one of them happens; others are names, of which nobody knows that the list is complete.
 */
export function strikesOf(outcomes: readonly string[]): readonly Strike[] {
  const stretches = outcomes.map(stretchOf);
  const known = stretches.filter((stretch) => stretch !== null);
  if (outcomes.length > 1 && known.length === outcomes.length) {
    const quantum = 10n ** BigInt(DIGITS - decimalsOf(outcomes));
    const strikes = known.map((stretch) => numericStrike(stretch, quantum));
    if (new Set(strikes.map(({ code }) => code)).size === strikes.length) return strikes;
  }
  return outcomes.length === 1 ? [{ code: "YES", fields: { strike_type: "custom" } }] : named(outcomes);
}

function stretchOf(title: string): Stretch | null {
  const below = BELOW.exec(title);
  if (below !== null) return { low: null, high: scaled(below[1]!) };
  const above = ABOVE.exec(title);
  if (above !== null) return { low: scaled(above[1]!), high: null };
  const between = BETWEEN.exec(title);
  return between === null ? null : { low: scaled(between[1]!), high: scaled(between[2]!) };
}

/** The venue's ends are strict: "29 or below" is `less` than 30, "34 or above" is `greater` than 33. */
function numericStrike({ low, high }: Stretch, quantum: bigint): Strike {
  if (low === null) {
    const cap = text(high! + quantum);
    return { code: `T${cap}`, fields: { strike_type: "less", cap_strike: Number(cap) } };
  }
  if (high === null) {
    const floor = text(low - quantum);
    return { code: `T${floor}`, fields: { strike_type: "greater", floor_strike: Number(floor) } };
  }
  return {
    code: `B${text((low + high) / 2n)}`,
    fields: { strike_type: "between", floor_strike: Number(text(low)), cap_strike: Number(text(high)) },
  };
}

function named(outcomes: readonly string[]): readonly Strike[] {
  const taken = new Set<string>();
  return outcomes.map((title, index) => {
    const letters = title
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, "")
      .slice(0, 3);
    const code = letters === "" || taken.has(letters) ? `${letters}${index}` : letters;
    taken.add(code);
    return { code, fields: { strike_type: "structured", custom_strike: { simulated_outcome: title } } };
  });
}

/** Decimal places of the finest number in the titles. */
function decimalsOf(outcomes: readonly string[]): number {
  return Math.max(
    0,
    ...outcomes.flatMap((title) => [...title.matchAll(/\.(\d+)/g)].map(([, part]) => part!.length)),
  );
}

function scaled(number: string): bigint {
  return parseDecimal(number, DIGITS) ?? 0n;
}

function text(value: bigint): string {
  return formatDecimal(value, DIGITS);
}
