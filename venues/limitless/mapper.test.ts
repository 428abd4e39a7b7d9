import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FLAG_FRAME_END,
  FLAG_POLL,
  type Micros,
  POLL_CONNECTION,
  reasonOf,
} from "../../src/contracts/index.ts";
import { mutateBytes } from "../../src/sim/world/mutation.ts";
import { type MemoryEnv, memoryEnv, type PlainRecord } from "../../tests/memory-sink.ts";
import { LimitlessMapper } from "./mapper.ts";
import { SCALES } from "./scales.ts";

const AT = 1_782_065_000_000_000 as Micros;
const YES = "17545305483835376826217772114472493237070114997204625607665531406032476347708";
const NO = "104549425648028930098953517860072427929968621516063549104078338806227686374871";
const SLUG = "sol-up-or-down-5-min-1782065705541";
const RUNS = Number(process.env["EMP_FUZZ"] ?? 400);
const ENCODER = new TextEncoder();

/** A book as REST answers it. */
function book(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    bids: [
      { price: 0.505, size: 100_000_000 },
      { price: 0.5, size: 2_500_000 },
    ],
    asks: [{ price: 0.51, size: 75_000_000 }],
    tokenId: YES,
    adjustedMidpoint: 0.5075,
    maxSpread: "0.035",
    minSize: "100000000",
    ...changes,
  };
}

function event(name: string, payload: unknown): string {
  return `42/markets,${JSON.stringify([name, payload])}`;
}

function update(orderbook: unknown, timestamp: unknown = "2026-06-21T18:25:25.591Z"): string {
  return event("orderbookUpdate", { marketSlug: SLUG, orderbook, timestamp });
}

class Wire {
  readonly env: MemoryEnv = memoryEnv("limitless", SCALES);
  readonly mapper = new LimitlessMapper(this.env);

  constructor(mirror: string | null = NO) {
    if (mirror === null) return;
    this.env.symbols.learn(YES, AT);
    const { book: _, key, venue, ...listing } = this.env.symbols.instruments[0]!;
    this.env.symbols.describe({ ...listing, mirrorSymbol: mirror }, AT);
    this.env.sink.clear();
  }

  send(text: string, connection = 0): readonly PlainRecord[] {
    this.env.sink.clear();
    const bytes = ENCODER.encode(`..${text}..`);
    this.mapper.frame(connection, AT, bytes, 2, bytes.length - 2);
    return this.env.sink.records;
  }

  /** Kind, and reason where there is one. */
  said(text: string, connection = 0): readonly string[] {
    return this.send(text, connection).map(({ kind, priceTicks }) =>
      kind === "REJECT" || kind === "INVALID" ? `${kind} ${reasonOf(priceTicks)}` : kind,
    );
  }
}

const SNAPSHOT = [
  { kind: "SNAPSHOT_BEGIN", book: 0 },
  { kind: "SNAPSHOT_LEVEL", side: 0, priceTicks: 505, lots: 100_000_000 },
  { kind: "SNAPSHOT_LEVEL", side: 0, priceTicks: 500, lots: 2_500_000 },
  { kind: "SNAPSHOT_LEVEL", side: 1, priceTicks: 510, lots: 75_000_000 },
  { kind: "SNAPSHOT_END", book: 0 },
];

describe("a book update", () => {
  it("is a whole book of its YES token, with the venue's instant and one mark at its end", () => {
    const records = new Wire().send(update(book()));
    expect(records).toMatchObject(SNAPSHOT);
    expect(records.map(({ flags }) => flags)).toEqual([0, 0, 0, 0, FLAG_FRAME_END]);
    expect(records.every(({ venueAt, stream }) => venueAt === 1_782_066_325_591_000 && stream === 0)).toBe(
      true,
    );
  });

  it("may write numbers as text, carry an acknowledgement number and fields of no use here", () => {
    const texts = book({ bids: [{ price: "0.505", size: "100000000", side: "BUY" }], lastTradePrice: null });
    const records = new Wire().send(update(texts, 1_782_066_325_591).replace("markets,[", "markets,7["));
    expect(records.filter(({ kind }) => kind === "SNAPSHOT_LEVEL")).toMatchObject([
      { priceTicks: 505, lots: 100_000_000 },
      { priceTicks: 510 },
    ]);
    expect(records[0]!.venueAt).toBe(1_782_066_325_591_000);
  });

  it("of an unknown token makes a book without terms; of the NO token is counted and not applied", () => {
    const wire = new Wire(null);
    expect(wire.said(update(book()))).toContain("SNAPSHOT_END");
    expect(wire.env.symbols.instruments).toMatchObject([{ symbol: YES, fees: [], tickRanges: [] }]);
    expect(new Wire().said(update(book({ tokenId: NO })))).toEqual(["REJECT wire.mirror"]);
  });

  it("leaves levels without size out", () => {
    const records = new Wire().send(update(book({ bids: [{ price: 0.4, size: 0 }], asks: [] })));
    expect(records.map(({ kind }) => kind)).toEqual(["SNAPSHOT_BEGIN", "SNAPSHOT_END"]);
  });

  it.each([
    ["a price beyond the tick", { bids: [{ price: 0.5005, size: 1 }] }, "wire.bad_number"],
    ["a price of one", { asks: [{ price: 1, size: 1 }] }, "wire.bad_number"],
    ["a price of zero", { bids: [{ price: 0, size: 1 }] }, "wire.bad_number"],
    ["a part of a quantum", { bids: [{ price: 0.5, size: 1.5 }] }, "wire.bad_number"],
    ["a size below zero", { bids: [{ price: 0.5, size: -1 }] }, "wire.bad_number"],
    ["a size beyond what is exact", { bids: [{ price: 0.5, size: 1e300 }] }, "wire.bad_number"],
    [
      "a price twice on one side",
      {
        bids: [
          { price: 0.5, size: 1 },
          { price: 0.5, size: 2 },
        ],
      },
      "wire.duplicate_key",
    ],
    ["no asks", { asks: undefined }, "wire.missing_field"],
    ["levels of another shape", { bids: [[0.5, 1]] }, "wire.missing_field"],
  ])("with %s is refused whole, and its book is invalid", (_, changes, reason) => {
    expect(new Wire().said(update(book(changes)))).toEqual([`REJECT ${reason}`, "INVALID book.unreadable"]);
  });

  it("reads digits, not floats", () => {
    const text = update(book()).replace("0.505", "0.50500000000000000000001");
    expect(new Wire().said(text)).toContain("REJECT wire.bad_number");
    expect(new Wire().said(update(book()).replace("0.505", "0.50500000"))).toContain("SNAPSHOT_END");
  });

  it("without a token costs the book its slug names, or the stream when nothing is known of it", () => {
    const wire = new Wire();
    const broken = update(book({ tokenId: undefined }));
    expect(wire.send(broken)).toMatchObject([
      { kind: "REJECT", book: -1 },
      { kind: "INVALID", book: -1 },
    ]);
    wire.send(update(book()));
    expect(wire.send(broken)).toMatchObject([
      { kind: "REJECT", book: 0 },
      { kind: "INVALID", book: 0 },
    ]);
  });

  it("that was overtaken is dropped; a clock set back or a second look at the same instant is not", () => {
    const wire = new Wire();
    const at = (text: string) => wire.said(update(book(), text)).at(-1);
    expect(at("2026-06-21T18:25:25.591Z")).toBe("SNAPSHOT_END");
    expect(at("2026-06-21T18:25:25.590Z")).toBe("REJECT seq.reordered");
    expect(at("2026-06-21T18:25:25.591Z")).toBe("SNAPSHOT_END");
    expect(at("2026-06-21T18:20:00.000Z")).toBe("SNAPSHOT_END");
    expect(at("2026-06-21T18:25:25.591Z")).toBe("SNAPSHOT_END");
    expect(at("soon")).toBe("INVALID book.unreadable");
    expect(wire.said(update(book(), null)).at(-1)).toBe("SNAPSHOT_END");
  });
});

describe("other packets", () => {
  it.each([
    ['0{"sid":"a","pingInterval":25000}', ["REJECT wire.no_content"]],
    ["2", ["REJECT wire.no_content"]],
    ["3", ["REJECT wire.no_content"]],
    ["1", ["REJECT wire.no_content"]],
    ['40/markets,{"sid":"b"}', ["REJECT wire.no_content"]],
    ["41/markets,", ["REJECT wire.no_content"]],
    ['44/markets,{"message":"no"}', ["REJECT wire.venue_error"]],
    [event("system", { message: "subscribed" }), ["REJECT wire.no_content"]],
    [event("newPriceData", { marketAddress: "0x1" }), ["REJECT wire.no_content"]],
    [event("marketCreated", { slug: "new" }), ["REJECT wire.no_content"]],
    [event("exception", { message: "bad" }), ["REJECT wire.venue_error"]],
    [event("surprise", {}), ["REJECT wire.unknown_type"]],
    ["43/markets,1[]", ["REJECT wire.unknown_type", "INVALID book.unreadable"]],
    ['42["orderbookUpdate",{}]', ["REJECT wire.unreadable", "INVALID book.unreadable"]],
    ["42/markets,[]", ["REJECT wire.unreadable", "INVALID book.unreadable"]],
    ["22", ["REJECT wire.unreadable", "INVALID book.unreadable"]],
    ['42/markets,["a",{"b":1,"b":2}]', ["REJECT wire.duplicate_key", "INVALID book.unreadable"]],
  ])("%s", (text, said) => {
    expect(new Wire().said(text)).toEqual(said);
  });

  it("a settlement is told once and closes its book; a name against its index is refused", () => {
    const wire = new Wire();
    wire.send(update(book()));
    const resolved = event("marketResolved", { slug: SLUG, winningOutcome: "YES", winningIndex: 0 });
    expect(wire.said(resolved)).toEqual(["INVALID book.venue_close"]);
    expect(wire.env.sink.objects).toMatchObject([
      { kind: "market.resolved", market: `limitless:${SLUG}`, yesPayout: "1" },
    ]);
    wire.send(resolved);
    expect(wire.env.sink.objects).toEqual([]);
    expect(wire.said(event("marketResolved", { slug: "other", winningIndex: 1 }))).toEqual(["SEQUENCE"]);
    expect(wire.env.sink.objects).toMatchObject([{ market: "limitless:other", yesPayout: "0" }]);
    const contradiction = { slug: SLUG, winningOutcome: "No", winningIndex: 0 };
    expect(wire.said(event("marketResolved", contradiction))).toContain("REJECT wire.missing_field");
    expect(wire.said(event("marketResolved", { slug: SLUG, winningIndex: null }))).toEqual([
      "REJECT wire.missing_field",
    ]);
  });

  it("a print of a market without a book yet cannot be placed", () => {
    const wire = new Wire();
    const trade = event("trade", {
      marketSlug: SLUG,
      side: "SELL",
      price: 0.5,
      size: 1_000_000,
      tradeId: "1",
    });
    expect(wire.said(trade)).toEqual(["REJECT wire.unknown_symbol"]);
    wire.send(update(book()));
    expect(wire.send(trade)).toMatchObject([{ kind: "TRADE", side: 1, priceTicks: 500, lots: 1_000_000 }]);
  });
});

describe("connections and polls", () => {
  it("a lost connection ends its stream; the next one has another", () => {
    const wire = new Wire();
    wire.send(update(book()));
    wire.env.sink.clear();
    wire.mapper.connection(0, "lost", AT);
    expect(wire.env.sink.records).toMatchObject([
      { kind: "INVALID", book: -1, stream: 0, flags: FLAG_FRAME_END },
    ]);
    expect(wire.env.sink.objects).toMatchObject([{ kind: "stream.closed", stream: 0 }]);
    wire.mapper.connection(0, "opened", AT);
    expect(wire.env.sink.objects.at(-1)).toMatchObject({ kind: "stream.opened", stream: 1, judged: true });
  });

  it("a poll answer is the same book with the poll flag, on an unjudged stream", () => {
    const wire = new Wire();
    const records = wire.send(JSON.stringify(book()), POLL_CONNECTION);
    expect(records).toMatchObject(SNAPSHOT);
    expect(records.every(({ flags }) => (flags & FLAG_POLL) !== 0)).toBe(true);
    expect(wire.env.sink.objects).toMatchObject([{ kind: "stream.opened", judged: false }]);
  });

  it("an answer that cannot be read changes nothing; one that names its book costs that book", () => {
    const wire = new Wire();
    wire.send(update(book()));
    const poll = (text: string) => wire.said(text, POLL_CONNECTION);
    expect(poll("<html>")).toEqual(["REJECT wire.unreadable"]);
    expect(poll('{"statusCode":404,"message":"Market not found"}')).toEqual(["REJECT wire.missing_field"]);
    expect(poll(JSON.stringify(book({ bids: null })))).toEqual([
      "REJECT wire.missing_field",
      "INVALID book.unreadable",
    ]);
  });
});

interface PlainBook {
  readonly tokenId?: unknown;
  readonly bids?: readonly { readonly price?: unknown; readonly size?: unknown }[];
  readonly asks?: readonly { readonly price?: unknown; readonly size?: unknown }[];
}

/** Levels as `JSON.parse` and floats see them, by side and tick; null when the text is no such frame. */
function plainly(text: string): ReadonlyMap<string, number> | null {
  try {
    const [name, payload] = JSON.parse(text.replace(/^42\/markets,\d*/, "")) as [
      string,
      { orderbook: PlainBook },
    ];
    const { bids, asks, tokenId } = payload.orderbook;
    if (name !== "orderbookUpdate" || typeof tokenId !== "string" || !bids || !asks) return null;
    const sides = [bids, asks].flatMap((levels, side) =>
      levels.map(
        ({ price, size }) => [`${side}/${Math.round(Number(price) * 1_000)}`, Number(size)] as const,
      ),
    );
    return new Map(sides.filter(([, size]) => size > 0));
  } catch {
    return null;
  }
}

describe("against JSON.parse", () => {
  const level = fc.record({
    price: fc.integer({ min: 1, max: 999 }),
    size: fc.integer({ min: 1, max: 10 ** 12 }),
  });
  const side = fc.uniqueArray(level, { selector: ({ price }) => price, maxLength: 12 });
  const damage = fc.oneof(
    fc.record({ type: fc.constant("truncate" as const), keepPermille: fc.integer({ min: 0, max: 999 }) }),
    fc.record({ type: fc.constant("flip" as const), atPermille: fc.integer({ min: 0, max: 999 }) }),
    fc.record({
      type: fc.constant("insert" as const),
      atPermille: fc.integer({ min: 0, max: 1_000 }),
      bytes: fc.array(fc.integer({ min: 0x20, max: 0x7e }), { maxLength: 3 }),
    }),
    fc.constant(null),
  );

  it("every book it applies is the book that a plain reading sees, whatever was done to its bytes", () => {
    fc.assert(
      fc.property(side, side, damage, (bids, asks, how) => {
        const wire = (levels: typeof bids) =>
          levels.map(({ price, size }) => ({ price: price / 1_000, size }));
        const frame = ENCODER.encode(update(book({ bids: wire(bids), asks: wire(asks) })));
        const bytes = how === null ? frame : mutateBytes(frame, how);
        const { env, mapper } = new Wire();
        mapper.frame(0, AT, bytes, 0, bytes.length);
        const { records } = env.sink;
        if (how === null) expect(records.at(-1)).toMatchObject({ kind: "SNAPSHOT_END" });
        if (!records.some(({ kind }) => kind === "SNAPSHOT_END")) {
          expect(records.every(({ kind }) => kind === "REJECT" || kind === "INVALID")).toBe(true);
          return;
        }
        const levels = records.filter(({ kind }) => kind === "SNAPSHOT_LEVEL");
        const seen = new Map(levels.map((each) => [`${each.side}/${each.priceTicks}`, each.lots]));
        expect(seen).toEqual(plainly(new TextDecoder().decode(bytes)));
      }),
      { numRuns: RUNS },
    );
  });
});
