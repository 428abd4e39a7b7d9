import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedDir } from "../../../tests/shared.ts";
import { ASK, BID, type BookId, FLAG_POLL, Kind } from "../../contracts/index.ts";
import { TestFeed, type TestRecord, testInstrument } from "./test-feed.ts";

const shared = sharedDir();

type Row = Readonly<Record<string, string>>;

function rows(path: string): Row[] {
  const [head = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const names = head.trim().split(",");
  return lines.map((line) =>
    Object.fromEntries(
      line
        .trim()
        .split(",")
        .map((cell, i) => [names[i], cell]),
    ),
  );
}

const toTicks = (cents: string | undefined) => (Number(cents) === 0 ? -1 : Number(cents) * 100);

describe.skipIf(shared === null)(
  "recorded frozen depth of a six-bucket event (skipped without ../shared)",
  () => {
    it("never offers the false oversum of the six best bids", () => {
      const folder = join(shared ?? "", "data/kalshi/kxhighchi_2026-02-12");
      const depth = rows(join(folder, "orderbook_snapshots.csv"));
      const quotes = rows(join(folder, "market_snapshots.csv"));
      const markets = [...new Set(quotes.map((row) => row["market_ticker"]))];
      const feed = new TestFeed();
      feed.list(...markets.map((_, book) => testInstrument(book)));
      const sums: number[] = [];
      const frozen: number[] = [];
      for (const minute of new Set(quotes.map((row) => row["snapshot_ts"]))) {
        markets.forEach((market, book) => {
          const here = (row: Row) => row["snapshot_ts"] === minute && row["market_ticker"] === market;
          const quote = quotes.find(here);
          const levels = depth.filter(here).map((row): TestRecord => {
            const cents = Number(row["price_cents"]);
            const isYes = row["side"] === "yes";
            const ticks = isYes ? cents * 100 : 10_000 - cents * 100;
            return {
              kind: Kind.SNAPSHOT_LEVEL,
              book,
              side: isYes ? BID : ASK,
              ticks,
              lots: Number(row["quantity"]) * 100,
            };
          });
          const witness = (side: number, ticks: number): TestRecord => ({
            kind: Kind.TOP_WITNESS,
            book,
            side,
            ticks,
            lots: -1,
          });
          const records = [
            { kind: Kind.SNAPSHOT_BEGIN, book, flags: FLAG_POLL },
            ...levels,
            { kind: Kind.SNAPSHOT_END, book, flags: FLAG_POLL },
            witness(BID, toTicks(quote?.["yes_bid"])),
            witness(ASK, toTicks(quote?.["yes_ask"])),
          ];
          feed.frame({ stream: -1, seq: -1, at: Date.parse(minute ?? "") * 1000 + book, records });
        });
        const bids = markets.map((_, book) => Math.max(0, feed.replica.view.bestTicks(book as BookId, BID)));
        sums.push(bids.reduce((total, bid) => total + bid, 0));
        const barred = markets.filter((_, book) => feed.standing(book, BID) !== "ok");
        expect(barred.length).toBeGreaterThan(0);
        frozen.push(markets.filter((_, book) => feed.standing(book, BID) === "quote.frozen").length);
      }
      expect(sums).toEqual([10_500, 10_500, 10_500, 10_500, 10_500]);
      expect(frozen[0]).toBe(0);
      expect(frozen.at(-1)).toBeGreaterThan(0);
    });
  },
);
