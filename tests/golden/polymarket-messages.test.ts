import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { FLAG_HASH_OK, reasonOf } from "../../src/contracts/index.ts";
import { polymarket } from "../../venues/polymarket/venue.ts";
import { type MemorySink, memoryEnv } from "../memory-sink.ts";
import { sharedDir } from "../shared.ts";
import { cleanUp, importRecordings } from "./pipeline.ts";

const shared = sharedDir();
const ENCODER = new TextEncoder();
type Json = Readonly<Record<string, unknown>>;

/** Message types of the market channel; `rest_book` is the same book over REST, which names no type. */
const TYPES = [
  "book",
  "price_change",
  "tick_size_change",
  "last_trade_price",
  "best_bid_ask",
  "new_market",
  "market_resolved",
] as const;

/** Every file with JSON in it below a folder. */
function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(json|jsonl|ndjson)(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function valuesOf(path: string): unknown[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  if (!/\.(jsonl|ndjson)/.test(path)) return [JSON.parse(text)];
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Messages of the market channel anywhere inside a value; a book over REST gets the type its channel would give it. */
function messagesIn(value: unknown): Json[] {
  if (typeof value !== "object" || value === null) return [];
  const object = value as Json;
  const type = object["event_type"];
  if (typeof type === "string" && (TYPES as readonly string[]).includes(type)) return [object];
  const isBook = ["asset_id", "bids", "asks", "hash"].every((key) => key in object);
  if (isBook) return [{ event_type: "book", ...object, rest: true }];
  return Object.values(object).flatMap(messagesIn);
}

/** Maps one frame alone, on a connection of its own. */
function map(frame: unknown): MemorySink {
  const env = memoryEnv("polymarket", polymarket.scales);
  const bytes = ENCODER.encode(JSON.stringify(frame));
  polymarket.createMapper(env).frame(0, 1, bytes, 0, bytes.length);
  return env.sink;
}

/** What must be there after each type: name of a fact -> how many. */
function wanted(message: Json): Readonly<Record<string, number>> {
  switch (message["event_type"] as (typeof TYPES)[number]) {
    case "book":
      return { SNAPSHOT_BEGIN: 1, SNAPSHOT_END: 1 };
    case "price_change":
      return { LEVEL_SET: (message["price_changes"] as unknown[] | undefined)?.length ?? 1 };
    case "last_trade_price":
      return { TRADE: 1 };
    case "best_bid_ask":
      return { TOP_WITNESS: 2 };
    case "tick_size_change":
      return { "market.instruments": 2 };
    case "new_market":
      return { "market.instruments": 1 };
    case "market_resolved":
      return { "market.resolved": 1 };
  }
}

function factsOf(sink: MemorySink): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const entry of sink.entries) {
    const name = "kind" in entry ? entry.kind : entry.object.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

afterAll(cleanUp);

describe.skipIf(shared === null)("recorded Polymarket messages (skipped without ../shared)", () => {
  const data = shared === null ? "" : join(shared, "data");
  const found =
    shared === null
      ? []
      : ["polymarket", "samples/polymarket", "cross_venue"].flatMap((f) => jsonFiles(join(data, f)));
  const messages = found.flatMap((path) =>
    valuesOf(path)
      .flatMap(messagesIn)
      .map((message) => ({ path: relative(data, path), message })),
  );
  const bare = (message: Json): Json =>
    Object.fromEntries(Object.entries(message).filter(([key]) => key !== "rest"));

  it("all parse: none is refused and each gives the facts of its type", () => {
    const types: Record<string, number> = {};
    for (const { path, message } of messages) {
      const type = message["rest"] === true ? "rest_book" : String(message["event_type"]);
      types[type] = (types[type] ?? 0) + 1;
      const facts = factsOf(map(bare(message)));
      expect(facts["REJECT"] ?? 0, `${path}: ${JSON.stringify(facts)}`).toBe(0);
      expect(facts, path).toMatchObject(wanted(message));
    }
    expect(types).toEqual({
      book: 16,
      rest_book: 3,
      price_change: 7,
      last_trade_price: 15,
      best_bid_ask: 4,
      tick_size_change: 4,
      new_market: 3,
      market_resolved: 3,
    });
  });

  it("restate the tick of a book when the venue changes it", () => {
    const changes = messages.filter(({ message }) => message["event_type"] === "tick_size_change");
    for (const { message } of changes) {
      const listed = map(message).objects.flatMap((o) =>
        o.kind === "market.instruments" ? o.instruments : [],
      );
      const { priceScale, tickRanges } = listed.at(-1)!;
      expect(tickRanges[0]!.stepTicks / priceScale).toBe(Number(message["new_tick_size"]));
    }
    expect(changes).toHaveLength(4);
  });

  it("carry a book hash that verifies wherever the fields it covers are there", () => {
    const books = messages.filter(({ message }) => message["event_type"] === "book");
    const verified = books
      .filter(({ message }) => verdict(bare(message)) === "verified")
      .map(({ path }) => path);
    expect(verified).toEqual([
      "samples/polymarket/hugompt/clob_book.json",
      "samples/polymarket/nautilus_py_http/book.json",
      "samples/polymarket/nautilus_py_ws/book.json",
    ]);
    const whole = books.filter(({ message }) => COVERED.every((key) => key in message));
    expect(whole.map(({ path }) => path)).toEqual(["samples/polymarket/hugompt/clob_book.json"]);
    expect(
      books.map(({ message }) => verdict(bare(message))).filter((state) => state === "mismatch"),
    ).toEqual([]);
    const { message } = whole[0]!;
    const [first, ...rest] = message["bids"] as readonly { price: string; size: string }[];
    expect(verdict({ ...bare(message), bids: [{ ...first, size: "1076" }, ...rest] })).toBe("mismatch");
  });

  it("of the websocket leave two fields of the hash out; with the usual values of these all verify", () => {
    const books = valuesOf(join(data, "polymarket/ws_message_samples/ssmd_polymarket_book.jsonl")) as Json[];
    expect(books.map((book) => COVERED.filter((key) => !(key in book)))).toEqual(
      books.map(() => ["min_order_size", "neg_risk"]),
    );
    for (const book of books) {
      const completed: Json = { ...book, min_order_size: "5", neg_risk: false };
      expect(ownHash(completed)).toBe(book["hash"]);
      expect(verdict(completed)).toBe("verified");
      expect(verdict({ ...completed, neg_risk: true })).toBe("mismatch");
    }
    expect(books).toHaveLength(10);
  });

  it("import line by line without a rejected line", async () => {
    const files = ["book", "trade"].map((name) =>
      join(data, `polymarket/ws_message_samples/ssmd_polymarket_${name}.jsonl`),
    );
    const { counts, rejects } = await importRecordings("polymarket-ws", files);
    expect(rejects).toEqual([]);
    expect([counts.lines, counts.frames]).toEqual([20, 20]);
  });
});

/** What the venue's checksum covers, in its order; `hash` itself is empty in it. */
const COVERED = [
  "market",
  "asset_id",
  "timestamp",
  "hash",
  "bids",
  "asks",
  "min_order_size",
  "tick_size",
  "neg_risk",
  "last_trade_price",
];

/** The checksum computed here once more, over the compact JSON. */
function ownHash(book: Json): string {
  const text = JSON.stringify(
    Object.fromEntries(COVERED.map((key) => [key, key === "hash" ? "" : book[key]])),
  );
  return createHash("sha1").update(text).digest("hex");
}

function verdict(book: Json): "verified" | "silent" | "mismatch" {
  const { records, entries } = map(book);
  const end = records.find(({ kind }) => kind === "SNAPSHOT_END");
  const invalid = records.find(({ kind }) => kind === "INVALID");
  if (end !== undefined) return (end.flags & FLAG_HASH_OK) === 0 ? "silent" : "verified";
  expect(reasonOf(invalid?.priceTicks ?? 0), JSON.stringify(entries)).toBe("book.hash_mismatch");
  return "mismatch";
}
