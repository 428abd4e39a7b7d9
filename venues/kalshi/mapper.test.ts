import { describe, expect, it } from "vitest";
import { ASK, BID, FLAG_FRAME_END, type Micros, reasonOf } from "../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv, type PlainRecord } from "../../tests/memory-sink.ts";
import {
  encodeDelta,
  encodeError,
  encodeOk,
  encodeSnapshot,
  encodeSubscribed,
  encodeTrade,
  encodeUnsubscribed,
} from "./encode.ts";
import { KalshiMapper } from "./mapper.ts";
import { KALSHI_SCALES } from "./scales.ts";
import { text } from "./testing/frames.ts";

const AT = 1_786_410_915_600_000;
const SYMBOL = "KXA-26NOV21-T1";
const VENUE_AT = 1_786_410_915_566_000;

function fixture(options: { readonly maxFrameBytes?: number; readonly maxBooks?: number } = {}) {
  const env = memoryEnv("kalshi", KALSHI_SCALES, options);
  const mapper = new KalshiMapper(env);
  const send = (frame: Uint8Array | string, connection = 0): PlainRecord[] => {
    const bytes = typeof frame === "string" ? text(frame) : frame;
    env.sink.clear();
    mapper.frame(connection, AT, bytes, 0, bytes.length);
    return env.sink.records;
  };
  return { env, mapper, send };
}

const snapshot = (seq: number, symbol = SYMBOL) =>
  encodeSnapshot({
    sid: 1,
    seq,
    symbol,
    bids: [{ ticks: 4_000, lots: 100 }],
    asks: [{ ticks: 4_500, lots: 7 }],
  });
const delta = (seq: number, symbol = SYMBOL) =>
  encodeDelta({ sid: 1, seq, symbol, side: ASK, ticks: 4_501, lots: -25, venueAt: VENUE_AT });

const kinds = (records: readonly PlainRecord[]) => records.map(({ kind }) => kind);
const reasons = (records: readonly PlainRecord[]) => records.map(({ priceTicks }) => reasonOf(priceTicks));
const openings = (env: MemoryEnv) =>
  env.sink.objects.flatMap((fact) => (fact.kind === "stream.opened" ? [[fact.judged, fact.why]] : []));

describe("books", () => {
  it("a NO bid becomes a YES ask at one minus its price", () => {
    const { send } = fixture();
    const [record] = send(
      `{"type":"orderbook_delta","sid":1,"seq":1,"msg":{"market_ticker":"${SYMBOL}","price_dollars":"0.4800","delta_fp":"-40.05","side":"no","ts_ms":1786410915566}}`,
    );
    expect(record).toEqual({
      ...{ kind: "LEVEL_CHANGE", side: ASK, flags: FLAG_FRAME_END, book: 0, priceTicks: 5_200, stream: 0 },
      ...{ lots: -4_005, recvAt: AT, venueAt: VENUE_AT, venueSeq: 1 },
    });
  });

  it("a snapshot replaces the book: its levels stand between begin and end, and only the end closes the frame", () => {
    const { send } = fixture();
    const records = send(snapshot(1));
    expect(kinds(records)).toEqual(["SNAPSHOT_BEGIN", "SNAPSHOT_LEVEL", "SNAPSHOT_LEVEL", "SNAPSHOT_END"]);
    expect(records.map(({ flags }) => flags)).toEqual([0, 0, 0, FLAG_FRAME_END]);
    expect(records.every(({ venueSeq }) => venueSeq === 1)).toBe(true);
    expect(records[1]).toMatchObject({ side: BID, priceTicks: 4_000, lots: 100 });
    expect(records[2]).toMatchObject({ side: ASK, priceTicks: 4_500, lots: 7 });
  });

  it("a snapshot without sides is the empty book at close, not an error", () => {
    const { send } = fixture();
    expect(kinds(send(encodeSnapshot({ sid: 1, seq: 1, symbol: SYMBOL, bids: [], asks: [] })))).toEqual([
      "SNAPSHOT_BEGIN",
      "SNAPSHOT_END",
    ]);
  });

  it("a snapshot of an older format is refused, not read as empty", () => {
    const { send } = fixture();
    send(snapshot(1));
    const records = send(
      `{"type":"orderbook_snapshot","sid":1,"seq":2,"msg":{"market_ticker":"${SYMBOL}","yes":[[8,300]],"no":[[54,20]]}}`,
    );
    expect(kinds(records)).toEqual(["REJECT", "INVALID"]);
    expect(reasons(records)).toEqual(["wire.missing_field", "book.unreadable"]);
  });

  it("a level stated twice in one snapshot is refused", () => {
    const { send } = fixture();
    const records = send(
      `{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"${SYMBOL}","yes_dollars_fp":[["0.0100","1.00"],["0.0100","2.00"]]}}`,
    );
    expect(reasons(records)).toEqual(["wire.duplicate_key"]);
  });

  it("levels in any order are read alike, whoever reads them", () => {
    const { send } = fixture();
    const records = send(
      `{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"${SYMBOL}","yes_dollars_fp":[["0.0200","1.00"],["0.0100","2.00"]]}}`,
    );
    expect(records.slice(1, 3).map(({ priceTicks }) => priceTicks)).toEqual([200, 100]);
  });

  it.each([
    ["a price of one", '"price_dollars":"1.0000","delta_fp":"1.00"'],
    ["a price of zero", '"price_dollars":"0.0000","delta_fp":"1.00"'],
    ["a price finer than the scale", '"price_dollars":"0.48001","delta_fp":"1.00"'],
    ["a size finer than the scale", '"price_dollars":"0.4800","delta_fp":"1.005"'],
    ["a size beyond belief", '"price_dollars":"0.4800","delta_fp":"99999999999999.00"'],
    ["a number where text is due", '"price_dollars":0.48,"delta_fp":"1.00"'],
    ["NaN as text", '"price_dollars":"NaN","delta_fp":"1.00"'],
  ])("%s makes the book invalid and keeps the count of the stream", (_name, fields) => {
    const { send } = fixture();
    send(snapshot(1));
    const records = send(
      `{"type":"orderbook_delta","sid":1,"seq":2,"msg":{"market_ticker":"${SYMBOL}",${fields},"side":"yes","ts_ms":1}}`,
    );
    expect(kinds(records)).toEqual(["REJECT", "INVALID"]);
    expect(records.map(({ book, stream, venueSeq }) => [book, stream, venueSeq])).toEqual([
      [0, 0, 2],
      [0, 0, 2],
    ]);
    expect(records[1]!.flags).toBe(FLAG_FRAME_END);
  });
});

describe("trades", () => {
  it("carry the taker's side whichever field names it", () => {
    const { send } = fixture();
    const trade = (fields: string, seq: number) =>
      send(
        `{"type":"trade","sid":2,"seq":${seq},"msg":{"market_ticker":"${SYMBOL}","yes_price_dollars":"0.3600","count_fp":"1.00",${fields},"ts_ms":1}}`,
      )[0];
    expect(trade('"taker_side":"no"', 1)).toMatchObject({
      kind: "TRADE",
      side: ASK,
      priceTicks: 3_600,
      lots: 100,
    });
    expect(trade('"taker_outcome_side":"yes"', 2)).toMatchObject({ kind: "TRADE", side: BID });
    expect(trade('"taker_book_side":"ask"', 3)).toMatchObject({ kind: "TRADE", side: ASK });
  });

  it("whose fields contradict each other are refused without touching the book", () => {
    const { send } = fixture();
    send(snapshot(1));
    const contradiction = (fields: string) =>
      kinds(
        send(
          `{"type":"trade","sid":1,"seq":2,"msg":{"market_ticker":"${SYMBOL}","yes_price_dollars":"0.3600",${fields},"count_fp":"1.00","ts_ms":1}}`,
        ),
      );
    expect(contradiction('"taker_side":"no","taker_book_side":"bid"')).toEqual(["REJECT"]);
    expect(contradiction('"no_price_dollars":"0.6500","taker_side":"no"')).toEqual(["REJECT"]);
  });

  it("done as a block only use up their number: they did not trade against the book", () => {
    const { send } = fixture();
    const records = send(
      `{"type":"trade","sid":1,"seq":2,"msg":{"market_ticker":"${SYMBOL}","yes_price_dollars":"0.3600","taker_side":"no","is_block_trade":true,"count_fp":"1.00","ts_ms":1}}`,
    );
    expect(kinds(records)).toEqual(["SEQUENCE"]);
  });
});

describe("streams", () => {
  it("every numbered frame shows its number once, control frames included", () => {
    const { send } = fixture();
    send(encodeSubscribed({ id: 1, channel: "orderbook_delta", sid: 1 }));
    const seen = [
      snapshot(1),
      encodeOk({ id: 2, sid: 1, seq: 2, symbols: [SYMBOL] }),
      delta(3),
      encodeUnsubscribed({ id: 3, sid: 1, seq: 4 }),
    ].map((frame) => new Set(send(frame).map(({ venueSeq }) => venueSeq)));
    expect(seen).toEqual([new Set([1]), new Set([2]), new Set([3]), new Set([4])]);
  });

  it("a market taken off a subscription is no longer valid, since its silence proves nothing", () => {
    const { send } = fixture();
    send(snapshot(1));
    send(snapshot(2, "KXB-1"));
    expect(kinds(send(encodeOk({ id: 1, sid: 1, seq: 3, symbols: [SYMBOL, "KXB-1", "KXC-1"] })))).toEqual([
      "SEQUENCE",
    ]);
    const records = send(encodeOk({ id: 2, sid: 1, seq: 4, symbols: [SYMBOL] }));
    expect(records).toMatchObject([{ kind: "INVALID", book: 1, venueSeq: 4, flags: FLAG_FRAME_END }]);
    expect(kinds(send(encodeOk({ id: 3, sid: 1, seq: 5, symbols: [SYMBOL] })))).toEqual(["SEQUENCE"]);
  });

  it("are judged when the venue confirmed the subscription or the first number is 1", () => {
    const confirmed = fixture();
    confirmed.send(encodeSubscribed({ id: 1, channel: "orderbook_delta", sid: 1 }));
    confirmed.send(snapshot(5));
    expect(openings(confirmed.env)[0]![0]).toBe(true);
    const whole = fixture();
    whole.send(snapshot(1));
    expect(openings(whole.env)[0]![0]).toBe(true);
    const slice = fixture();
    slice.send(snapshot(2_399_864));
    expect(openings(slice.env)[0]).toEqual([false, expect.stringContaining("2399864")]);
  });

  it("of one sid on two connections are two", () => {
    const { send } = fixture();
    expect(send(snapshot(1), 0)[0]!.stream).toBe(0);
    expect(send(snapshot(1), 1)[0]!.stream).toBe(1);
    expect(send(delta(2), 0)[0]!.stream).toBe(0);
  });

  it("end with their connection, and their books with them", () => {
    const { env, mapper, send } = fixture();
    send(snapshot(1));
    env.sink.clear();
    mapper.connection(0, "lost", AT as Micros);
    expect(env.sink.records).toMatchObject([{ kind: "INVALID", book: -1, stream: 0 }]);
    expect(env.sink.objects).toMatchObject([{ kind: "stream.closed", stream: 0 }]);
    expect(send(snapshot(1))[0]!.stream).toBe(1);
  });

  it("end when the venue ends the subscription by an error", () => {
    const { env, send } = fixture();
    send(snapshot(1));
    const records = send(encodeError({ id: 1, code: 25, text: "buffer overflow", sid: 1 }));
    expect(reasons(records)).toEqual(["wire.venue_error", "book.reconnect"]);
    expect(env.sink.objects).toMatchObject([{ kind: "stream.closed", stream: 0 }]);
  });

  it("a ticker says nothing: it is asynchronous to the book and carries no number", () => {
    const { send } = fixture();
    expect(
      send('{"type":"ticker","sid":11,"msg":{"market_ticker":"KXA-1","yes_bid_dollars":"0.4500"}}'),
    ).toEqual([]);
  });
});

describe("hostile input", () => {
  const frames: readonly (readonly [string, string | Uint8Array, string])[] = [
    ["an empty frame", "", "wire.unreadable"],
    ["a truncated frame", '{"type":"orderbook_delta","sid":1,"seq":', "wire.unreadable"],
    ["invalid UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), "wire.unreadable"],
    ["deep nesting", `{"a":${"[".repeat(100_000)}`, "wire.too_deep"],
    ["a frame that is no object", "[1,2,3]", "wire.unreadable"],
    ["a repeated envelope key", '{"type":"ticker","type":"trade"}', "wire.duplicate_key"],
    ["no type", '{"sid":1,"seq":2,"msg":{}}', "wire.missing_field"],
    ["a frame beyond the size limit", `{"type":"x","pad":"${"x".repeat(5_000)}"}`, "wire.too_large"],
  ];

  it.each(frames)(
    "%s is refused with a reason and ends the books it may have touched",
    (_name, frame, reason) => {
      const { send } = fixture({ maxFrameBytes: frame.length > 50_000 ? 200_000 : 4_000 });
      send(snapshot(1));
      const records = send(frame);
      expect(reasons(records)).toEqual([reason, "book.unreadable"]);
      expect(records[1]).toMatchObject({ kind: "INVALID", book: -1, stream: 0, flags: FLAG_FRAME_END });
    },
  );

  it("an unknown type is refused and nothing else happens", () => {
    const { send } = fixture();
    send(snapshot(1));
    const records = send('{"type":"brand_new","sid":1,"seq":2,"msg":{}}');
    expect(reasons(records)).toEqual(["wire.unknown_type"]);
    expect(records[0]).toMatchObject({ venueSeq: 2, flags: FLAG_FRAME_END });
  });

  it("books beyond the bound are refused and counted in their stream", () => {
    const { send } = fixture({ maxBooks: 1 });
    send(snapshot(1));
    const records = send(snapshot(2, "KXB-1"));
    expect(reasons(records)).toEqual(["wire.unknown_symbol"]);
    expect(records[0]!.venueSeq).toBe(2);
  });

  it("streams beyond the bound are refused", () => {
    const { send } = fixture();
    for (let sid = 0; sid < 1024; sid++)
      send(
        encodeTrade({ sid, seq: 1, symbol: SYMBOL, side: BID, ticks: 1, lots: 1, venueAt: AT, tradeId: "t" }),
      );
    const over = encodeTrade({
      sid: 5000,
      seq: 1,
      symbol: SYMBOL,
      side: BID,
      ticks: 1,
      lots: 1,
      venueAt: AT,
      tradeId: "t",
    });
    expect(reasons(send(over))).toEqual(["book.overflow"]);
  });
});
