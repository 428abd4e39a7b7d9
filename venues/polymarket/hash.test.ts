import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedDir } from "../../tests/shared.ts";
import { bookHash, type HashFields, judgeHash } from "./hash.ts";
import { HashState } from "./wire-frame.ts";

const shared = sharedDir();

type Book = Readonly<Record<string, unknown>>;

function fieldsOf(book: Book): HashFields {
  const json = (key: string): string | null => (key in book ? JSON.stringify(book[key]) : null);
  return {
    market: json("market")!,
    assetId: json("asset_id")!,
    timestamp: json("timestamp") ?? '""',
    bids: json("bids")!,
    asks: json("asks")!,
    minOrderSize: json("min_order_size"),
    tickSize: json("tick_size"),
    negRisk: json("neg_risk"),
    lastTradePrice: json("last_trade_price"),
  };
}

/** Every object with bids, asks and a hash. */
function booksIn(value: unknown): Book[] {
  if (typeof value !== "object" || value === null) return [];
  const object = value as Book;
  if ("bids" in object && "asks" in object && "hash" in object) return [object];
  return Object.values(object).flatMap(booksIn);
}

const WHOLE: HashFields = {
  market: '"0x1"',
  assetId: '"7"',
  timestamp: '"1778480069765"',
  bids: '[{"price":"0.4","size":"5"}]',
  asks: "[]",
  minOrderSize: '"5"',
  tickSize: '"0.01"',
  negRisk: "false",
  lastTradePrice: '""',
};

describe("book hash", () => {
  it("is wrong only when every field it covers is there", () => {
    const right = bookHash(WHOLE, "v2026")!;
    expect(judgeHash(right, WHOLE)).toBe(HashState.OK);
    expect(judgeHash(right.replace(/^./, "g"), WHOLE)).toBe(HashState.MISMATCH);
    expect(judgeHash(right, { ...WHOLE, asks: '[{"price":"0.5","size":"1"}]' })).toBe(HashState.MISMATCH);
    expect(judgeHash(right, { ...WHOLE, negRisk: null })).toBe(HashState.OPAQUE);
  });

  it("of the old recipe is tried where no later field stands, and can then only be right", () => {
    const old = { ...WHOLE, minOrderSize: null, tickSize: null, negRisk: null, lastTradePrice: null };
    expect(judgeHash(bookHash(old, "v2024")!, old)).toBe(HashState.OK);
    expect(judgeHash("0xabc123", old)).toBe(HashState.OPAQUE);
    expect(bookHash(old, "v2026")).toBeNull();
  });
});

describe.skipIf(shared === null)("book hash on recordings (skipped without ../shared)", () => {
  const read = (name: string): string => readFileSync(join(shared!, "data", name), "utf8");
  const sample = (name: string): Book[] => booksIn(JSON.parse(read(`samples/polymarket/${name}`)));
  const states = (books: readonly Book[]): HashState[] =>
    books.map((book) => judgeHash(book["hash"] as string, fieldsOf(book)));

  it("verifies the live REST book of 2026 and the recordings of 2024", () => {
    expect(states(sample("hugompt/clob_book.json"))).toEqual([HashState.OK]);
    expect(states(sample("nautilus_py_http/book.json"))).toEqual([HashState.OK]);
    expect(states(sample("nautilus_py_ws/book.json"))).toEqual([HashState.OK]);
  });

  it("says nothing of websocket books, which leave two fields out; the usual values complete all ten", () => {
    const books = read("polymarket/ws_message_samples/ssmd_polymarket_book.jsonl")
      .trim()
      .split("\n")
      .map((x) => JSON.parse(x) as Book);
    expect(states(books)).toEqual(books.map(() => HashState.OPAQUE));
    const completed = books.map((book) => ({ ...book, min_order_size: "5", neg_risk: false }));
    expect(states(completed)).toEqual(books.map(() => HashState.OK));
  });

  it("says nothing of samples whose levels or hash were shortened by their authors", () => {
    expect(states(sample("tardis/polymarket_ws_messages.json"))).toEqual([0, 0, 0]);
    expect(states(sample("doc_ws/book.json"))).toEqual([HashState.OPAQUE]);
    expect(states(sample("nautilus_crates/clob_book_response.json"))).toEqual([HashState.OPAQUE]);
  });
});
