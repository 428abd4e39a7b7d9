import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HttpOutcome, Micros } from "../../../src/contracts/index.ts";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { SCALES } from "../scales.ts";
import { readEventPage } from "./catalogue.ts";
import { failureOf } from "./failures.ts";
import { type FrameNotes, readNotes } from "./frame-notes.ts";
import { GeoblockAnswer } from "./geoblock.ts";
import { polymarketLive } from "./live.ts";
import {
  readCancelled,
  readOrderRecord,
  readPosted,
  readTrade,
  readTradePage,
} from "./orders/order-answers.ts";
import { type Verdict, verdictOf } from "./orders/order-refusals.ts";
import { PROBES } from "./probes.ts";
import { ScriptedVenue } from "./testing/scripted-venue.ts";

const shared = sharedDir();
const root = join(shared ?? "", "data/samples/polymarket");
const sample = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const filesIn = (folder: string, pattern = /./): string[] =>
  readdirSync(join(root, folder))
    .filter((file) => pattern.test(file) && file.endsWith(".json"))
    .sort()
    .map((file) => `${folder}/${file}`);

function outcome(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
  const at = 1 as Micros;
  return { kind: "answer", status, headers, body: new TextEncoder().encode(text), sentAt: at, at };
}

/** What a session notes of a frame, as lines. */
function notesOf(message: unknown): string[] {
  const lines: string[] = [];
  const short = (token: string): string => token.slice(0, 6);
  const notes: FrameNotes = {
    book: (token) => lines.push(`book ${short(token)}`),
    tick: (token) => lines.push(`tick ${short(token)}`),
    listed: ({ tokens, event }) => lines.push(`listed ${tokens.map(short).join(" ")} ${event}`.trim()),
    resolved: (tokens) => lines.push(`resolved ${tokens.map(short).join(" ")}`),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  readNotes(bytes, 0, bytes.length, notes);
  return lines;
}

describe.skipIf(shared === null)("recorded payloads (skipped without the shared recordings)", () => {
  it("refusals of orders have one verdict each", () => {
    const expected: Readonly<Record<string, Verdict>> = {
      "400_balance": { kind: "rejected", reason: "order.funds" },
      "400_fok": { kind: "rejected", reason: "order.no_liquidity" },
      "400_payload_limit": { kind: "rejected", reason: "order.venue_reject" },
      "400_post_only_cross": { kind: "rejected", reason: "order.post_only" },
      "400_size": { kind: "rejected", reason: "order.min_size" },
      "400_tick": { kind: "rejected", reason: "order.tick" },
      "401_api_key": { kind: "rejected", reason: "order.auth" },
      "403_geoblock": { kind: "rejected", reason: "order.geo" },
      "404_no_orderbook": { kind: "rejected", reason: "order.market_closed" },
      "425_engine_restart": { kind: "rejected", reason: "order.maintenance" },
      "429": { kind: "rejected", reason: "order.rate_limited" },
      "503_post_only_mode": { kind: "rejected", reason: "order.maintenance" },
    };
    const verdicts = (shared === null ? [] : filesIn("errors")).map((file) => {
      const { status, body } = sample(file) as { readonly status: number; readonly body: unknown };
      return [file.replace(/^errors\/|\.json$/g, ""), verdictOf(failureOf(outcome(status, body))!)];
    });
    expect(Object.fromEntries(verdicts)).toEqual(expected);
    const post = sample("errors/503_post_only_mode.json") as {
      body: unknown;
      headers: Record<string, string>;
    };
    const headers = { "retry-after": post.headers["Retry-After"]! };
    expect(failureOf(outcome(503, post.body, headers))?.retryAfterMicros).toBe(79_000_000);
    expect(polymarketLive.stress(outcome(503, post.body))).toEqual({
      kind: "maintenance",
      retryAfterMicros: 79_000_000,
    });
  });

  it("market frames are noted: books, ticks, new and settled markets", () => {
    const noted = Object.fromEntries(
      filesIn("doc_ws").map((file) => [file.slice(7, -5), notesOf(sample(file))]),
    );
    expect(noted).toMatchObject({
      best_bid_ask: [],
      book: ["book 107505"],
      last_trade_price: [],
      market_resolved: ["resolved 107505 730563"],
      new_market: ["listed 107505 730563"],
      price_change: [],
      sports_result: [],
      tick_size_change: ["tick 107505"],
    });
    for (const file of filesIn("nautilus_crates", /^ws_market_/))
      expect(notesOf(sample(file)).length).toBeLessThan(3);
    expect(notesOf(sample("nautilus_crates/ws_market_book_msg.json"))).toHaveLength(1);
    expect(notesOf(sample("nautilus_crates/ws_market_tick_size_msg.json"))).toEqual([
      expect.stringMatching(/^tick/),
    ]);
    expect(notesOf(sample("nautilus_crates/ws_market_resolved_msg.json"))).toEqual([
      expect.stringMatching(/^resolved/),
    ]);
    expect(notesOf(sample("nautilus_crates/ws_market_new_market_msg.json"))).toEqual([
      expect.stringMatching(/^listed/),
    ]);
  });

  it("subscriptions are written as documented", () => {
    const venue = new ScriptedVenue();
    const [first, custom] = [
      sample("doc_ws/sub_market.json"),
      sample("doc_ws/sub_market_custom.json"),
    ] as object[];
    const [{ assets_ids: on }, { assets_ids: off }] = [
      sample("doc_ws/op_subscribe.json"),
      sample("doc_ws/op_unsubscribe.json"),
    ] as [{ assets_ids: string[] }, { assets_ids: string[] }];
    for (const customFeatures of [false, true]) {
      const configured = polymarketLive.configure({ customFeatures });
      const session = configured(venue.env(memoryEnv("polymarket", SCALES)), "off");
      session.watch(off);
      venue.run(100_000);
      session.watch([...off, ...on]);
      session.watch(on);
      const sent = venue.sockets.at(-1)!.messages;
      const extra = customFeatures ? { custom_feature_enabled: true } : {};
      expect(sent).toEqual([
        { ...(customFeatures ? custom : first), initial_dump: true },
        { ...(sample("doc_ws/op_subscribe.json") as object), ...extra },
        sample("doc_ws/op_unsubscribe.json"),
      ]);
      session.close(() => {});
      venue.run(3_000_000);
    }
  });

  it("the account's orders and trades are read, in REST and channel form", () => {
    const orders = [
      ...filesIn("nautilus_crates", /^(http_open_order(_sell_fok)?|ws_user_order_\w+)\.json$/),
      ...filesIn("nautilus_py_ws", /^order_/),
    ];
    const records = Object.fromEntries(
      orders.map((file) => {
        const record = readOrderRecord(sample(file));
        return [
          file.split("/")[1]!.replace(/\.json$/, ""),
          `${record?.state} ${(record?.matchedLots ?? -1) / 1e6} ${record?.why.slice(0, 10)}`.trim(),
        ];
      }),
    );
    expect(records).toEqual({
      http_open_order: "live 25",
      http_open_order_sell_fok: "ended 50",
      ws_user_order_cancellation: "ended 0",
      ws_user_order_fok_killed: "ended 0 order coul",
      ws_user_order_matched: "ended 100",
      ws_user_order_msg: "live 0",
      ws_user_order_placement: "live 0",
      ws_user_order_update: "live 25",
      ws_user_order_venue_cancel: "ended 0 INVALID",
      order_cancel: "ended 5",
      order_placement: "live 0",
    });
    const trades = [
      ...filesIn("nautilus_crates", /^(http_trade_report|ws_user_trade)/),
      ...filesIn("nautilus_py_ws", /^user_trade/),
    ];
    expect(trades.length).toBeGreaterThan(6);
    for (const file of trades) {
      const parts = readTrade(sample(file))!;
      expect(parts[0]!.lots).toBeGreaterThan(0);
      expect(parts[0]!.money > 0n).toBe(true);
    }
    expect(readTradePage(sample("nautilus_crates/http_trades_page.json"))).toMatchObject({
      cursor: "",
      parts: [{ lots: 10_000_000 }],
    });
  });

  it("a trade of many makers costs what they were paid, the other token's at one minus its price", () => {
    const [taker, ...makers] = readTrade(sample("nautilus_py_ws/user_trade1.json"))!;
    const paid = makers.reduce((sum, { lots }) => sum + lots, 0);
    expect(paid).toBe(taker!.lots);
    expect(taker!.money).toBe(5_180n * BigInt(taker!.lots));
    expect(makers[0]!.money).toBe(4_820n * 10_000_000n);
  });

  it("answers to orders and cancels are read", () => {
    expect(readPosted(sample("nautilus_crates/http_order_response_ok.json"))).toMatchObject({
      id: expect.stringMatching(/^0x1234/),
      error: "",
    });
    expect(readPosted(sample("nautilus_crates/http_order_response_failed.json"))).toMatchObject({
      id: "",
      error: "Insufficient balance",
    });
    expect(verdictOf(failureOf(outcome(400, { errorMsg: "Insufficient balance" }))!)).toEqual({
      kind: "rejected",
      reason: "order.funds",
    });
    expect(readPosted(sample("nautilus_crates/http_order_response_error_500.json"))).toBeNull();
    expect(
      verdictOf(failureOf(outcome(500, sample("nautilus_crates/http_order_response_error_500.json")))!),
    ).toEqual({ kind: "unknown" });
    expect(readCancelled(sample("nautilus_crates/http_cancel_response_ok.json"))?.cancelled).toHaveLength(1);
    expect(
      Object.values(readCancelled(sample("nautilus_crates/http_cancel_response_failed.json"))!.refused),
    ).toEqual(["already canceled or matched"]);
    expect(readCancelled(sample("nautilus_crates/http_batch_cancel_response.json"))).toMatchObject({
      cancelled: [expect.anything(), expect.anything()],
    });
  });

  it("the geoblock answer is read", () => {
    expect(GeoblockAnswer.parse(sample("geoblock_blocked.json"))).toMatchObject({
      blocked: true,
      country: "US",
    });
  });

  it("catalogue objects and books show no drift that breaks the adapter", () => {
    const breaks = (id: string, body: unknown): string[] =>
      PROBES.find((probe) => probe.id === id)!
        .check(outcome(200, body), new Map())
        .filter((drift) => drift.breaks)
        .map(({ path, found }) => `${path}: ${found}`);
    expect(breaks("gamma-events", { events: [sample("nautilus_crates/gamma_event.json")].flat() })).toEqual(
      [],
    );
    expect(breaks("gamma-market", { markets: sample("hugompt/gamma_markets.json") })).toEqual([]);
    for (const file of filesIn("nautilus_crates", /^gamma_market/))
      expect([file, ...breaks("gamma-market", { markets: [sample(file)].flat() })]).toEqual([file]);
    expect(breaks("clob-book", sample("hugompt/clob_book.json"))).toEqual([]);
    expect(
      breaks("clob-books", [
        sample("nautilus_crates/clob_book_response.json"),
        sample("nautilus_py_http/book.json"),
      ]),
    ).toEqual([]);
    const body = new TextEncoder().encode(
      JSON.stringify({ events: [sample("nautilus_crates/gamma_event.json")].flat() }),
    );
    expect(readEventPage(body)?.events.length).toBeGreaterThan(0);
  });
});
