import { join } from "node:path";
import { expect, test } from "vitest";
import { ASK, BID, FLAG_FRAME_END, Kind, reasonNumber } from "../contracts/index.ts";
import { eventSchema, type JournalEvent, visitEvents } from "./events.ts";
import { instant, START_MICROS, temporaryFolder, testInstrument, writeJournal } from "./journal-fixture.ts";

async function eventsOf(): Promise<JournalEvent[]> {
  const { dir, remove } = temporaryFolder();
  const journal = join(dir, "journal");
  await writeJournal(journal, {}, ({ facts }) => {
    const at = START_MICROS;
    facts.object({ kind: "market.instruments", instruments: [testInstrument(0)] }, instant(0));
    facts.put(Kind.SNAPSHOT_BEGIN, BID, 0, 0, -1, 0, -1, at, 0, 1);
    facts.put(Kind.LEVEL_CHANGE, ASK, 0, 0, 4_500, 0, -1, at, 0, 2);
    facts.put(Kind.TOP_WITNESS, ASK, 0, 0, -1, 0, -1, at, 0, 3);
    facts.put(Kind.TRADE, BID, FLAG_FRAME_END, 0, 4_500, 0, 7, at, 0, 4);
    facts.put(Kind.INVALID, BID, 0, 0, reasonNumber("book.gap"), 0, -1, at, 0, -1);
    facts.put(Kind.TICK, BID, 0, -1, -1, -1, -1, at, 0, -1);
    facts.object({ kind: "risk.breach", rule: "cap", detail: "d" }, instant(1));
    facts.object({ kind: "degraded.mode", on: true, scope: "acme", reason: "r" }, instant(1));
    facts.object(
      {
        kind: "order.update",
        update: { orderId: "o", state: "acked", fills: [], reason: null, at: instant(2) },
      },
      instant(2),
    );
  });
  const events: JournalEvent[] = [];
  visitEvents(journal, (event) => events.push(event));
  remove();
  return events;
}

test("a consumer gets quote, trade, book, order, risk_breach and degraded_mode with their version", async () => {
  const events = await eventsOf();
  for (const event of events) expect(eventSchema.parse(event)).toEqual(event);
  expect(events.map((event) => event.event)).toEqual([
    "book",
    "book",
    "quote",
    "trade",
    "book",
    "risk_breach",
    "degraded_mode",
    "order",
  ]);
  expect(events[1]).toMatchObject({ change: "change", priceTicks: 4_500, lots: -1, instrument: "acme:M0" });
  expect(events[2]).toMatchObject({ side: "ask", priceTicks: null, lots: null });
  expect(events[4]).toMatchObject({ change: "invalid", reason: "book.gap", priceTicks: null });
});

test("a consumer of this version reads an event of a later one that has more fields", async () => {
  for (const event of await eventsOf()) {
    const later = { ...event, version: 2, venueClockDriftMicros: 5 };
    expect(eventSchema.parse(later)).toEqual(later);
  }
});
