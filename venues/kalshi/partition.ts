import { formatDecimal, parseDecimal } from "../../src/contracts/index.ts";

/** One market's claim on a number, as the venue states it. Decimals as text. */
export interface StrikeClaim {
  readonly symbol: string;
  readonly strikeType: string | null;
  readonly floor: string | null;
  readonly cap: string | null;
  readonly subtitle: string;
  /** Decimal places the settlement value is rounded to, where the venue says so. */
  readonly roundDigits: number | null;
}

export type PartitionProof =
  | { readonly proved: true; readonly text: string }
  | { readonly proved: false; readonly why: string };

const DIGITS = 6;

/** Values of the settlement grid that pay YES: from `low` to `high`, both included; null = without end. */
interface Bucket {
  readonly symbol: string;
  readonly low: bigint | null;
  readonly high: bigint | null;
}

/**
 * Proves that exactly one market of a list pays YES whatever the settlement value is: the claims tile the line.
 *
 * "Between 30 and 31" and "between 32 and 33" leave the hole (31, 32): they tile only a value that is rounded.
 * So the rounding must be stated: by `round_digits`, or by the venue's own wording of a strike ("less than 30" called
 * "29 or below", "greater than 37" called "38 or above" hold together for whole numbers only). Without a stated
 * rounding nothing is proved. A bucket's ends count as included only when its wording names both.
 */
export function provePartition(claims: readonly StrikeClaim[]): PartitionProof {
  if (claims.length < 2) return { proved: false, why: "fewer than two outcomes" };
  const quantum = settlementQuantum(claims);
  if (quantum === null) return { proved: false, why: "the rounding of the settlement value is not stated" };
  const buckets: Bucket[] = [];
  for (const claim of claims) {
    const bucket = bucketOf(claim, quantum);
    if (bucket === null)
      return { proved: false, why: `${claim.symbol}: the strikes and the wording do not agree` };
    buckets.push(bucket);
  }
  buckets.sort((a, b) =>
    a.low === null ? -1 : b.low === null ? 1 : a.low < b.low ? -1 : a.low > b.low ? 1 : 0,
  );
  const hole = firstHole(buckets, quantum);
  if (hole !== null) return { proved: false, why: hole };
  const lines = buckets.map(
    ({ symbol, low, high }) => `${symbol}: [${bound(low, "-inf")}, ${bound(high, "inf")}]`,
  );
  return {
    proved: true,
    text: [`settlement values are multiples of ${formatDecimal(quantum, DIGITS)}`, ...lines].join("\n"),
  };
}

function bound(value: bigint | null, none: string): string {
  return value === null ? none : formatDecimal(value, DIGITS);
}

function firstHole(buckets: readonly Bucket[], quantum: bigint): string | null {
  if (buckets[0]!.low !== null) return "nothing covers the lowest values";
  if (buckets.at(-1)!.high !== null) return "nothing covers the highest values";
  for (let i = 1; i < buckets.length; i++) {
    const { symbol, high } = buckets[i - 1]!;
    const next = buckets[i]!;
    if (high === null || next.low === null) return `${symbol} and ${next.symbol} overlap`;
    if (next.low > high + quantum) return `a hole between ${symbol} and ${next.symbol}`;
    if (next.low <= high) return `${symbol} and ${next.symbol} overlap`;
  }
  return null;
}

/** The one grid every statement of the list agrees on; null when none is made or two differ. */
function settlementQuantum(claims: readonly StrikeClaim[]): bigint | null {
  const stated = new Set<bigint>();
  for (const claim of claims) {
    if (claim.roundDigits !== null) {
      if (!Number.isInteger(claim.roundDigits) || claim.roundDigits < 0 || claim.roundDigits > DIGITS)
        return null;
      stated.add(10n ** BigInt(DIGITS - claim.roundDigits));
    }
    const worded = wordedQuantum(claim);
    if (worded !== null) stated.add(worded);
  }
  const [quantum] = stated;
  return stated.size === 1 && quantum !== undefined && quantum > 0n ? quantum : null;
}

/** The step between a strict strike and the value its wording includes. */
function wordedQuantum(claim: StrikeClaim): bigint | null {
  const open = openEnd(claim.subtitle);
  if (open === null) return null;
  const strike = scaled(claim.strikeType === "less" ? claim.cap : claim.floor);
  if (strike === null) return null;
  if (claim.strikeType === "less" && open.side === "below") return strike - open.value;
  if (claim.strikeType === "greater" && open.side === "above") return open.value - strike;
  return null;
}

function bucketOf(claim: StrikeClaim, quantum: bigint): Bucket | null {
  const low = scaled(claim.floor);
  const high = scaled(claim.cap);
  const { symbol } = claim;
  const bucket = ((): Bucket | null => {
    switch (claim.strikeType) {
      case "less":
        return high === null ? null : { symbol, low: null, high: high - quantum };
      case "less_or_equal":
        return high === null ? null : { symbol, low: null, high };
      case "greater":
        return low === null ? null : { symbol, low: low + quantum, high: null };
      case "greater_or_equal":
        return low === null ? null : { symbol, low, high: null };
      case "between":
        return low === null || high === null || low > high || !namesBoth(claim.subtitle, low, high)
          ? null
          : { symbol, low, high };
      default:
        return null;
    }
  })();
  const onGrid = (value: bigint | null): boolean => value === null || value % quantum === 0n;
  return bucket !== null && onGrid(bucket.low) && onGrid(bucket.high) ? bucket : null;
}

const NUMBER = String.raw`(-?\d[\d,]*(?:\.\d+)?)`;
const BELOW = new RegExp(`^\\D{0,2}?${NUMBER}\\D{0,3} or (?:below|less|lower)$`);
const ABOVE = new RegExp(`^\\D{0,2}?${NUMBER}\\D{0,3} or (?:above|more|higher)$`);
const BOTH = new RegExp(`^\\D{0,2}?${NUMBER}\\D{0,3} to \\D{0,2}?${NUMBER}\\D{0,3}$`);

function openEnd(subtitle: string): { readonly side: "below" | "above"; readonly value: bigint } | null {
  for (const [side, pattern] of [
    ["below", BELOW],
    ["above", ABOVE],
  ] as const) {
    const value = scaled(pattern.exec(subtitle)?.[1]?.replaceAll(",", "") ?? null);
    if (value !== null) return { side, value };
  }
  return null;
}

function namesBoth(subtitle: string, low: bigint, high: bigint): boolean {
  const match = BOTH.exec(subtitle);
  const [first, second] = [match?.[1], match?.[2]].map((part) => scaled(part?.replaceAll(",", "") ?? null));
  return first === low && second === high;
}

function scaled(value: string | null): bigint | null {
  return value === null ? null : parseDecimal(value, DIGITS);
}
