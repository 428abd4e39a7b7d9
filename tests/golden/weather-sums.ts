import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** A sum of best prices in micro-dollars, before and after the taker's fee of 5 % x p x (1 - p). */
export interface PriceSum {
  readonly gross: number;
  readonly net: number;
}

/** One event in one capture, read from the recording with nothing but integers. */
export interface EventSums {
  readonly event: string;
  readonly title: string;
  /** Instant of the capture, microseconds. */
  readonly at: number;
  /** Sum of the YES asks; null when an outcome has none. */
  readonly asks: PriceSum | null;
  /** Sum of the YES bids there are. */
  readonly bids: PriceSum;
}

interface Capture {
  readonly _meta: { readonly fetched_at_utc: string };
  readonly gamma_events: readonly {
    readonly id: string;
    readonly title: string;
    readonly markets: readonly { readonly clobTokenIds: string; readonly umaResolutionStatus?: string }[];
  }[];
  readonly clob_quotes: Readonly<
    Record<
      string,
      { readonly price_buy: { readonly price: string }; readonly price_sell: { readonly price: string } }
    >
  >;
}

/** Every event of every capture of one day. A market whose resolution was proposed takes no orders: it counts as unquoted. */
export function eventSums(path: string): EventSums[] {
  const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    const { _meta, gamma_events, clob_quotes } = JSON.parse(line) as Capture;
    return gamma_events.map(({ id, title, markets }) => {
      const quoted = markets.map(({ clobTokenIds, umaResolutionStatus }) => {
        const [yes] = JSON.parse(clobTokenIds) as [string];
        const quote = clob_quotes[yes]!;
        return umaResolutionStatus === undefined
          ? { bid: micros(quote.price_buy.price), ask: micros(quote.price_sell.price) }
          : { bid: 0, ask: 0 };
      });
      const asks = quoted.map(({ ask }) => ask);
      const bids = quoted.map(({ bid }) => bid).filter((bid) => bid > 0);
      const whole = asks.every((ask) => ask > 0 && ask < 1_000_000);
      return {
        event: id,
        title,
        at: instant(_meta.fetched_at_utc),
        asks: whole ? sum(asks, 1) : null,
        bids: sum(bids, -1),
      };
    });
  });
}

function sum(prices: readonly number[], sign: 1 | -1): PriceSum {
  const gross = prices.reduce((total, price) => total + price, 0);
  const fees = prices.reduce((total, price) => total + (price * (1_000_000 - price) * 5) / 100_000_000, 0);
  return { gross, net: Math.round(gross + sign * fees) };
}

function micros(price: string): number {
  const [whole = "0", fraction = ""] = price.split(".");
  return Number(whole + fraction.padEnd(6, "0"));
}

/** "2026-06-22T01:41:28.164141+00:00" in microseconds. */
function instant(text: string): number {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  return Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(fraction.padEnd(6, "0"));
}
