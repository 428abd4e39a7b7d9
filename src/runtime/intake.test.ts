import { describe, expect, it } from "vitest";
import { FACT_WORDS, type Micros, type ObjectFact, W_BOOK, W_PRICE } from "../contracts/index.ts";
import { CONNECTIONS_PER_VENUE, Intake, type RawSink } from "./intake.ts";
import type { Session } from "./session.ts";
import { type TestStep, testFrame, testVenue } from "./test-venue.ts";

const AT = 1_000 as Micros;

/** An intake whose session and raw log write into one list. */
function intake(venues = ["a", "b"]) {
  const log: string[] = [];
  const session = {
    packed: (i32: Int32Array, _f64: Float64Array, index: number) =>
      void log.push(`packed ${i32[index * FACT_WORDS + W_BOOK]} ${i32[index * FACT_WORDS + W_PRICE]}`),
    object: (fact: ObjectFact) => void log.push(fact.kind),
  } as unknown as Session;
  const raw: RawSink = {
    raw: (connection, _at, _bytes, start, end) => void log.push(`raw ${connection} ${end - start}`),
    rawObject: (fact) => void log.push(`raw ${fact.kind}`),
    rawConnection: (connection, state) => void log.push(`raw ${connection} ${state}`),
  };
  const modules = venues.map((id) => ({ id, module: testVenue }));
  const made = new Intake(session, raw, modules, { maxBooks: 10, maxFrameBytes: 1_024 });
  const send = (venue: number, connection: number, ...steps: readonly TestStep[]) => {
    const bytes = testFrame(...steps);
    made.frame(venue, connection, AT, bytes, 0, bytes.length);
    return bytes.length;
  };
  return { log, intake: made, send };
}

describe("Intake", () => {
  it("keeps a frame raw before it maps it, and hands its facts on in the order in which the mapper gave them", () => {
    const { log, send } = intake();
    const length = send(0, 7, ["level", "X", 1], ["resolved", "m"], ["level", "X", 2], ["resolved", "n"]);
    expect(log).toEqual([
      `raw 7 ${length}`,
      "market.instruments",
      "packed 0 1",
      "market.resolved",
      "packed 0 2",
      "market.resolved",
    ]);
  });

  it("numbers the connections of each venue apart", () => {
    const { log, intake: made, send } = intake();
    send(1, 7, ["stream", "s"]);
    made.connection(1, 7, "lost", AT);
    expect(log[0]).toMatch(new RegExp(`^raw ${CONNECTIONS_PER_VENUE + 7} `));
    expect(log).toContain(`raw ${CONNECTIONS_PER_VENUE + 7} lost`);
    expect(log.at(-1)).toMatch(/^packed -1 /);
  });

  it("keeps raw what no frame explains, and only that", () => {
    const { log, intake: made } = intake();
    made.describe(0, ({ env }) => env.sink.object({ kind: "market.families", families: [] }, AT));
    expect(log).toEqual(["raw market.families", "market.families"]);
  });

  it("takes the book numbers of a journal's listings over, so that later symbols get free ones", () => {
    const { log, intake: made, send } = intake();
    const learned = made.feed(1).env.symbols;
    const listing = {
      symbol: "OLD",
      market: "b:OLD",
      side: "unified",
      title: "old",
      tickRanges: [],
      fees: [],
    } as const;
    const instrument = { ...listing, book: 4, key: "b:OLD", venue: "b", status: "open" };
    made.object({ kind: "market.instruments", instruments: [instrument as never] }, AT);
    expect(log).toEqual(["raw market.instruments", "market.instruments"]);
    expect(learned.learn("OLD", AT)).toBe(8);
    log.length = 0;
    send(0, 0, ["level", "NEW", 3]);
    expect(log.at(-1)).toBe("packed 5 3");
  });

  it("leaves nothing of one frame to the next", () => {
    const { log, send } = intake();
    send(0, 0, ["level", "X", 1]);
    log.length = 0;
    send(0, 0, ["stream", "s"]);
    expect(log.slice(1)).toEqual(["stream.opened"]);
  });

  it("refuses a venue that it does not have", () => {
    expect(() => intake().intake.feed(2)).toThrow(/no venue 2/);
  });

  it("offers recordings the same way in", () => {
    const { log, intake: made } = intake();
    const rejects: string[] = [];
    const sink = made.recordingSink(1, (reason) => void rejects.push(reason));
    const bytes = testFrame(["level", "X", 1]);
    sink.frame(0, AT, bytes, 0, bytes.length);
    sink.reject("import.bad_line", "");
    expect(log.at(-1)).toBe("packed 0 1");
    expect(rejects).toEqual(["import.bad_line"]);
  });
});
