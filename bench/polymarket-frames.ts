import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedDir } from "../tests/shared.ts";

/** Market-channel frames for benches: of the recorded shape, and recorded ones where they are present. */

export const MARKET = "0xa8adfd2128c320af6b3369aae60e69a88e06dd0baf98122cae11ac15bebcaff6";
export const token = (n: number): string => `${10 + n}${"0123456789".repeat(7)}${12_345 + n}`;
const sha = (n: number): string => (n * 2_654_435_761).toString(16).padStart(40, "a7");

function book(asset: number, levels: number, extra: object): object {
  const side = (best: number, step: number) =>
    Array.from({ length: levels }, (_, i) => ({
      price: String((best - step * (levels - 1 - i)) / 1000),
      size: String(((i * 7919) % 50_000) / 100 + 5),
    }));
  return {
    event_type: "book",
    asset_id: token(asset),
    market: MARKET,
    timestamp: "1778480069765",
    hash: sha(asset),
    bids: side(480, 7),
    asks: side(490, -7),
    ...extra,
  };
}

function priceChange(n: number, changes: number): object {
  const items = Array.from({ length: changes }, (_, i) => {
    const tick = 300 + ((n * 13 + i * 5) % 150);
    const yes = i % 2 === 0;
    return {
      asset_id: token(yes ? 0 : 1),
      price: String((yes ? tick : 1000 - tick) / 1000),
      size: String(((n * 271 + i) % 90_000) / 100),
      side: yes ? "BUY" : "SELL",
      hash: sha(n + i),
      best_bid: yes ? "0.48" : "0.51",
      best_ask: yes ? "0.49" : "0.52",
    };
  });
  return { market: MARKET, price_changes: items, timestamp: "1778480999942", event_type: "price_change" };
}

/** Kinds of frames by name. */
export function workloads(): [string, Buffer[]][] {
  const encode = (message: object): Buffer => Buffer.from(JSON.stringify(message));
  const many = (make: (n: number) => object): Buffer[] =>
    Array.from({ length: 256 }, (_, n) => encode(make(n)));
  const list: [string, Buffer[]][] = [
    ["price_change, 2 changes (both tokens)", many((n) => priceChange(n, 2))],
    ["price_change, 1-4 changes", many((n) => priceChange(n, 1 + (n % 4)))],
    ["price_change, 16 changes", many((n) => priceChange(n, 16))],
    ["book 40x2, no hash", many((n) => ({ ...book(n % 32, 40, {}), hash: undefined }))],
    ["book 40x2, 2024 shape, hash judged", many((n) => book(n % 32, 40, {}))],
    [
      "book 40x2, 2026 shape, hash opaque",
      many((n) => book(n % 32, 40, { tick_size: "0.001", last_trade_price: "0.48" })),
    ],
    [
      "array of 8 books 20x2, no hash",
      many((n) => Array.from({ length: 8 }, (_, i) => ({ ...book((n + i) % 32, 20, {}), hash: undefined }))),
    ],
    [
      "last_trade_price",
      many((n) => ({
        event_type: "last_trade_price",
        asset_id: token(n % 2),
        market: MARKET,
        price: "0.48",
        size: String(n + 0.25),
        fee_rate_bps: "0",
        side: n % 2 === 0 ? "BUY" : "SELL",
        timestamp: "1778480999942",
        transaction_hash: `0x${sha(n)}`,
      })),
    ],
    [
      "best_bid_ask",
      many((n) => ({
        market: MARKET,
        asset_id: token(n % 2),
        best_bid: "0.48",
        best_ask: "0.51",
        spread: "0.03",
        timestamp: "1778480999944",
        event_type: "best_bid_ask",
      })),
    ],
  ];
  const shared = sharedDir();
  if (shared === null) return list;
  const lines = (name: string): Buffer[] =>
    readFileSync(join(shared, "data/polymarket/ws_message_samples", name), "utf8")
      .trim()
      .split("\n")
      .map((x) => Buffer.from(x));
  list.push(["recorded books (10)", lines("ssmd_polymarket_book.jsonl")]);
  list.push(["recorded trades (10)", lines("ssmd_polymarket_trade.jsonl")]);
  const tardis = JSON.parse(
    readFileSync(join(shared, "data/samples/polymarket/tardis/polymarket_ws_messages.json"), "utf8"),
  ) as { readonly event_type: string }[];
  list.push([
    "recorded price_change (3)",
    tardis
      .filter((m) => m.event_type === "price_change")
      .map((m) => encode({ ...m, timestamp: "1778480999942" })),
  ]);
  return list;
}
