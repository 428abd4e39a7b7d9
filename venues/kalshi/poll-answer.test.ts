import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  FLAG_FRAME_END,
  FLAG_POLL,
  type Micros,
  POLL_CONNECTION,
  reasonOf,
} from "../../src/contracts/index.ts";
import { memoryEnv } from "../../tests/memory-sink.ts";
import { KalshiMapper } from "./mapper.ts";
import { KALSHI_SCALES } from "./scales.ts";

const AT = 1_787_000_000_000_000;

function fixture(options: { readonly maxBooks?: number; readonly maxFrameBytes?: number } = {}) {
  const env = memoryEnv("kalshi", KALSHI_SCALES, options);
  const mapper = new KalshiMapper(env);
  const poll = (body: unknown, connection = POLL_CONNECTION) => {
    const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
    env.sink.clear();
    mapper.frame(connection, AT, bytes, 0, bytes.length);
    return env.sink.records;
  };
  return { env, mapper, poll };
}

const book = (ticker: string, yes: unknown, no: unknown) => ({
  ticker,
  orderbook_fp: { yes_dollars: yes, no_dollars: no },
});
const answer = (...books: unknown[]) => ({ orderbooks: books });
const kinds = (records: readonly { readonly kind: string }[]) => records.map(({ kind }) => kind);
const reasons = (records: readonly { readonly priceTicks: number }[]) =>
  records.map(({ priceTicks }) => reasonOf(priceTicks));

describe("answers to polls", () => {
  it("bids of both legs become one book on the YES scale, all of it polled and one frame", () => {
    const { poll } = fixture();
    const records = poll(
      answer(book("KXA-1", [["0.4000", "1.50"]], [["0.5500", "7.00"]]), book("KXB-1", [], [])),
    );
    expect(kinds(records)).toEqual([
      "SNAPSHOT_BEGIN",
      "SNAPSHOT_LEVEL",
      "SNAPSHOT_LEVEL",
      "SNAPSHOT_END",
      "SNAPSHOT_BEGIN",
      "SNAPSHOT_END",
    ]);
    expect(records[1]).toMatchObject({ side: BID, priceTicks: 4_000, lots: 150, venueSeq: -1 });
    expect(records[2]).toMatchObject({ side: ASK, priceTicks: 4_500, lots: 700 });
    expect(records.map(({ flags }) => flags)).toEqual([
      ...Array(5).fill(FLAG_POLL),
      FLAG_POLL | FLAG_FRAME_END,
    ]);
  });

  it("each poll connection is one stream that is not judged, opened once", () => {
    const { env, poll } = fixture();
    poll(answer(book("KXA-1", [], [])));
    expect(env.sink.objects.filter(({ kind }) => kind === "stream.opened")).toMatchObject([
      { judged: false, label: "poll 0" },
    ]);
    const again = poll(answer(book("KXA-1", [], [])));
    expect(env.sink.objects).toEqual([]);
    const other = poll(answer(book("KXA-1", [], [])), POLL_CONNECTION + 1);
    expect(env.sink.objects).toMatchObject([{ kind: "stream.opened", label: "poll 1" }]);
    expect(other[0]!.stream).not.toBe(again[0]!.stream);
  });

  it("a connection given up closes its stream and nothing else", () => {
    const { env, mapper, poll } = fixture();
    poll(answer(book("KXA-1", [], [])));
    env.sink.clear();
    mapper.connection(POLL_CONNECTION, "opened", AT as Micros);
    mapper.connection(POLL_CONNECTION, "lost", AT as Micros);
    mapper.connection(POLL_CONNECTION, "lost", AT as Micros);
    expect(env.sink.entries).toMatchObject([{ object: { kind: "stream.closed" } }]);
  });

  it("a missing side is an empty side", () => {
    const { poll } = fixture();
    const records = poll(answer({ ticker: "KXA-1", orderbook_fp: { no_dollars: [["0.5500", "7.00"]] } }));
    expect(kinds(records)).toEqual(["SNAPSHOT_BEGIN", "SNAPSHOT_LEVEL", "SNAPSHOT_END"]);
    expect(kinds(poll(answer({ ticker: "KXA-1", orderbook_fp: {} })))).toEqual([
      "SNAPSHOT_BEGIN",
      "SNAPSHOT_END",
    ]);
  });

  it.each([
    ["no book at all", { ticker: "KXA-1" }],
    ["the cents of an older format", { ticker: "KXA-1", orderbook_fp: { yes: [[40, 1]], no: null } }],
    ["a price of one dollar", book("KXA-1", [["1.0000", "1.00"]], [])],
    [
      "a price twice",
      book(
        "KXA-1",
        [
          ["0.4000", "1.00"],
          ["0.40", "2.00"],
        ],
        [],
      ),
    ],
    ["a negative size", book("KXA-1", [["0.4000", "-1.00"]], [])],
    ["a number for text", book("KXA-1", [[0.4, 1]], [])],
  ])("%s makes that book invalid and leaves the others of the answer", (_name, bad) => {
    const { poll } = fixture();
    poll(answer(book("KXA-1", [], []), book("KXB-1", [], [])));
    const records = poll(answer(bad, book("KXB-1", [["0.1000", "1.00"]], [])));
    expect(kinds(records)).toEqual(["REJECT", "INVALID", "SNAPSHOT_BEGIN", "SNAPSHOT_LEVEL", "SNAPSHOT_END"]);
    expect(reasons(records)[1]).toBe("book.unreadable");
    expect(records.slice(0, 2).map((record) => record.book)).toEqual([0, 0]);
  });

  it("a book named twice in one answer is not believed", () => {
    const { poll } = fixture();
    const records = poll(answer(book("KXA-1", [], []), book("KXA-1", [["0.4000", "1.00"]], [])));
    expect(kinds(records)).toEqual(["SNAPSHOT_BEGIN", "SNAPSHOT_END", "REJECT", "INVALID"]);
    expect(reasons(records)[2]).toBe("wire.duplicate_key");
  });

  it.each([
    ["text", "<html>", "wire.unreadable"],
    ["another answer", { markets: [] }, "wire.missing_field"],
    ["deep nesting", "[".repeat(40), "wire.too_deep"],
  ])("%s changes no book", (_name, body, reason) => {
    const { poll } = fixture();
    poll(answer(book("KXA-1", [], [])));
    const records = poll(body);
    expect(kinds(records)).toEqual(["REJECT"]);
    expect(reasons(records)).toEqual([reason]);
    expect(records[0]).toMatchObject({ book: -1, flags: FLAG_POLL | FLAG_FRAME_END });
  });

  it("an answer beyond the bounds is refused", () => {
    expect(reasons(fixture({ maxFrameBytes: 10 }).poll(answer(book("KXA-1", [], []))))).toEqual([
      "wire.too_large",
    ]);
    const records = fixture({ maxBooks: 1 }).poll(answer(book("KXA-1", [], []), book("KXB-1", [], [])));
    expect(kinds(records)).toEqual(["SNAPSHOT_BEGIN", "SNAPSHOT_END", "REJECT"]);
  });

  it("an answer without books still ends its frame", () => {
    expect(kinds(fixture().poll(answer()))).toEqual(["REJECT"]);
  });

  it("never throws, and always ends exactly one frame, whatever comes", () => {
    const { poll } = fixture();
    const anyBook = fc.oneof(
      fc.jsonValue(),
      fc.record({ ticker: fc.constantFrom("KXA-1", "", "a b"), orderbook_fp: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.jsonValue(), fc.record({ orderbooks: fc.array(anyBook) })),
        (body) => {
          const records = poll(body);
          const ends = records.filter(({ flags }) => (flags & FLAG_FRAME_END) !== 0);
          expect(ends).toHaveLength(1);
          expect(ends[0]).toBe(records.at(-1));
          expect(records.every(({ flags }) => (flags & FLAG_POLL) !== 0)).toBe(true);
        },
      ),
    );
  });
});
