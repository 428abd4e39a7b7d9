import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openJournalReader } from "../../src/capture/reader.ts";
import { type Family, type ObjectFact, type Reason, reasonOf } from "../../src/contracts/index.ts";
import { ReplicaView } from "../../src/core/market/view.ts";
import { conditionalOnExhaustive } from "../../src/proof/conditional.ts";
import { familyProblem } from "../../src/proof/family-problem.ts";
import { claimOf } from "../../src/proof/quotes.ts";
import type { LoadedProfile } from "../../src/runtime/profile/load.ts";
import type { Session } from "../../src/runtime/session.ts";
import { sharedDir } from "../shared.ts";
import {
  cleanUp,
  emp,
  importRecordings,
  profile,
  recordingsIn,
  replayJournal,
  scratchDir,
  watchReplay,
} from "./pipeline.ts";
import { type EventSums, eventSums } from "./weather-sums.ts";

const shared = sharedDir();
const data = shared === null ? "" : join(shared, "data");
const polymarket = (path: string): string => join(data, "polymarket", path);
const kalshi = (path: string): string => join(data, "kalshi", path);

afterAll(cleanUp);

/** The bucket lane is the only lane of the replay profile that looks at events. */
function bucketIndex(session: Session): number {
  return session.engine.lanes.findIndex(({ id }) => id === "bucket");
}

interface Look {
  readonly at: number;
  readonly family: Family;
  readonly reason: Reason | undefined;
}

/** What the bucket lane said of each family each time a poll of it came in. */
async function looksOf(journal: string, loaded: LoadedProfile): Promise<Look[]> {
  const looks: Look[] = [];
  await watchReplay(journal, loaded, (session, at) => {
    const { view } = session.engine.replica;
    if (!(view instanceof ReplicaView)) throw new Error("the view of a replica has another type");
    for (let index = 0; index < view.familyCount(); index++) {
      const family = view.family(index);
      if (!family.members.some((book) => view.provedAt(book) === at)) continue;
      looks.push({ at, family, reason: reasonOf(session.engine.diagnoses.get(bucketIndex(session), index)) });
    }
  });
  return looks;
}

function tally(looks: readonly Look[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of looks) counts[reason ?? "none"] = (counts[reason ?? "none"] ?? 0) + 1;
  return counts;
}

/** Imports, replays under a profile and reports; everything must reconcile. */
async function through(journal: string, loaded = profile("replay")) {
  const result = await replayJournal(journal, loaded);
  expect(result.report.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(result.report.reconciled).toBe(true);
  expect(result.summary.ledger).toMatchObject({ equity: "5000", openPositions: 0 });
  return result;
}

function objectsOf(journal: string): ObjectFact[] {
  const reader = openJournalReader(journal, { validate: false });
  const facts: ObjectFact[] = [];
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind === "objects")
      facts.push(...block.records.flatMap((r) => (r.type === "fact" ? [r.fact] : [])));
  }
  reader.close();
  return facts;
}

const familiesOf = (journal: string): Family[] =>
  objectsOf(journal).flatMap((fact) => (fact.kind === "market.families" ? fact.families : []));

/** Payouts by book, and the last word on each family. */
function settlementsOf(
  journal: string,
): { readonly family: Family; readonly payouts: readonly (string | undefined)[] }[] {
  const marketOf = new Map<number, string>();
  const paid = new Map<string, string>();
  const families = new Map<string, Family>();
  for (const fact of objectsOf(journal)) {
    if (fact.kind === "market.instruments")
      for (const { book, market } of fact.instruments) marketOf.set(book, market);
    else if (fact.kind === "market.families")
      for (const family of fact.families) families.set(family.id, family);
    else if (fact.kind === "market.resolved") paid.set(fact.market, fact.yesPayout);
  }
  return [...families.values()].map((family) => ({
    family,
    payouts: family.members.map((book) => paid.get(marketOf.get(book)!)),
  }));
}

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

describe.skipIf(shared === null)("Kalshi events over REST (skipped without ../shared)", () => {
  const capture = (name: string): string => kalshi(`rest_ws_captures_2026-08/${name}.json.gz`);

  it("nested sports events: one sum of YES asks below one, not traded because nothing says that a team must win", async () => {
    const { journal, rejects } = await importRecordings("kalshi-metadata", [
      capture("series_fee_fields"),
      capture("events_sports_nested"),
    ]);
    expect(rejects).toEqual([]);
    const looks = await looksOf(journal, profile("replay"));
    expect(tally(looks)).toEqual({
      "lane.no_edge_gross": 17,
      "lane.not_exclusive": 14,
      "lane.label_unknown": 1,
    });
    const [unknown] = looks.filter(({ reason }) => reason === "lane.label_unknown");
    expect(unknown!.family).toMatchObject({
      id: "kalshi:KXMLBGAME-26AUG091610LADAZ",
      exclusive: { label: "yes" },
      exhaustive: { label: "unknown" },
    });
    expect((await through(journal)).rows).toEqual([]);
  });

  it("what that basket would earn if a team must win, and lose if none does, is exact", async () => {
    const { journal } = await importRecordings("kalshi-metadata", [
      capture("series_fee_fields"),
      capture("events_sports_nested"),
    ]);
    const found: unknown[] = [];
    await watchReplay(
      journal,
      profile("replay"),
      ({
        engine: {
          replica: { view },
        },
      }) => {
        for (let index = 0; index < view.familyCount(); index++) {
          const family = view.family(index);
          if (family.id !== "kalshi:KXMLBGAME-26AUG091610LADAZ") continue;
          const asks = family.members.map((book) => view.bestTicks(book, 1));
          const claims = family.members.map((book) => claimOf(view, book, "YES", "buy", 10)!);
          const problem = { ...familyProblem(family, view.now, (book) => view.instrument(book)), claims };
          found.push({ asks, ...conditionalOnExhaustive(problem) });
        }
      },
    );
    // 1.70 contracts of each: 0.884 + 0.765 and two fees, each leg rounded up to the cent, cost 1.68.
    const cent = 10_000_000_000n;
    expect(found).toEqual([{ asks: [5200, 4500], profit: 2n * cent, lossIfNone: 168n * cent }]);
  });

  it("ladders, prop markets and preseason games: no trade, and each reason is named", async () => {
    const one = async (name: string, set = {}) => {
      const { journal, rejects } = await importRecordings(
        "kalshi-metadata",
        [capture("series_fee_fields"), capture(name)],
        set,
      );
      expect(rejects).toEqual([]);
      expect((await through(journal)).rows).toEqual([]);
      return tally(await looksOf(journal, profile("replay")));
    };
    expect(await one("events_mlb_props_nested")).toEqual({
      "lane.not_exclusive": 7,
      "lane.no_edge_gross": 1,
    });
    expect(await one("events_nfl_preseason")).toEqual({
      "lane.no_edge_gross": 30,
      "lane.fee_unknown": 1,
      "lane.label_unknown": 1,
    });
    expect(await one("events_nfl_preseason", { fee: "quadratic:1" })).toEqual({
      "lane.no_edge_gross": 30,
      "lane.no_edge_net": 1,
      "lane.label_unknown": 1,
    });
    expect(await one("2026-08-20-spread-sweep-raw-2026-08-20T212616Z")).toEqual({ "lane.not_exclusive": 24 });
  });

  it("events of 2026-05: spread ladders look cheap in the sum and are never a bucket", async () => {
    const files = ["events", "kalshi_spread_events"].map((name) => kalshi(`events_2026-05/${name}.json.gz`));
    const { journal, counts } = await importRecordings("kalshi-metadata", files);
    expect(counts).toMatchObject({ facts: 4337, rejected: 0 });
    expect(tally(await looksOf(journal, profile("replay")))).toEqual({
      "lane.no_edge_gross": 120,
      "lane.label_unknown": 73,
      "lane.not_exclusive": 43,
      "lane.quote_missing": 1,
    });
    expect((await through(journal)).rows).toEqual([]);
  });

  it("New York: the strikes of seven days prove a partition, and each day exactly one bucket paid", async () => {
    const files = recordingsIn(kalshi("kxhighny_2026-02"), "event_markets.json");
    const { journal, rejects } = await importRecordings("kalshi-metadata", files);
    expect(rejects).toEqual([]);
    const settled = settlementsOf(journal);
    expect(settled).toHaveLength(7);
    for (const { family, payouts } of settled) {
      expect([family.members.length, family.exclusive.label, family.exhaustive.label], family.id).toEqual([
        6,
        "yes",
        "yes",
      ]);
      expect([...payouts].sort(), family.id).toEqual(["0", "0", "0", "0", "0", "1"]);
    }
    expect((await through(journal)).rows).toEqual([]);
  });
});

describe.skipIf(shared === null)("Chicago's frozen depth (skipped without ../shared)", () => {
  const depth = kalshi("kxhighchi_2026-02-12/orderbook_snapshots.csv");
  const best = { best_quotes: kalshi("kxhighchi_2026-02-12/market_snapshots.csv"), tick: "0.01" };
  const TRUSTING = { EMP_FIREWALL__FROZEN_WITNESS_MOVES: "0", EMP_FIREWALL__WITNESS_MISMATCHES: "1000" };

  it("would be a 5-cent oversum at no fee if it were believed", async () => {
    const { journal } = await importRecordings("kalshi-csv", [depth], { ...best, fee: "quadratic:0" });
    const looks = await looksOf(journal, profile("replay", TRUSTING));
    expect(tally(looks)).toEqual({ "lane.emitted": 5 });
  });

  it("gives no finding even at no fee, because the venue's own best prices contradict it", async () => {
    const { journal, counts, rejects } = await importRecordings("kalshi-csv", [depth], {
      ...best,
      fee: "quadratic:0",
    });
    expect([rejects, counts.facts]).toEqual([[], 1365]);
    const looks = await looksOf(journal, profile("replay"));
    expect(tally(looks)).toEqual({ "lane.no_edge_gross": 5 });
    const { rows, summary } = await through(journal);
    expect(rows).toEqual([]);
    expect(summary.reasons["kalshi"]).toMatchObject({ "book.witness_mismatch": 15, "quote.frozen": 4 });
  });
});

describe.skipIf(shared === null)("World Cup best quotes (skipped without ../shared)", () => {
  it.each([
    ["australia_egypt", 3810, 1905],
    ["portugal_croatia", 920, 463],
    ["spain_austria", 5472, 2736],
  ])("%s replays and reconciles; two of many outcomes are no bucket", async (name, lines, instants) => {
    const { journal, counts, rejects } = await importRecordings("kalshi-bbo", [
      kalshi(`worldcup_bbo_2026-07/snapshots_${name}.jsonl.gz`),
    ]);
    expect(rejects).toEqual([]);
    expect(counts).toMatchObject({ lines, late: 0 });
    const { rows, summary } = await through(journal);
    expect(rows).toEqual([]);
    expect(summary.frames).toBe(instants);
  });

  it("files that overlap or stand in the wrong order are counted as late, not taken silently", async () => {
    const files = recordingsIn(kalshi("worldcup_bbo_2026-07"), ".gz");
    const { counts } = await importRecordings("kalshi-bbo", files);
    expect(counts.late).toBeGreaterThan(0);
  });
});

describe.skipIf(shared === null)("the command line on a recording (skipped without ../shared)", () => {
  it("imports, replays and reports with exit code 0 and says that it reconciled", () => {
    const dir = scratchDir();
    const [journal, run, report] = ["journal", "run", "report"].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ];
    const imported = emp(
      "import",
      "kalshi-metadata",
      kalshi("rest_ws_captures_2026-08/events_sports_nested.json.gz"),
      "--out",
      journal,
    );
    expect([imported.code, imported.err]).toEqual([0, ""]);
    const replayed = emp("replay", journal, "--profile=replay", "--out", run);
    expect([replayed.code, replayed.out]).toEqual([0, expect.stringContaining("RECONCILED")]);
    const reported = emp("report", "kpi", run, "--out", report);
    expect([reported.code, reported.out]).toEqual([0, expect.stringContaining("RECONCILED")]);
    const foreign = emp(
      "import",
      "kalshi-ws",
      kalshi("rest_ws_captures_2026-08/events_sports_nested.json.gz"),
      "--out",
      join(dir, "x"),
    );
    expect([foreign.code, foreign.err]).toEqual([
      2,
      expect.stringContaining("nothing in the input is usable as kalshi-ws"),
    ]);
  });
});
