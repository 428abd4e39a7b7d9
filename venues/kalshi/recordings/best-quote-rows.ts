import { parseScaled } from "../../../src/contracts/index.ts";
import { PRICE_SCALE } from "../scales.ts";
import { rfc3339Micros } from "../time.ts";

export const BEST_HEADER =
  "snapshot_ts,event_ticker,market_ticker,subtitle,yes_bid,yes_ask,last_price,volume,open_interest";

/** One row of best quotes; -1 = that side is empty (the venue writes 0 for no bid, 0 or 100 for no ask). */
export interface BestRow {
  readonly at: number;
  readonly eventTicker: string;
  readonly ticker: string;
  readonly subtitle: string;
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** Reads one line; null when it is none. Subtitles of this recorder hold no comma. */
export function bestRow(line: string): BestRow | null {
  const [stamp = "", eventTicker = "", ticker = "", subtitle = "", bid = "", ask = "", ...rest] =
    line.split(",");
  const at = rfc3339Micros(stamp);
  const bidTicks = parseScaled(bid, 2);
  const askTicks = parseScaled(ask, 2);
  const named = [eventTicker, ticker].every((name) => /^[\x21-\x7e]{1,128}$/.test(name));
  if (at === null || bidTicks === null || askTicks === null || !named || rest.length !== 3) return null;
  if (bidTicks < 0 || askTicks < 0 || bidTicks >= PRICE_SCALE || askTicks > PRICE_SCALE) return null;
  return {
    at,
    eventTicker,
    ticker,
    subtitle,
    bidTicks: bidTicks === 0 ? -1 : bidTicks,
    askTicks: askTicks === 0 || askTicks === PRICE_SCALE ? -1 : askTicks,
  };
}

/**
 * The market of a row in the shape of the REST interface. Strikes come from the ticker's grammar (`T38` threshold,
 * `B44.5` middle of a bucket) and the wording beside it; nothing else is known of it.
 */
export function marketObject(row: BestRow, tick: string | undefined): Record<string, unknown> {
  return {
    ticker: row.ticker,
    event_ticker: row.eventTicker,
    market_type: "binary",
    status: "active",
    title: row.eventTicker,
    yes_sub_title: row.subtitle,
    ...strikes(row),
    ...(tick === undefined ? {} : { price_ranges: [{ start: "0", end: "1", step: tick }] }),
  };
}

function strikes({ ticker, subtitle }: BestRow): Record<string, unknown> {
  const code = /-([TB])(-?\d+(?:\.\d+)?)$/.exec(ticker);
  const strike = Number(code?.[2]);
  if (code?.[1] === "T" && / or below$/.test(subtitle)) return { strike_type: "less", cap_strike: strike };
  if (code?.[1] === "T" && / or above$/.test(subtitle))
    return { strike_type: "greater", floor_strike: strike };
  const ends = /^(-?\d+)\D* to (-?\d+)\D*$/.exec(subtitle);
  const [low, high] = [Number(ends?.[1]), Number(ends?.[2])];
  return code?.[1] === "B" && ends !== null && low + high === strike * 2
    ? { strike_type: "between", floor_strike: low, cap_strike: high }
    : {};
}
