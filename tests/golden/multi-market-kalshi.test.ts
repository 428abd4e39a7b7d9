import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { conditionalOnExhaustive } from "../../src/proof/conditional.ts";
import { familyProblem } from "../../src/proof/family-problem.ts";
import { claimOf } from "../../src/proof/quotes.ts";
import { sharedDir } from "../shared.ts";
import { looksOf, settlementsOf, tally, through } from "./event-looks.ts";
import {
  cleanUp,
  emp,
  importRecordings,
  profile,
  recordingsIn,
  scratchDir,
  watchReplay,
} from "./pipeline.ts";

const shared = sharedDir();
const data = shared === null ? "" : join(shared, "data");
const kalshi = (path: string): string => join(data, "kalshi", path);

afterAll(cleanUp);

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
