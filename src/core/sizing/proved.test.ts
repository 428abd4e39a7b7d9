import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  BookId,
  CertificateFee,
  Finding,
  Instrument,
  Lots,
  Micros,
  Ticks,
} from "../../contracts/index.ts";
import { checkCertificate } from "../../proof/checker.ts";
import type { Claim } from "../../proof/claim.ts";
import { findingOf } from "../../proof/finding.ts";
import { arbitrageKelly } from "../../proof/kelly.ts";
import { resize } from "../../proof/resize.ts";
import { solve } from "../../proof/solve.ts";
import { FakeView, instrument, micros, pico, T0 } from "../execution/fixture.ts";
import { judge } from "../risk/gate.ts";
import { DEFAULT_RISK_LIMITS } from "../risk/limits.ts";
import { DEFAULT_SIZING_OPTIONS } from "./options.ts";
import { Sizer, type SizingContext } from "./size.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const KALSHI: CertificateFee = {
  type: "kalshi",
  rate: "0.07",
  balancePrecision: "0.01",
  tradeFeePrecision: "0.000001",
};
type Side = "YES" | "NO";
type Rows = readonly (readonly [ticks: number, lots: number])[];

function claimOn({ key, book, venue, market }: Instrument, side: Side, ladder: Rows): Claim {
  return {
    instrument: key,
    book,
    venue,
    market,
    proposition: market,
    side,
    action: "buy",
    priceScale: 100,
    sizeScale: 100,
    lotStep: 100,
    minLots: 100,
    feeVersion: "k",
    fee: KALSHI,
    ladder: ladder.map(([ticks, lots]) => ({ ticks: ticks as Ticks, lots: lots as Lots })),
    maxLots: null,
  };
}

/** A certified finding over a bucket whose ladders are given, by the real finder; null when nothing pays. */
function find(side: Side, ladders: readonly Rows[], books: readonly Instrument[]): Finding | null {
  const propositions = books.map(({ market }) => market);
  const evidence = { evidenceHash: sha256("evidence"), expiresAt: null };
  const problem = {
    propositions,
    markets: Object.fromEntries(propositions.map((name) => [name, name])),
    relations: [
      { type: "exclusive" as const, propositions, ...evidence },
      { type: "exhaustive" as const, propositions, ...evidence },
    ],
    claims: ladders.map((ladder, index) => claimOn(books[index]!, side, ladder)),
    conversions: [],
  };
  const portfolio = solve(problem, [side === "YES" ? "yes_basket" : "no_basket"]);
  const meta = { lane: "bucket", family: "f", issuedAt: T0 as Micros, factSeq: 1 };
  return portfolio === null ? null : findingOf(portfolio, meta, sha256);
}

const level = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 }));
const ladder = fc
  .uniqueArray(level, { minLength: 1, maxLength: 3, selector: ([ticks]) => ticks })
  .map((rows) =>
    rows.sort((a, b) => a[0] - b[0]).map(([ticks, contracts]) => [ticks, contracts * 100] as const),
  );

describe("sizing and the gate over really proved findings", () => {
  it("plan only what the independent checker verifies at the final size, within every cap", () => {
    let approved = 0;
    fc.assert(
      fc.property(
        fc.constantFrom<Side>("YES", "NO"),
        fc.array(ladder, { minLength: 3, maxLength: 5 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (side, ladders, planCap, settled) => {
          const books = ladders.map((_, index) => instrument(index));
          const view = new FakeView().list(...books);
          for (const { book } of books) view.settle(book, settled * 100);
          const finding = find(side, ladders, books);
          if (finding === null) return;
          const instrumentOf = (book: BookId) => view.instrument(book);
          const sizer = new Sizer(
            { ...DEFAULT_SIZING_OPTIONS, planCap: pico(planCap), unwindLossPpm: 20_000 },
            arbitrageKelly,
            (from, maxLots, maxCapital) => resize(from, { maxLots, maxCapital }, instrumentOf, sha256),
          );
          const context: SizingContext = {
            bankroll: pico(1000),
            drawdownMultiplier: 1,
            familyExposure: () => pico(0),
            venueExposure: () => pico(0),
            totalExposure: pico(0),
            freeCash: () => pico(1000),
            view,
          };
          const sized = sizer.size({ id: "o", foundAt: T0, factSeq: 1, finding }, context);
          if (!("plan" in sized)) return;
          const { plan } = sized;
          expect(plan.capital).toBeLessThanOrEqual(pico(planCap));
          for (const { lots } of plan.legs) expect(lots).toBeLessThanOrEqual(settled * 100);
          const { refusal } = judge(
            plan,
            {
              now: micros(0),
              paused: null,
              degraded: () => null,
              drawdownHit: false,
              openPlans: 0,
              equity: pico(1000),
              familyExposure: () => pico(0),
              venueExposure: () => pico(0),
              totalExposure: pico(0),
              freeCash: () => pico(1000),
              reservation: [],
              view,
            },
            {
              ...DEFAULT_RISK_LIMITS,
              venues: ["v"],
              lanes: ["bucket"],
              minEdge: pico("0.000001"),
              minEdgeBips: 0,
            },
            (certificate) => checkCertificate(certificate, sha256),
          );
          expect(refusal).toBeNull();
          approved++;
        },
      ),
      { numRuns: 150, seed: 11 },
    );
    expect(approved).toBeGreaterThan(20);
  });
});
