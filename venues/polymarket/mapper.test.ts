import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  FLAG_FRAME_END,
  FLAG_HASH_OK,
  type Listing,
  type Micros,
  type Reason,
  reasonNumber,
  type WireMapper,
} from "../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv, type PlainRecord } from "../../tests/memory-sink.ts";
import { catalogueOf } from "./catalogue.ts";
import { feeVersions, listingOf } from "./listing.ts";
import { PolymarketMapper } from "./mapper.ts";
import { SCALES } from "./scales.ts";

const YES = "50000000000000000000000000000000000000000000000000000000000000000000000000001";
const NO = "11400000000000000000000000000000000000000000000000000000000000000000000000002";
const MARKET = "0xa8adfd2128c320af6b3369aae60e69a88e06dd0baf98122cae11ac15bebcaff6";
const AT = 1_778_480_000_000;
const ENCODER = new TextEncoder();

let env: MemoryEnv;
let mapper: WireMapper;

beforeEach(() => {
  env = memoryEnv("polymarket", SCALES, { maxBooks: 4, maxFrameBytes: 4096 });
  mapper = new PolymarketMapper(env);
});

/** Facts of one frame, without those of earlier ones. */
function send(frame: unknown): PlainRecord[] {
  env.sink.clear();
  const bytes = ENCODER.encode(typeof frame === "string" ? frame : JSON.stringify(frame));
  mapper.frame(0, AT * 1000, bytes, 0, bytes.length);
  return env.sink.records;
}

/** A record as a short line: kind, book, side, ticks, lots in shares; or a reason. */
function brief(records: readonly PlainRecord[]): string[] {
  return records.map((r) => {
    if (r.kind === "REJECT" || r.kind === "INVALID") return `${r.kind} ${r.book} ${r.priceTicks}`;
    return `${r.kind} ${r.book} ${r.side === 0 ? "bid" : "ask"} ${r.priceTicks} ${r.lots === -1 ? "-" : r.lots / 1e6}`;
  });
}

const said = (kind: string, book: number, reason: Reason): string =>
  `${kind} ${book} ${reasonNumber(reason)}`;

const book = (asset: string, ms = AT, extra: object = {}): object => ({
  event_type: "book",
  market: MARKET,
  asset_id: asset,
  timestamp: String(ms),
  bids: [
    { price: "0.4", size: "10" },
    { price: "0.41", size: "0" },
  ],
  asks: [{ price: "0.5", size: "2.5" }],
  ...extra,
});

const change = (asset: string, price: string, side: string, ms = AT, extra: object = {}): object => ({
  market: MARKET,
  price_changes: [{ asset_id: asset, price, size: "7", side, ...extra }],
  timestamp: String(ms),
  event_type: "price_change",
});

function listing(extra: Partial<Listing> = {}): Listing {
  return {
    ...listingOf({
      venue: "polymarket",
      conditionId: MARKET,
      tokens: [YES, NO],
      title: "Will it rain?",
      tickSize: "0.01",
      minSize: "5",
      fees: feeVersions({ enabled: false, schedule: null }, "test"),
      status: "open",
      opensAt: null,
      closesAt: null,
    }),
    ...extra,
  };
}

describe("books", () => {
  it("replace both sides with the levels that hold something, and the last fact ends the frame", () => {
    const records = send(book(YES));
    expect(brief(records)).toEqual([
      "SNAPSHOT_BEGIN 0 bid 0 -",
      "SNAPSHOT_LEVEL 0 bid 4000 10",
      "SNAPSHOT_LEVEL 0 ask 5000 2.5",
      "SNAPSHOT_END 0 bid 0 -",
    ]);
    expect(records.map((r) => r.flags)).toEqual([0, 0, 0, FLAG_FRAME_END]);
    expect(records[0]).toMatchObject({ recvAt: AT * 1000, venueAt: AT * 1000, venueSeq: -1, stream: 0 });
  });

  it("come as arrays too, and only the last event ends the frame", () => {
    const records = send([book(YES), book(NO)]);
    expect(records.filter((r) => r.flags === FLAG_FRAME_END).length).toBe(1);
    expect(records.filter((r) => r.kind === "SNAPSHOT_END").map((r) => r.book)).toEqual([0, 1]);
  });

  it("whose complete checksum fits say so; one that does not costs the book its validity", () => {
    const whole = {
      market: MARKET,
      asset_id: YES,
      timestamp: "1778480000000",
      hash: "x",
      bids: [],
      asks: [],
      min_order_size: "5",
      tick_size: "0.01",
      neg_risk: false,
      last_trade_price: "",
      event_type: "book",
    };
    expect(brief(send(whole))).toEqual([said("INVALID", 0, "book.hash_mismatch")]);
    const old = {
      event_type: "book",
      market: "0x1",
      asset_id: YES,
      timestamp: "1778480000001",
      bids: [],
      asks: [],
    };
    const records = send({ ...old, hash: oldHash() });
    expect(records.at(-1)?.flags).toBe(FLAG_FRAME_END | FLAG_HASH_OK);
  });
});

function oldHash(): string {
  return createHash("sha1")
    .update(`{"market":"0x1","asset_id":"${YES}","hash":"","bids":[],"asks":[]}`)
    .digest("hex");
}

describe("price changes", () => {
  it("set totals, then state the best prices as witnesses", () => {
    const records = send(change(YES, "0.45", "BUY", AT, { hash: "x", best_bid: "0.45", best_ask: "1" }));
    expect(brief(records)).toEqual([
      "LEVEL_SET 0 bid 4500 7",
      "TOP_WITNESS 0 bid 4500 -",
      "TOP_WITNESS 0 ask -1 -",
    ]);
    expect(records.at(-1)?.flags).toBe(FLAG_FRAME_END);
  });

  it("of the old forms set totals and state nothing", () => {
    const single = { event_type: "price_change", market: MARKET, asset_id: YES, timestamp: String(AT) };
    expect(brief(send({ ...single, price: "0.45", size: "7", side: "SELL" }))).toEqual([
      "LEVEL_SET 0 ask 4500 7",
    ]);
    const changes = [
      { price: "0.3", size: "1", side: "BUY" },
      { price: "0.6", size: "0", side: "SELL" },
    ];
    expect(brief(send({ ...single, changes }))).toEqual(["LEVEL_SET 0 bid 3000 1", "LEVEL_SET 0 ask 6000 0"]);
  });

  it("that come late are refused and cost the book its validity; late snapshots are only dropped", () => {
    send(book(YES, AT + 5));
    expect(brief(send(change(YES, "0.45", "BUY", AT + 4)))).toEqual([
      said("REJECT", 0, "seq.reordered"),
      said("INVALID", 0, "book.gap"),
    ]);
    expect(brief(send(book(YES, AT + 4)))).toEqual([said("REJECT", 0, "seq.reordered")]);
    expect(send(change(YES, "0.45", "BUY", AT + 5))[0]?.kind).toBe("LEVEL_SET");
  });

  it("start afresh on a new connection, whose books all wait for a snapshot", () => {
    send(book(YES, AT + 5));
    env.sink.clear();
    mapper.connection(0, "lost", (AT * 1000) as Micros);
    expect(brief(env.sink.records)).toEqual([said("INVALID", -1, "book.reconnect")]);
    expect(env.sink.objects.map((o) => o.kind)).toEqual(["stream.closed"]);
    expect(send(book(YES, AT)).map((r) => r.stream)).toEqual([1, 1, 1, 1]);
  });
});

describe("the second token of a market", () => {
  beforeEach(() => {
    catalogueOf(env.symbols).describe(listing(), 0 as Micros);
  });

  it("is counted once a message and never applied", () => {
    expect(brief(send(book(NO)))).toEqual([said("REJECT", 0, "wire.mirror")]);
    const both = {
      market: MARKET,
      price_changes: [
        { asset_id: YES, price: "0.4", size: "3", side: "BUY" },
        { asset_id: NO, price: "0.6", size: "3", side: "SELL" },
      ],
      timestamp: String(AT),
      event_type: "price_change",
    };
    expect(brief(send(both))).toEqual(["LEVEL_SET 0 bid 4000 3", said("REJECT", 0, "wire.mirror")]);
  });

  it("brings prints of its own, turned onto the book's scale", () => {
    const trade = {
      event_type: "last_trade_price",
      asset_id: NO,
      market: MARKET,
      price: "0.3",
      size: "2",
      side: "BUY",
      timestamp: String(AT),
    };
    expect(brief(send(trade))).toEqual(["TRADE 0 ask 7000 2"]);
    expect(brief(send({ ...trade, asset_id: YES }))).toEqual(["TRADE 0 bid 3000 2"]);
  });

  it("learned before the market was described becomes its mirror at once", () => {
    env = memoryEnv("polymarket", SCALES);
    mapper = new PolymarketMapper(env);
    send(book(NO));
    expect(send(book(NO))[0]).toMatchObject({ kind: "SNAPSHOT_BEGIN", book: 0 });
    catalogueOf(env.symbols).describe(listing(), 0 as Micros);
    expect(brief(send(book(NO)))).toEqual([said("REJECT", 1, "wire.mirror")]);
  });
});

describe("rare messages", () => {
  it("a tick change invalidates the book and keeps its other terms", () => {
    catalogueOf(env.symbols).describe(listing(), 0 as Micros);
    const tick = {
      event_type: "tick_size_change",
      asset_id: YES,
      market: MARKET,
      old_tick_size: "0.01",
      new_tick_size: "0.001",
      timestamp: String(AT),
    };
    expect(brief(send(tick))).toEqual([said("INVALID", 0, "book.tick_change")]);
    expect(env.symbols.instruments[0]).toMatchObject({
      tickRanges: [{ fromTicks: 10, toTicks: 9990, stepTicks: 10 }],
      fees: [{ spec: { type: "none" } }],
      mirrorSymbol: NO,
    });
    expect(brief(send({ ...tick, asset_id: NO }))).toEqual([said("REJECT", 0, "wire.mirror")]);
  });

  it("a settlement is told with its payout to outcome 0, and ends the book", () => {
    catalogueOf(env.symbols).describe(listing(), 0 as Micros);
    const resolved = {
      event_type: "market_resolved",
      market: MARKET,
      assets_ids: [YES, NO],
      winning_asset_id: NO,
      timestamp: String(AT),
    };
    expect(brief(send(resolved))[0]).toBe(said("INVALID", 0, "book.venue_close"));
    expect(env.sink.objects.at(-1)).toMatchObject({
      kind: "market.resolved",
      market: `polymarket:${MARKET}`,
      yesPayout: "0",
    });
    expect(env.symbols.instruments[0]?.status).toBe("resolved");
  });

  it("a new market is listed with the terms it states, and is not yet open", () => {
    send({
      event_type: "new_market",
      market: MARKET,
      assets_ids: [YES, NO],
      question: "Will it rain?",
      timestamp: String(AT),
      order_price_min_tick_size: "0.01",
      fees_enabled: true,
      fee_schedule: { exponent: "1", rate: "0.07", taker_only: true },
    });
    expect(env.symbols.instruments[0]).toMatchObject({
      symbol: YES,
      mirrorSymbol: NO,
      status: "unknown",
      fees: [{ spec: { type: "quadratic", rate: "0.07", exponent: 1, rounding: "up" } }],
    });
  });

  it("a stated best price is a witness; zeros and blanks are empty sides; late ones are dropped", () => {
    const top = {
      event_type: "best_bid_ask",
      market: MARKET,
      asset_id: YES,
      best_bid: "0",
      best_ask: "",
      spread: "0",
      timestamp: String(AT),
    };
    expect(brief(send(top))).toEqual(["TOP_WITNESS 0 bid -1 -", "TOP_WITNESS 0 ask -1 -"]);
    send(book(YES, AT + 1));
    expect(brief(send(top))).toEqual([said("REJECT", 0, "seq.reordered")]);
  });
});
