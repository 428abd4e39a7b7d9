import {
  formatDecimal,
  type Instrument,
  type LegAction,
  type Order,
  PICO_DIGITS,
  parseDecimal,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_SCALE, SIZE_DIGITS } from "../scales.ts";

/** Path of order entry; every call below it. */
export const ORDERS_PATH = "/portfolio/events/orders";

/**
 * `bid` buys YES, `ask` sells it, on one book and at YES prices: NO is bought by an `ask` at 1 - p, and given back by a
 * `bid`. Closed form: `bid` exactly when buying and YES agree.
 */
export function wireSide(action: LegAction): "bid" | "ask" {
  return action.startsWith("buy") === action.endsWith("yes") ? "bid" : "ask";
}

/** A price on the YES scale as a price of the action's own claim, and back: NO costs 1 - p. */
export function flipForClaim(action: LegAction, ticks: number): Ticks {
  return (action.endsWith("yes") ? ticks : PRICE_SCALE - ticks) as Ticks;
}

/** The body of `POST /portfolio/events/orders`: immediate or cancel; our order id is the client's id at the venue. */
export function orderBody(order: Order, instrument: Instrument): string {
  return JSON.stringify({
    ticker: instrument.symbol,
    client_order_id: order.id,
    side: wireSide(order.action),
    count: fixed(order.lots, SIZE_DIGITS),
    price: fixed(flipForClaim(order.action, order.limitTicks), PRICE_DIGITS),
    time_in_force: "immediate_or_cancel",
    self_trade_prevention_type: "taker_at_cross",
  });
}

/** A fee in dollars as exact text in `Pico`; null when it is no decimal. */
export function feePico(dollars: string): string | null {
  return parseDecimal(dollars, PICO_DIGITS)?.toString() ?? null;
}

/** Decimal text with all its digits, as the venue writes it: 1050 at 2 digits is "10.50". */
function fixed(value: number, digits: number): string {
  const [whole, fraction = ""] = formatDecimal(BigInt(value), digits).split(".");
  return `${whole}.${fraction.padEnd(digits, "0")}`;
}
