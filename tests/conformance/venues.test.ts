import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FLAG_FRAME_END,
  type Micros,
  reasonOf,
  type Side,
  type VenueModule,
} from "../../src/contracts/index.ts";
import { VENUES } from "../../src/registry.gen.ts";
import { mutateBytes } from "../../src/sim/world/mutation.ts";
import { type MemoryEnv, memoryEnv, memoryRecording, type PlainRecord } from "../memory-sink.ts";
import { isSayable, listingFor, SAID, type Sides, tapeOf, topOf } from "./wire-tape.ts";

/** Every venue of the registry must pass; a new one needs no new test here. */

const RUNS = Number(process.env["EMP_CONFORMANCE_RUNS"] ?? 60);
const AT = 1_778_480_000_000_000 as Micros;
const MAX_FRAME_BYTES = 64 * 1024;
const ENCODER = new TextEncoder();
const FACT_KINDS = new Set([
  "SNAPSHOT_BEGIN",
  "SNAPSHOT_LEVEL",
  "SNAPSHOT_END",
  "LEVEL_SET",
  "LEVEL_CHANGE",
  "TRADE",
  "TOP_WITNESS",
  "SEQUENCE",
  "INVALID",
  "REJECT",
]);

/** Frames that no venue sends. */
const HOSTILE: Readonly<Record<string, Uint8Array>> = {
  "an empty frame": new Uint8Array(0),
  "invalid UTF-8": Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d),
  "a NUL": Uint8Array.of(0),
  "deep nesting": ENCODER.encode("[".repeat(20_000)),
  "deep objects": ENCODER.encode('{"a":'.repeat(20_000)),
  "a huge number": ENCODER.encode(`{"type":"trade","seq":${"9".repeat(5_000)}}`),
  "a number that is none": ENCODER.encode(
    '{"type":"orderbook_delta","seq":NaN,"event_type":"book","timestamp":NaN}',
  ),
  "an endless string": ENCODER.encode(`{"type":"${"x".repeat(30_000)}`),
  "a frame beyond the bound": ENCODER.encode(`{"type":"${"x".repeat(2 * MAX_FRAME_BYTES)}"}`),
  null: ENCODER.encode("null"),
  "an empty object": ENCODER.encode("{}"),
  "an array of nothings": ENCODER.encode("[null,[],{},1,true]"),
  __proto__: ENCODER.encode('{"__proto__":{"type":"trade"},"constructor":1}'),
};

interface Open {
  readonly env: MemoryEnv;
  /** Records that one frame gave. */
  send(bytes: Uint8Array): readonly PlainRecord[];
}

function open(venue: VenueModule, known = true): Open {
  const env = memoryEnv(venue.id, venue.scales, { maxFrameBytes: MAX_FRAME_BYTES });
  if (known) env.symbols.describe(listingFor(venue), AT);
  const mapper = venue.createMapper(env);
  mapper.connection(0, "opened", AT);
  let streams = env.sink.objects.filter((fact) => fact.kind === "stream.opened").length;
  return {
    env,
    send(bytes) {
      env.sink.clear();
      mapper.frame(0, AT, bytes, 0, bytes.length);
      streams += env.sink.objects.filter((fact) => fact.kind === "stream.opened").length;
      assertLawful(env, streams);
      return env.sink.records;
    },
  };
}

/** What holds for the facts of every frame, whatever its bytes. */
function assertLawful(env: MemoryEnv, streams: number): void {
  const { records } = env.sink;
  for (const [index, record] of records.entries()) {
    expect(FACT_KINDS).toContain(record.kind);
    expect(record.recvAt).toBe(AT);
    if (record.book !== -1) expect(env.symbols.instruments[record.book]?.venue).toBe(env.venue);
    expect(record.stream).toBeGreaterThanOrEqual(-1);
    expect(record.stream).toBeLessThan(streams);
    const last = index === records.length - 1;
    expect((record.flags & FLAG_FRAME_END) !== 0, `${record.kind} ${index} of ${records.length}`).toBe(last);
    if (record.kind === "REJECT") expect(reasonOf(record.priceTicks)).toMatch(/^(wire|seq)\./);
    if (record.kind === "INVALID") expect(reasonOf(record.priceTicks)).toMatch(/^book\./);
    if (record.kind === "LEVEL_SET" || record.kind === "SNAPSHOT_LEVEL") {
      expect(Number.isSafeInteger(record.lots) && record.lots >= 0).toBe(true);
      expect(Number.isInteger(record.priceTicks)).toBe(true);
    }
  }
  for (const fact of env.sink.objects) {
    if (fact.kind === "market.instruments")
      for (const { venue } of fact.instruments) expect(venue).toBe(env.venue);
    if (fact.kind === "stream.opened") expect(fact.venue).toBe(env.venue);
  }
}

describe.each([...VENUES])("venue %s", (id, venue) => {
  it("has the id of its folder, tests of its own and a README", () => {
    const files = readdirSync(join(import.meta.dirname, "..", "..", "venues", id), { recursive: true }).map(
      String,
    );
    expect(venue.id).toBe(id);
    expect(venue.about).not.toBe("");
    expect(files.filter((file) => file.endsWith(".test.ts")).length).toBeGreaterThan(0);
    expect(files).toContain("README.md");
    expect(10 ** 12 % (venue.scales.priceScale * venue.scales.sizeScale)).toBe(0);
  });

  it.each(Object.entries(HOSTILE))("takes %s without throwing and gives a reason", (_, bytes) => {
    const records = open(venue).send(bytes);
    expect(records.length).toBeGreaterThan(0);
    expect(records.every(({ kind }) => kind === "REJECT" || kind === "INVALID" || kind === "SEQUENCE")).toBe(
      true,
    );
    expect(records.some(({ kind }) => kind === "REJECT")).toBe(true);
  });

  it("takes any bytes on known and unknown books without throwing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, known) => {
        open(venue, known).send(bytes);
      }),
      { numRuns: RUNS * 5 },
    );
  });

  it("takes any JSON without throwing", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        open(venue).send(ENCODER.encode(text));
      }),
      { numRuns: RUNS * 5 },
    );
  });

  it("takes its own frames damaged in any place without throwing, and never ends a frame twice", () => {
    const mutation = fc.oneof(
      fc.record({ type: fc.constant("truncate" as const), keepPermille: fc.integer({ min: 0, max: 999 }) }),
      fc.record({ type: fc.constant("flip" as const), atPermille: fc.integer({ min: 0, max: 999 }) }),
      fc.record({
        type: fc.constant("insert" as const),
        atPermille: fc.integer({ min: 0, max: 1_000 }),
        bytes: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }),
      }),
      fc.record({ type: fc.constant("nest" as const), depth: fc.integer({ min: 1, max: 500 }) }),
    );
    fc.assert(
      fc.property(SAID, mutation, (said, damage) => {
        const { send } = open(venue);
        const encoder = venue.createEncoder();
        for (const { action } of tapeOf(venue, said).slice(0, 8))
          send(mutateBytes(encoder.encode(action), damage));
      }),
      { numRuns: RUNS },
    );
  });

  it("invalidates or leaves alone when a connection is lost, and never throws", () => {
    const env = memoryEnv(venue.id, venue.scales);
    const mapper = venue.createMapper(env);
    for (const state of ["lost", "opened", "opened", "lost", "lost", "opened"] as const)
      mapper.connection(3, state, AT);
    const encoder = venue.createEncoder();
    const [first] = tapeOf(venue, []);
    const bytes = encoder.encode(first!.action);
    mapper.frame(3, AT, bytes, 0, bytes.length);
    env.sink.clear();
    mapper.connection(3, "lost", AT);
    const { objects, records } = env.sink;
    expect(
      objects.some(({ kind }) => kind === "stream.closed") || records.some(({ kind }) => kind === "INVALID"),
    ).toBe(true);
    expect(records.length === 0 || (records.at(-1)!.flags & FLAG_FRAME_END) !== 0).toBe(true);
  });

  it("reads back what its encoder says: the same levels, and the same best prices in its reference fold", () => {
    fc.assert(
      fc.property(SAID, (said) => {
        const { env, send } = open(venue);
        const encoder = venue.createEncoder();
        const reference = venue.createReferenceFold();
        const folded: Sides = [new Map(), new Map()];
        const { symbol } = listingFor(venue);
        const book = env.symbols.hit(symbol) >> 1;
        for (const { action, book: expected } of tapeOf(venue, said).filter(isSayable)) {
          const bytes = encoder.encode(action);
          for (const record of send(bytes)) if (record.book === book) fold(folded, record);
          expect(folded).toEqual(expected);
          reference.frame(new TextDecoder().decode(bytes));
          expect(reference.top(symbol)).toEqual(topOf(expected));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("prints trades with side, price and size, and leaves the book alone", () => {
    const { send } = open(venue);
    const encoder = venue.createEncoder();
    const said = { kind: "trade", side: 1, cents: 42, contracts: 6, bids: [], asks: [] } as const;
    const steps = tapeOf(venue, [said]);
    const records = steps.map(({ action }) => send(encoder.encode(action))).at(-1)!;
    const { action } = steps.at(-1)!;
    if (action.kind !== "trade") throw new Error("the tape ends with a trade");
    expect(records.filter(({ kind }) => kind === "TRADE")).toMatchObject([
      { side: action.side, priceTicks: action.ticks, lots: action.lots, book: 0 },
    ]);
    expect(records.filter(({ kind }) => kind.startsWith("LEVEL") || kind.startsWith("SNAPSHOT"))).toEqual([]);
  });

  it("gives the same facts for the same bytes", () => {
    const entries = () => {
      const { env, send } = open(venue);
      const encoder = venue.createEncoder();
      return fc.sample(SAID, { numRuns: 5, seed: 7 }).flatMap((said) =>
        tapeOf(venue, said).flatMap(({ action }) => {
          send(encoder.encode(action));
          return [...env.sink.entries];
        }),
      );
    };
    expect(entries()).toEqual(entries());
  });

  it("bounds the books it learns", () => {
    const env = memoryEnv(venue.id, venue.scales, { maxBooks: 2 });
    const mapper = venue.createMapper(env);
    const encoder = venue.createEncoder();
    const [step] = tapeOf(venue, []);
    const { action } = step!;
    if (action.kind !== "snapshot") throw new Error("a tape starts with a snapshot");
    for (let index = 0; index < 10; index++) {
      const symbol = action.book.symbol.replace(/1$/, String(index));
      const bytes = encoder.encode({
        ...action,
        seq: index + 1,
        book: { ...action.book, symbol, mirrorSymbol: null },
      });
      mapper.frame(0, AT, bytes, 0, bytes.length);
    }
    expect(env.symbols.instruments.length).toBeLessThanOrEqual(2);
    const reasons = env.sink.records
      .filter(({ kind }) => kind === "REJECT")
      .map((r) => reasonOf(r.priceTicks));
    expect(reasons).toContain("wire.unknown_symbol");
  });

  const readers = venue.recordings.map((reader) => [reader.id, reader] as const);
  it.each(readers)("recording %s refuses foreign content with its reason and never throws", (_, reader) => {
    const foreign = [
      "hello, world",
      '{"foo":1}',
      "[1,2,3]",
      "a,b,c",
      "1,2,3",
      '{"recv_ms":"x","event":{}}',
      "\u0000\u0001",
      "{",
      `{"a":${"[".repeat(5_000)}`,
    ].map((text) => ENCODER.encode(text));
    const documents = reader.unit === "document" ? foreign.map((line) => [line]) : [foreign];
    for (const lines of documents) {
      const sink = memoryRecording(memoryEnv(venue.id, venue.scales));
      const session = reader.open(sink, {});
      for (const line of lines) session.accept(line, 0, line.length);
      session.end();
      expect(sink.rejects.length).toBeGreaterThanOrEqual(lines.length);
      for (const { reason } of sink.rejects) expect(reason).toMatch(/^(wire|import)\./);
      expect(sink.frames).toEqual([]);
      expect(sink.env.sink.records).toEqual([]);
    }
  });

  it.each(readers)("recording %s takes any bytes without throwing", (_, reader) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), (lines) => {
        const session = reader.open(memoryRecording(memoryEnv(venue.id, venue.scales)), {});
        for (const line of lines) session.accept(line, 0, line.length);
        session.end();
      }),
      { numRuns: RUNS },
    );
  });
});

function fold(sides: Sides, { kind, side, priceTicks, lots }: PlainRecord): void {
  if (kind === "SNAPSHOT_BEGIN") for (const levels of sides) levels.clear();
  const levels = sides[side as Side];
  const total = kind === "LEVEL_CHANGE" ? (levels.get(priceTicks) ?? 0) + lots : lots;
  if (kind !== "SNAPSHOT_LEVEL" && kind !== "LEVEL_SET" && kind !== "LEVEL_CHANGE") return;
  if (total <= 0) levels.delete(priceTicks);
  else levels.set(priceTicks, total);
}
