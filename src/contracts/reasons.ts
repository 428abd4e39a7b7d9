import { FEED_REASONS } from "./reasons-feed.ts";
import { MARKET_REASONS } from "./reasons-market.ts";
import { TRADING_REASONS } from "./reasons-trading.ts";

/**
 * Every reason for not doing something, one catalogue. Codes are `area.cause`; numbers are stable (they are recorded)
 * and never reused. `next` says what EMP does about it. docs/reasons.md is generated from here and checked by a test.
 */
export interface ReasonEntry {
  readonly number: number;
  readonly text: string;
  readonly next: string;
}

export const REASONS = {
  ...MARKET_REASONS,
  ...TRADING_REASONS,
  ...FEED_REASONS,
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof REASONS;

const BY_NUMBER: ReadonlyMap<number, Reason> = new Map(
  (Object.keys(REASONS) as Reason[]).map((code) => [REASONS[code].number, code]),
);

/** The number recorded for a reason. */
export function reasonNumber(reason: Reason): number {
  return REASONS[reason].number;
}

/** The code of a recorded number; undefined for a number from a newer version. */
export function reasonOf(number: number): Reason | undefined {
  return BY_NUMBER.get(number);
}
