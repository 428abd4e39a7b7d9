import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ASK, BID } from "../../src/contracts/index.ts";
import { sharedDir } from "../shared.ts";
import { KalshiFold, messageOf } from "./kalshi-fold.ts";
import { recordingsIn } from "./pipeline.ts";
import { linesOf, TapeDriver } from "./tape-driver.ts";

const shared = sharedDir();
const root = shared === null ? "" : join(shared, "data", "kalshi");
const full = process.env["EMP_FULL"] === "1";

/** Windows with a quiet tape, with a second file, and with two re-bases. */
const SOME_WINDOWS = ["KXGOLD15M-26AUG101800-00", "KXGOLD15M-26AUG102000-00", "KXGOLD15M-26AUG102030-30"];
const SOME_SESSION = "20260514T122254Z.ndjson.gz";

const allWindows = shared === null ? [] : readdirSync(join(root, "gold15m_2026-08", "events")).sort();
const allSessions = shared === null ? [] : recordingsIn(join(root, "btc15m_ws_2026-05"), ".gz");
const windows = full ? allWindows : SOME_WINDOWS;
const sessions = full ? allSessions : allSessions.filter((path) => basename(path) === SOME_SESSION);

interface Seen {
  compared: number;
  mismatches: string[];
  crossed: number;
  /** States in which bid > ask; the rest of `crossed` is locked. */
  strictlyCrossed: number;
  /** Crossed states that were not barred as such, or barred ones that were not crossed. */
  misjudged: string[];
  /** Messages of a book that no snapshot of the recording began. */
  unanchored: number;
}

/** Folds recordings through EMP and through the test's own fold, and holds them against each other after each message. */
function compare(files: readonly string[]): { seen: Seen; driver: TapeDriver; fold: KalshiFold } {
  const driver = new TapeDriver("kalshi-ws");
  const fold = new KalshiFold();
  const seen: Seen = {
    compared: 0,
    mismatches: [],
    crossed: 0,
    strictlyCrossed: 0,
    misjudged: [],
    unanchored: 0,
  };
  for (const [index, file] of files.entries()) {
    if (index > 0) driver.nextFile();
    fold.forget();
    for (const [at, line] of linesOf(file).entries()) {
      const message = messageOf(line);
      const ticker = message === null ? null : fold.fold(message);
      driver.line(line);
      if (ticker !== null) look(driver, fold, ticker, seen, `${basename(file)}:${at + 1}`);
      else if (message?.type === "orderbook_delta") {
        seen.unanchored++;
        if (driver.isValid(String(message.msg["market_ticker"])))
          seen.mismatches.push(`${at + 1}: valid without a snapshot`);
      }
    }
  }
  return { seen, driver, fold };
}

function look(driver: TapeDriver, fold: KalshiFold, ticker: string, seen: Seen, place: string): void {
  const { bid, ask } = fold.top(ticker);
  seen.compared++;
  const [ourBid, ourAsk] = [driver.best(ticker, BID), driver.best(ticker, ASK)];
  if (ourBid !== bid || ourAsk !== ask)
    seen.mismatches.push(`${place}: ${ourBid}/${ourAsk}, fold ${bid}/${ask}`);
  const isCrossed = bid !== -1 && ask !== -1 && bid >= ask;
  if (isCrossed) seen.crossed++;
  if (isCrossed && bid > ask) seen.strictlyCrossed++;
  const barred = driver.barred(ticker);
  const isBarred = barred.every((reason) => reason === "quote.crossed");
  const mentions = barred.some((reason) => reason === "quote.crossed" || reason === "quote.unified_cross");
  if (isCrossed ? !isBarred : mentions) seen.misjudged.push(`${place}: ${bid}/${ask} ${barred.join(",")}`);
}

describe.skipIf(shared === null)("Kalshi tapes (skipped without ../shared)", () => {
  it(`gold: best prices equal an independent fold after every message of ${windows.length} windows, none crossed`, () => {
    const total = { trades: 0, inside: 0, atTouch: 0, compared: 0, unanchored: 0 };
    for (const window of windows) {
      const { seen, driver, fold } = compare(
        recordingsIn(join(root, "gold15m_2026-08", "events", window), ".gz"),
      );
      expect(seen.mismatches, window).toEqual([]);
      expect(seen.misjudged, window).toEqual([]);
      expect([seen.crossed, driver.counters().gaps, driver.rejectedLines], window).toEqual([0, 0, 0]);
      expect(driver.counters().reasons["seq.duplicate"], window).toBeUndefined();
      total.trades += fold.trades;
      total.inside += fold.inside;
      total.atTouch += fold.atTouch;
      total.compared += seen.compared;
      total.unanchored += seen.unanchored;
    }
    expect(total).toEqual(
      full
        ? { trades: 32_947, inside: 32_786, atTouch: 23_373, compared: 1_408_867, unanchored: 4 }
        : { trades: 3_158, inside: 3_155, atTouch: 2_293, compared: 112_576, unanchored: 4 },
    );
  });

  it("gold: a slice of a subscription says that its sequence cannot be judged, and raises no gap when lines are missing", () => {
    const [file] = recordingsIn(join(root, "gold15m_2026-08", "events", SOME_WINDOWS[0]!), ".gz");
    const driver = new TapeDriver("kalshi-ws");
    for (const [index, line] of linesOf(file!).slice(0, 4000).entries())
      if (index % 97 !== 96) driver.line(line);
    expect(driver.streams.length).toBeGreaterThan(0);
    for (const { judged, why } of driver.streams) {
      expect(judged).toBe(false);
      expect(why).not.toBe("");
    }
    expect(driver.counters().gaps).toBe(0);
  });

  it(`btc: ${sessions.length} whole sessions fold exactly, with every crossed state barred while it lasts and no gap`, () => {
    const crossed: Record<string, readonly [number, number]> = {};
    for (const file of sessions) {
      const { seen, driver } = compare([file]);
      expect(seen.mismatches, file).toEqual([]);
      expect(seen.misjudged, file).toEqual([]);
      expect([driver.counters().gaps, driver.counters().clamped, driver.rejectedLines], file).toEqual([
        0, 0, 0,
      ]);
      expect(
        driver.streams.filter(({ judged }) => !judged),
        file,
      ).toEqual([]);
      crossed[basename(file).slice(0, 15)] = [seen.crossed, seen.strictlyCrossed];
    }
    const all = {
      "20260513T1333Z.": [1, 1],
      "20260513T215130": [12, 5],
      "20260514T043808": [6, 0],
      "20260514T122254": [15, 2],
    } as const;
    expect(crossed).toEqual(full ? all : { "20260514T122254": all["20260514T122254"] });
  });
});

const EVERY = 500;

/** Positions of book messages that are followed by the next number of their subscription, far apart from each other. */
function places(lines: readonly string[]): number[] {
  const book = lines.flatMap((line, index) => (line.includes('"type":"orderbook_delta"') ? [index] : []));
  const found: number[] = [];
  for (let i = EVERY; i + 2 < book.length; i += EVERY) {
    const seqs = [book[i]!, book[i + 1]!, book[i + 2]!].map((at) => messageOf(lines[at]!)!.seq!);
    const isRun = seqs[1] === seqs[0]! + 1 && seqs[2] === seqs[1]! + 1;
    if (isRun && book[i + 1] === book[i]! + 1) found.push(book[i]!);
  }
  return found;
}

describe.skipIf(shared === null)(
  "faults put into a judged Kalshi session (skipped without ../shared)",
  () => {
    const chosen = full ? allSessions : allSessions.filter((path) => basename(path) === SOME_SESSION);

    it.each(chosen.map((path) => [basename(path), path]))(
      "%s: every dropped message is a gap, noticed at the next one",
      (_, path) => {
        const lines = linesOf(path);
        const dropped = new Set(places(lines));
        const driver = new TapeDriver("kalshi-ws");
        let gaps = 0;
        for (const [index, line] of lines.entries()) {
          if (dropped.has(index)) {
            gaps++;
            continue;
          }
          driver.line(line);
          if (!dropped.has(index - 1)) continue;
          expect(driver.counters().gaps, `line ${index + 1}`).toBe(gaps);
          expect(driver.isValid(String(messageOf(line)!.msg["market_ticker"])), `line ${index + 1}`).toBe(
            false,
          );
        }
        expect(dropped.size).toBeGreaterThan(60);
        expect(driver.counters().gaps).toBe(dropped.size);
      },
    );

    it.each(chosen.map((path) => [basename(path), path]))(
      "%s: every duplicate is refused and changes no book",
      (_, path) => {
        const lines = linesOf(path);
        const doubled = new Set(places(lines));
        const driver = new TapeDriver("kalshi-ws");
        const fold = new KalshiFold();
        for (const [index, line] of lines.entries()) {
          const message = messageOf(line)!;
          const ticker = fold.fold(message);
          driver.line(line);
          if (doubled.has(index)) driver.line(line);
          if (ticker === null) continue;
          const { bid, ask } = fold.top(ticker);
          if (driver.best(ticker, BID) !== bid || driver.best(ticker, ASK) !== ask)
            expect.fail(`line ${index + 1}`);
        }
        const { gaps, reasons } = driver.counters();
        expect([reasons["seq.duplicate"], gaps]).toEqual([doubled.size, 0]);
      },
    );

    it.each(chosen.map((path) => [basename(path), path]))(
      "%s: every swapped pair is a gap and a late message",
      (_, path) => {
        const lines = linesOf(path);
        const swapped = places(lines);
        for (const index of swapped) [lines[index], lines[index + 1]] = [lines[index + 1]!, lines[index]!];
        const driver = new TapeDriver("kalshi-ws");
        for (const line of lines) driver.line(line);
        const { gaps, reasons } = driver.counters();
        expect([gaps, reasons["seq.reordered"]]).toEqual([swapped.length, swapped.length]);
      },
    );
  },
);
