import { parseDecimal } from "../../src/contracts/index.ts";
import { eventFeeSchema, lifecycleSchema } from "./oracle-schema.ts";
import type { EventFeeMessage, LifecycleEvent, LifecycleMessage } from "./wire.ts";

/** Digits kept of a scalar settlement value. */
const PAYOUT_DIGITS = 6;

interface Numbered {
  readonly sid: number | null;
  readonly seq: number | null;
  readonly msg: unknown;
}

/** `market_lifecycle_v2`; null when a field it needs is absent or contradicts another. */
export function readLifecycle({ sid, seq, msg }: Numbered): LifecycleMessage | null {
  const parsed = lifecycleSchema.safeParse(msg);
  if (!parsed.success || sid === null || seq === null) return null;
  const event = lifecycleEvent(parsed.data);
  return event === null ? null : { kind: "lifecycle", sid, seq, symbol: parsed.data.market_ticker, event };
}

type LifecycleBody = ReturnType<typeof lifecycleSchema.parse>;

function lifecycleEvent(body: LifecycleBody): LifecycleEvent | null {
  switch (body.event_type) {
    case "activated":
      return { type: "activated" };
    case "deactivated":
      return { type: "deactivated" };
    case "close_date_updated":
      return typeof body.close_ts === "number"
        ? { type: "close_date_updated", closeSeconds: body.close_ts }
        : null;
    case "determined": {
      const yesPayout = payoutOf(body.result, body.settlement_value);
      return yesPayout === null ? null : { type: "determined", yesPayout };
    }
    case "settled": {
      if (body.result === undefined || body.result === null || body.result === "")
        return { type: "settled", yesPayout: null };
      const yesPayout = payoutOf(body.result, body.settlement_value);
      return yesPayout === null ? null : { type: "settled", yesPayout };
    }
    case "price_level_structure_updated":
      return { type: "ticks_updated", ranges: body.price_ranges ?? null };
    default:
      return { type: "other" };
  }
}

/**
 * What one YES contract pays, as a decimal in [0, 1]: 1 for yes, 0 for no, the settlement value for scalar.
 * @returns null when the result is none of these, or the settlement value contradicts it.
 */
export function payoutOf(
  result: string | null | undefined,
  settlementValue: string | null | undefined,
): string | null {
  const stated =
    settlementValue === undefined || settlementValue === null || settlementValue === ""
      ? null
      : parseDecimal(settlementValue, PAYOUT_DIGITS);
  const one = 10n ** BigInt(PAYOUT_DIGITS);
  switch (result) {
    case "yes":
      return stated === null || stated === one ? "1" : null;
    case "no":
      return stated === null || stated === 0n ? "0" : null;
    case "scalar":
      if (stated === null || stated < 0n || stated > one) return null;
      return settlementValue as string;
    default:
      return null;
  }
}

/** `event_fee_update`: a new override, or its removal (both fields null). */
export function readEventFee({ sid, seq, msg }: Numbered): EventFeeMessage | null {
  const parsed = eventFeeSchema.safeParse(msg);
  if (!parsed.success || sid === null || seq === null) return null;
  const { event_ticker, fee_type_override, fee_multiplier_override } = parsed.data;
  return {
    kind: "event_fee",
    sid,
    seq,
    eventTicker: event_ticker,
    feeType: fee_type_override ?? null,
    multiplier: fee_multiplier_override ?? null,
  };
}
