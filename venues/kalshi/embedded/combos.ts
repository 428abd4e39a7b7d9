import type { EmbeddedEvent, Sha256Hex } from "../../../src/contracts/index.ts";
import { rfc3339 } from "./values.ts";

/** Generated combinations among the markets of one event's length of the listing. */
export const COMBOS_PER_EVENT = 3;

const COLLECTION = "KXMVESIMMULTIGAMEEXTENDED";
const ZERO_FIELDS = Object.fromEntries(
  [
    "last_price",
    "liquidity",
    "previous_price",
    "previous_yes_ask",
    "previous_yes_bid",
    "yes_bid",
    "no_bid",
  ].map((name) => [`${name}_dollars`, "0.0000"]),
);

/**
 * A combination market as the venue generates them by the hundred thousand: without orders, gone from every listing
 * that says `mve_filter=exclude`.
 */
export function comboText(event: EmbeddedEvent, number: number, sha256: Sha256Hex): string {
  const id = sha256(`${event.id}/${number}`).toUpperCase();
  const eventTicker = `${COLLECTION}-S${id.slice(0, 15)}`;
  const [leg] = event.markets;
  const close = rfc3339(event.spec.closesAt);
  const open = rfc3339(event.spec.opensAt);
  const title = `yes ${event.spec.outcomes[0] ?? ""},no ${event.spec.title}`;
  return JSON.stringify({
    ...ZERO_FIELDS,
    can_close_early: true,
    close_time: close,
    created_time: open,
    custom_strike: { "Associated Markets": leg?.symbol ?? "" },
    event_ticker: eventTicker,
    exchange_index: 0,
    expected_expiration_time: close,
    expiration_time: close,
    expiration_value: "",
    is_provisional: true,
    latest_expiration_time: close,
    market_type: "binary",
    mve_collection_ticker: `${COLLECTION}-R`,
    mve_selected_legs: [{ event_ticker: event.id, market_ticker: leg?.symbol ?? "", side: "yes" }],
    no_ask_dollars: "1.0000",
    no_sub_title: title,
    notional_value_dollars: "1.0000",
    open_interest_fp: "0.00",
    open_time: open,
    price_level_structure: "deci_cent",
    price_ranges: [{ end: "1.0000", start: "0.0000", step: "0.0010" }],
    result: "",
    rules_primary: "",
    rules_secondary: "",
    settlement_timer_seconds: 5,
    status: "active",
    strike_type: "custom",
    ticker: `${eventTicker}-${id.slice(15, 26)}`,
    title,
    updated_time: open,
    volume_24h_fp: "0.00",
    volume_fp: "0.00",
    yes_ask_dollars: "1.0000",
    yes_ask_size_fp: "0.00",
    yes_bid_size_fp: "0.00",
    yes_sub_title: title,
  });
}
