import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ASK,
  BID,
  type BookId,
  Kind,
  type Lots,
  type Micros,
  type OpportunityRow,
  type OrderUpdate,
  reasonNumber,
  type Ticks,
} from "../contracts/index.ts";
import { compactJournal } from "./compact.ts";
import {
  instant,
  NEW_JOURNAL,
  putNumbered,
  START_MICROS,
  temporaryFolder,
  testInstrument,
  writeJournal,
} from "./journal-fixture.ts";
import { openSql } from "./sql.ts";
import { namedQueries } from "./sql-queries.ts";
import { type JournalWriter, openJournal } from "./writer.ts";

let folder: ReturnType<typeof temporaryFolder>;
let dir: string;
beforeEach(() => {
  folder = temporaryFolder();
  dir = join(folder.dir, "journal");
});
afterEach(() => folder.remove());

const ROW: OpportunityRow = {
  id: "o1",
  lane: "bucket",
  family: "acme:F",
  familyTitle: "F",
  style: "buy_yes",
  venues: ["acme"],
  factSeq: 5,
  foundAt: START_MICROS,
  closedAt: START_MICROS + 1,
  legCount: 2,
  detected: "1.25",
  certified: "1.25",
  planned: "1.1",
  expectedRealised: "1",
  simulatedRealised: "0.000000000001",
  capital: "10",
  fees: "0.02",
  refusal: null,
  refusalStage: null,
  outcome: "filled",
  fills: [],
  minAsk: "0.4",
  maxAsk: "0.5",
  minDepthNotional: "3",
  lotsPlanned: "100",
  lotsFilled: "100",
};

const UPDATE: OrderUpdate = {
  orderId: "o1-0-1",
  state: "partial",
  fills: [
    {
      orderId: "o1-0-1",
      execId: "x1",
      book: 1 as BookId,
      action: "buy_yes",
      lots: 40 as Lots,
      priceTicks: 4_500 as Ticks,
      fee: "7000000000",
      at: instant(8),
    },
  ],
  reason: "order.partial",
  at: instant(8),
};

/** A whole opportunity on books 0 and 1; book 0's ask is in quarantine for facts 3 to 4 only. */
function writeStory(writer: JournalWriter, approveAt: "before" | "during" | "after"): void {
  const approve = () =>
    writer.decision(
      {
        kind: "plan.approved",
        id: "o1",
        legs: [
          { book: 0 as BookId, action: "buy_yes", lots: 1 as Lots, limitTicks: 4_000 as Ticks },
          { book: 1 as BookId, action: "buy_no", lots: 1 as Lots, limitTicks: 5_000 as Ticks },
        ],
        capital: "10",
        guaranteed: "1.1",
        boundBy: "kelly",
        certificateHash: "00",
      },
      instant(4),
    );
  const at = START_MICROS + 3;
  const crossed = reasonNumber("quote.crossed");
  writer.facts.object(
    { kind: "market.instruments", instruments: [testInstrument(0), testInstrument(1)] },
    instant(0),
  );
  putNumbered(writer, 2);
  if (approveAt === "before") approve();
  writer.putDecision(Kind.QUARANTINE, ASK, 0, crossed, at, 2);
  writer.putDecision(Kind.QUARANTINE, ASK, 1, crossed, at, 2);
  if (approveAt === "during") approve();
  writer.putDecision(Kind.RELEASE, ASK, 0, crossed, at + 1, 3);
  if (approveAt === "after") approve();
  writer.putDecision(Kind.REFUSAL, BID, 1, reasonNumber("seq.duplicate"), at, 3);
  writer.decision(
    { kind: "opportunity.refused", id: "o2", stage: "risk", reason: "risk.cash", detail: "needs 5, has 1" },
    instant(6),
  );
  writer.facts.object({ kind: "order.update", update: UPDATE }, instant(8));
  writer.facts.put(Kind.REJECT, BID, 0, 1, reasonNumber("wire.bad_number"), 0, -1, at + 9, 0, -1);
  writer.decision({ kind: "opportunity.closed", row: ROW }, instant(9));
  for (let n = 0; n < 50; n++) writer.raw(3, START_MICROS + n, Buffer.from("hello"), 0, 5);
}

async function rowsOf(sql: string): Promise<unknown> {
  const session = await openSql(dir);
  try {
    return (await session.query(sql)).rows;
  } finally {
    session.close();
  }
}

describe("SQL over a journal", () => {
  test("says in one query why something did not go through", async () => {
    await writeJournal(dir, {}, (writer) => writeStory(writer, "after"));
    expect(await rowsOf("SELECT what, id, stage, reason, meaning FROM refusals ORDER BY seq")).toEqual([
      ["quote", "acme:M0", "ask", "quote.crossed", "best bid at or above best ask"],
      ["quote", "acme:M1", "ask", "quote.crossed", "best bid at or above best ask"],
      ["fact", "acme:M1", "bid", "seq.duplicate", expect.any(String)],
      ["opportunity", "o2", "risk", "risk.cash", "not enough free cash"],
      ["order", "o1-0-1", "partial", "order.partial", "only a part filled before the leg's deadline"],
    ]);
  });

  test("finds an approved plan that rests on a quarantined quote, and no other", async () => {
    for (const [when, count] of [
      ["before", 0],
      ["during", 1],
      ["after", 0],
    ] as const) {
      dir = join(folder.dir, when);
      await writeJournal(dir, {}, (writer) => writeStory(writer, when));
      expect([when, await rowsOf(namedQueries["barred-trades"].sql)]).toEqual([
        when,
        Array.from({ length: count }, () => [
          5,
          "o1",
          "acme:M0",
          "buy_yes",
          "ask",
          "quote.crossed",
          "best bid at or above best ask",
          3,
          2,
        ]),
      ]);
    }
  });

  test("shows facts, opportunities, fills and frames with their names and exact money", async () => {
    await writeJournal(dir, {}, (writer) => writeStory(writer, "after"));
    expect(await rowsOf("SELECT kind, instrument, price_ticks, reason FROM facts ORDER BY seq")).toEqual([
      ["LEVEL_CHANGE", null, 2, null],
      ["REJECT", "acme:M1", null, "wire.bad_number"],
    ]);
    expect(await rowsOf("SELECT id, detected, simulated_realised, outcome FROM opportunities")).toEqual([
      ["o1", "1.250000000000", "0.000000000001", "filled"],
    ]);
    expect(await rowsOf("SELECT order_id, instrument, lots, price, fee_pico FROM fills")).toEqual([
      ["o1-0-1", "acme:M1", 40, 0.45, "7000000000"],
    ]);
    expect(await rowsOf("SELECT count(*), sum(bytes)::BIGINT, max(raw_seq) FROM raw_frames")).toEqual([
      [50, 250, 50],
    ]);
  });

  test("runs every named query", async () => {
    await writeJournal(dir, {}, (writer) => writeStory(writer, "after"));
    const session = await openSql(dir);
    for (const { sql } of Object.values(namedQueries)) {
      expect((await session.query(sql)).columns.length).toBeGreaterThan(1);
    }
    session.close();
  });

  test("sees closed segments in Parquet and the open one alike", async () => {
    const writer = openJournal(dir, NEW_JOURNAL, { segmentBytes: 32 * 1024 });
    for (let n = 1; n <= 2_000; n++) {
      putNumbered(writer, n);
      if (n % 100 === 0) writer.flush();
    }
    expect(await rowsOf("SELECT count(*), min(seq), max(seq) FROM facts")).toEqual([[2_000, 1, 2_000]]);
    await compactJournal(dir, { keepSegments: 1 });
    for (let n = 2_001; n <= 2_100; n++) putNumbered(writer, n);
    writer.flush();
    expect(await rowsOf("SELECT count(*), count(DISTINCT seq), max(venue_seq) FROM facts")).toEqual([
      [2_100, 2_100, 2_100],
    ]);
    await writer.close();
  });

  test("says in one line what is wrong with a statement, and cuts long answers", async () => {
    await writeJournal(dir, {}, (writer) => putNumbered(writer, 1));
    const session = await openSql(dir);
    await expect(session.query("SELECT nonsense FROM facts")).rejects.toThrow(/^sql: [^\n]*nonsense[^\n]*$/);
    const answer = await session.query("SELECT * FROM range(100)", 10);
    expect([answer.rows.length, answer.truncated]).toEqual([10, true]);
    session.close();
  });

  test("opens a journal without any record", async () => {
    await writeJournal(dir, {}, () => undefined);
    expect(await rowsOf("SELECT count(*) FROM facts")).toEqual([[0]]);
    expect(await rowsOf("SELECT count(*) FROM raw_frames")).toEqual([[0]]);
  });
});

test("an instant far in the past or future has a date", async () => {
  await writeJournal(dir, {}, (writer) => {
    for (const at of [0, 9_000_000_000_000_000]) {
      writer.facts.put(Kind.TICK, BID, 0, -1, -1, -1, -1, at as Micros, 0, -1);
    }
  });
  expect(await rowsOf("SELECT date::VARCHAR FROM facts ORDER BY seq")).toEqual([
    ["1970-01-01"],
    ["2255-03-14"],
  ]);
});
