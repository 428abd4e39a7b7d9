import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Reason } from "../../src/contracts/index.ts";
import { sharedDir } from "../shared.ts";
import { familiesOf, looksOf, settlementsOf, tally, through } from "./event-looks.ts";
import { cleanUp, importRecordings, profile, recordingsIn } from "./pipeline.ts";
import { type EventSums, eventSums } from "./weather-sums.ts";

const shared = sharedDir();
const data = shared === null ? "" : join(shared, "data");
const polymarket = (path: string): string => join(data, "polymarket", path);

afterAll(cleanUp);

/** Profile `replay` without the rules that bar cheap legs and jumps: every event whose outcomes are all quoted is judged. */
const EVERY_PRICE = {
  EMP_FIREWALL__MICRO_PRICE_LOW: "0",
  EMP_FIREWALL__MICRO_PRICE_HIGH: "1",
  EMP_FIREWALL__MAX_JUMP: "0",
};

describe.skipIf(shared === null)("Polymarket weather events (skipped without ../shared)", () => {
  const days =
    shared === null
      ? []
      : recordingsIn(polymarket("weather_negrisk_2026-06_07"), ".ndjson.gz").filter((path) =>
          /2026-\d\d-\d\d\./.test(path),
        );

  it("every day imports without a rejected line, and nothing is traded under the replay profile", async () => {
    const { journal, counts, rejects } = await importRecordings("polymarket-weather", days);
    expect(rejects).toEqual([]);
    expect(counts).toMatchObject({ lines: 161, facts: 15_281, late: 0 });
    const { rows, summary } = await through(journal);
    expect(rows).toEqual([]);
    expect(summary.reasons["polymarket"]).toMatchObject({ "quote.micro_price": 3178 });
  });

  it("every YES undersum and YES oversum of whole events is seen, and the fee leaves one of them a tenth of a cent", async () => {
    const { journal } = await importRecordings("polymarket-weather", days);
    const loaded = profile("replay", EVERY_PRICE);
    const sums = days.flatMap(eventSums);
    const found = new Map(
      (await looksOf(journal, loaded)).map((look) => [`${look.family.id} ${look.at}`, look]),
    );
    const reasonFor = ({ event, at }: EventSums): Reason | undefined =>
      found.get(`polymarket:event:${event} ${at}`)?.reason;
    expect(found.size).toBe(sums.length);
    const under = sums.filter(({ asks }) => asks !== null && asks.gross < 1_000_000);
    const over = sums.filter(({ bids }) => bids.gross > 1_000_000);
    expect([sums.length, under.length, over.length]).toEqual([368, 13, 46]);
    const paying = sums.filter(
      ({ asks, bids }) => (asks !== null && asks.net < 1_000_000) || bids.net > 1_000_000,
    );
    expect(paying.map(({ title, asks }) => [title, asks!.gross, asks!.net])).toEqual([
      ["Highest temperature in Munich on June 22?", 968_000, 999_714],
    ]);
    const named: Record<string, number> = {};
    for (const sum of new Set([...under, ...over])) {
      const reason = reasonFor(sum) ?? "none";
      named[reason] = (named[reason] ?? 0) + 1;
    }
    expect(named).toEqual({ "lane.no_edge_net": 58, "lane.emitted": 1 });
    const quiet = sums.filter((sum) => !under.includes(sum) && !over.includes(sum)).map(reasonFor);
    expect(
      quiet.filter((reason) => reason !== "lane.no_edge_gross" && reason !== "lane.quote_missing"),
    ).toEqual([]);
  });

  it("that one is certified to the last digit and not bought, because a polled size is an assumption", async () => {
    const { journal } = await importRecordings("polymarket-weather", days);
    const { rows } = await through(journal, profile("replay", EVERY_PRICE));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      familyTitle: "Highest temperature in Munich on June 22?",
      style: "yes_basket",
      legCount: 11,
      certified: "0.00142",
      capital: "4.99858",
      refusal: "size.unsettled",
      outcome: "refused",
    });
  });

  it("the Asian table gives 31 families whose labels nobody states, and no trade", async () => {
    const files = [polymarket("weather_asia_bbo_2026-07/polymarket_asia_markets_snapshot.csv")];
    const { journal, rejects } = await importRecordings("polymarket-weather-csv", files, {
      at: "2026-07-05T12:00:00Z",
    });
    expect(rejects).toEqual([]);
    const families = familiesOf(journal);
    expect(families.map(({ members }) => members.length)).toEqual(Array.from({ length: 31 }, () => 11));
    expect(
      families.every(
        ({ exclusive, exhaustive }) => exclusive.label === "unknown" && exhaustive.label === "unknown",
      ),
    ).toBe(true);
    expect((await through(journal)).rows).toEqual([]);
    const looks = tally(await looksOf(journal, profile("replay", EVERY_PRICE)));
    expect(looks).toEqual({ "lane.no_edge_gross": 22, "lane.label_unknown": 3, "lane.quote_missing": 6 });
  });
});

describe.skipIf(shared === null)("Polymarket events of 2024 (skipped without ../shared)", () => {
  it("resolve with exactly one YES wherever the labels promise it, and mostly do not where they do not", async () => {
    const { journal, rejects } = await importRecordings("polymarket-gamma", [
      polymarket("gamma_events_2024/events_multi_market.ndjson.gz"),
    ]);
    expect(rejects).toEqual([]);
    const settled = settlementsOf(journal).filter(({ payouts }) =>
      payouts.every((payout) => payout !== undefined),
    );
    const winners = (label: string): number[] => {
      const chosen = settled.filter(({ family }) => family.exclusive.label === label);
      const counts = chosen.map(({ payouts }) =>
        Math.min(3, payouts.filter((payout) => payout === "1").length),
      );
      return [0, 1, 2, 3].map((n) => counts.filter((count) => count === n).length);
    };
    expect({ promised: winners("yes"), open: winners("unknown") }).toEqual({
      promised: [0, 691, 0, 0],
      open: [32, 54, 68, 125],
    });
    expect((await through(journal)).rows).toEqual([]);
  });
});
