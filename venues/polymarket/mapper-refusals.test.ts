import { beforeEach, describe, expect, it } from "vitest";
import { type Reason, reasonNumber, type WireMapper } from "../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv } from "../../tests/memory-sink.ts";
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

const said = (kind: string, book: number, reason: Reason): string =>
  `${kind} ${book} ${reasonNumber(reason)}`;

/** Facts of one frame as short lines: a reason for refusals, else kind, book, ticks and shares. */
function send(frame: unknown): string[] {
  env.sink.clear();
  const bytes = ENCODER.encode(typeof frame === "string" ? frame : JSON.stringify(frame));
  mapper.frame(0, AT * 1000, bytes, 0, bytes.length);
  return env.sink.records.map((r) => {
    if (r.kind === "REJECT" || r.kind === "INVALID") return `${r.kind} ${r.book} ${r.priceTicks}`;
    return `${r.kind} ${r.book} ${r.priceTicks} ${r.lots / 1e6}`;
  });
}

const book = (asset: string, ms = AT, extra: object = {}): object => ({
  event_type: "book",
  market: MARKET,
  asset_id: asset,
  timestamp: String(ms),
  bids: [{ price: "0.4", size: "10" }],
  asks: [],
  ...extra,
});

const change = (asset: string, price: string, side: string, ms = AT): object => ({
  market: MARKET,
  price_changes: [{ asset_id: asset, price, size: "7", side }],
  timestamp: String(ms),
  event_type: "price_change",
});

describe("what cannot be read", () => {
  const all = (reason: Reason): string[] => [
    said("REJECT", -1, reason),
    said("INVALID", -1, "book.unreadable"),
  ];

  it.each<[string, string, Reason]>([
    ["no JSON", "{", "wire.unreadable"],
    ["a key twice", '{"event_type":"book","event_type":"book"}', "wire.duplicate_key"],
    ["nesting beyond any message", `${"[".repeat(40)}${"]".repeat(40)}`, "wire.too_deep"],
    ["a message without its fields", '{"event_type":"book"}', "wire.missing_field"],
    ["a frame beyond the limit", `{"x":"${"y".repeat(5000)}"}`, "wire.too_large"],
  ])("costs the whole stream: %s", (_name, text, reason) => {
    expect(send(text)).toEqual(all(reason));
  });

  it("costs only the books it names", () => {
    send([book(YES), book(NO)]);
    expect(
      send([book(YES, AT + 1, { bids: [{ price: "1.5", size: "1" }] }), change(NO, "0.3", "BUY", AT + 1)]),
    ).toEqual([
      said("REJECT", -1, "wire.bad_number"),
      said("INVALID", 0, "book.unreadable"),
      "LEVEL_SET 1 3000 7",
    ]);
    expect(send(change(NO, "0.00001", "BUY", AT + 2))[1]).toBe(said("INVALID", 1, "book.unreadable"));
    expect(send(book(YES, AT + 2, { asks: [{ price: 0.5, size: "1" }] }))[0]).toBe(
      said("REJECT", -1, "wire.missing_field"),
    );
  });

  it("harms no book when the type is not known or there is nothing in it", () => {
    expect(send({ event_type: "comment" })).toEqual([said("REJECT", -1, "wire.unknown_type")]);
    expect(send({ gameId: 1 })).toEqual([said("REJECT", -1, "wire.unknown_type")]);
    expect(send({ event_type: "new_market", market: MARKET })).toEqual([
      said("REJECT", -1, "wire.missing_field"),
    ]);
    for (const text of ["PONG", "[]"]) expect(send(text)).toEqual([said("REJECT", -1, "wire.no_content")]);
  });

  it("learns token ids only, and only as many as there is room for", () => {
    expect(send(book("not a token"))).toEqual([said("REJECT", -1, "wire.unknown_symbol")]);
    for (let i = 0; i < 4; i++) send(book(String(i)));
    expect(send(book("4"))).toEqual([said("REJECT", -1, "wire.unknown_symbol")]);
  });
});
