/** Fee terms of a category as Gamma states them. */
export interface FeeSchedule {
  readonly exponent: number;
  readonly rate: number;
  readonly takerOnly: boolean;
  readonly rebateRate: number;
}

/** What a question's variety stands for at this venue. */
export interface Terms {
  readonly tag: string;
  readonly feeType: string | null;
  /** null = no fees. */
  readonly fee: FeeSchedule | null;
  /** Wait of marketable orders in seconds; above 0 only where there is a game. */
  readonly secondsDelay: number;
  /** Decimal text. */
  readonly tick: string;
  /** Names of outcome 0 and outcome 1: not always Yes and No. */
  readonly outcomes: readonly [string, string];
}

interface Category {
  readonly tag: string;
  readonly feeType: string | null;
  readonly rate: number;
  readonly rebateRate: number;
  readonly secondsDelay: number;
  readonly outcomes: readonly [string, string];
}

const YES_NO = ["Yes", "No"] as const;

/** Rates per category, autumn 2026 (docs trading/fees). */
const CATEGORIES: readonly Category[] = [
  {
    tag: "politics",
    feeType: "general_fees",
    rate: 0.04,
    rebateRate: 0.25,
    secondsDelay: 0,
    outcomes: YES_NO,
  },
  {
    tag: "crypto",
    feeType: "crypto_fees_v2",
    rate: 0.07,
    rebateRate: 0.2,
    secondsDelay: 0,
    outcomes: ["Up", "Down"],
  },
  {
    tag: "weather",
    feeType: "general_fees",
    rate: 0.05,
    rebateRate: 0.25,
    secondsDelay: 0,
    outcomes: YES_NO,
  },
  { tag: "geopolitics", feeType: null, rate: 0, rebateRate: 0, secondsDelay: 0, outcomes: YES_NO },
  {
    tag: "sports",
    feeType: "sports_fees_v3",
    rate: 0.05,
    rebateRate: 0.15,
    secondsDelay: 3,
    outcomes: ["Home", "Away"],
  },
];
const TICKS = ["0.01", "0.001"] as const;

/** Category and tick of a variety; games are questions of their own, never a set of outcomes. */
export function termsOf(variety: number, single: boolean): Terms {
  const category = CATEGORIES[modulo(variety, CATEGORIES.length)]!;
  const { tag, feeType, rate, rebateRate } = category;
  return {
    tag,
    feeType,
    fee: rate === 0 ? null : { exponent: 1, rate, takerOnly: true, rebateRate },
    secondsDelay: single ? category.secondsDelay : 0,
    outcomes: single ? category.outcomes : YES_NO,
    tick: TICKS[modulo(variety, TICKS.length)]!,
  };
}

function modulo(value: number, by: number): number {
  return ((Math.trunc(value) % by) + by) % by;
}
