import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  BookId,
  Certificate,
  Instrument,
  Lots,
  Micros,
  Pico,
  Plan,
  Ticks,
} from "../../contracts/index.ts";
import { bucket, FakeView, instrument, micros, pico, planOf } from "../execution/fixture.ts";
import { DailyDrawdown } from "./daily-drawdown.ts";
import { Exposure } from "./exposure.ts";
import { judge, RISK_RULES } from "./gate.ts";
import { DEFAULT_RISK_LIMITS, type RiskLimits } from "./limits.ts";
import { reservationOf } from "./reserve.ts";
import type { RiskState } from "./rules.ts";

const BOOKS = [instrument(0), instrument(1), instrument(2)];
const LIMITS: RiskLimits = { ...DEFAULT_RISK_LIMITS, venues: ["v"], lanes: ["bucket"] };
const accept = () => ({ ok: true }) as const;

function plan(): Plan {
  return planOf(bucket({ action: "buy_yes", prices: [30, 31, 32], lots: 1000 }, BOOKS));
}

function certified(changes: Partial<Certificate>): Plan {
  const base = plan();
  return { ...base, certificate: { ...base.certificate, ...changes } };
}

function state(changes: Partial<RiskState> = {}): RiskState {
  return {
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
    reservation: [{ venue: "v", currency: "USD", amount: pico("9.33") }],
    view: new FakeView().list(...BOOKS),
    ...changes,
  };
}

function views(change: Partial<Instrument>): Partial<RiskState> {
  return { view: new FakeView().list(BOOKS[0]!, BOOKS[1]!, instrument(2, change)) };
}

const fee = (type: "unknown" | "none", from: Micros) => ({
  id: type,
  from,
  spec: type === "unknown" ? ({ type, why: "?" } as const) : ({ type } as const),
  source: "t",
});

describe("the risk gate", () => {
  it("approves a plan that no rule objects to and whose certificate is verified", () => {
    const base = plan();
    expect(judge(base, state(), LIMITS, accept)).toEqual({ approved: base, refusal: null });
  });

  it("refuses whatever the independent checker does not verify, with its words", () => {
    const verdict = judge(plan(), state(), LIMITS, () => ({ ok: false, reason: "leg 1: fee" }));
    expect(verdict).toEqual({
      approved: null,
      refusal: { reason: "certificate.refused", detail: "leg 1: fee" },
    });
  });

  it.each<[string, Partial<RiskState>, Partial<RiskLimits>, string]>([
    ["paused", { paused: "operator" }, {}, "risk.paused"],
    ["feed degraded", { degraded: () => "feed.frozen" }, {}, "risk.degraded"],
    ["drawdown hit", { drawdownHit: true }, {}, "risk.daily_drawdown"],
    ["venue not listed", {}, { venues: ["w"] }, "risk.not_whitelisted"],
    ["lane not listed", {}, { lanes: ["intra"] }, "risk.not_whitelisted"],
    ["family barred", {}, { barredFamilies: ["f"] }, "risk.not_whitelisted"],
    ["unknown book", { view: new FakeView() }, {}, "risk.not_whitelisted"],
    ["no tick grid", views({ tickRanges: [] }), {}, "risk.unknown_tick"],
    [
      "limit off the grid",
      views({ tickRanges: [{ fromTicks: 5 as Ticks, toTicks: 95 as Ticks, stepTicks: 5 as Ticks }] }),
      {},
      "risk.unknown_tick",
    ],
    ["book of the other claim", views({ side: "no" }), {}, "risk.unknown_tick"],
    ["no fee", views({ fees: [] }), {}, "risk.unknown_fee"],
    ["fee not in force yet", views({ fees: [fee("none", micros(1))] }), {}, "risk.unknown_fee"],
    [
      "fee unknown now",
      views({ fees: [fee("none", micros(-9)), fee("unknown", micros(-1))] }),
      {},
      "risk.unknown_fee",
    ],
    ["fee not computable", { reservation: null }, {}, "risk.unknown_fee"],
    ["market paused", views({ status: "paused" }), {}, "risk.market_closing"],
    ["market closes soon", views({ closesAt: micros(59_999_999) }), {}, "risk.market_closing"],
    ["quote quarantined", { view: new FakeView().list(...BOOKS).bar(1, 153) }, {}, "risk.quote_gone"],
    ["edge below the floor", {}, { minEdge: pico("0.71") }, "risk.min_edge"],
    ["edge below the basis points", {}, { minEdgeBips: 753 }, "risk.min_edge"],
    ["too many plans", { openPlans: 8 }, {}, "risk.max_concurrent"],
    ["family cap", { familyExposure: () => pico("190.8") }, {}, "risk.family_cap"],
    ["venue cap", { venueExposure: () => pico("990.8") }, {}, "risk.venue_cap"],
    ["total cap", { totalExposure: pico("1990.8"), equity: pico(9999) }, {}, "risk.total_cap"],
    ["leverage", { equity: pico(9) }, {}, "risk.leverage"],
    ["cash", { freeCash: () => pico("9.3") }, {}, "risk.cash"],
  ])("refuses: %s", (_name, changes, limits, reason) => {
    const { refusal } = judge(plan(), state(changes), { ...LIMITS, ...limits }, accept);
    expect(refusal?.reason).toBe(reason);
    expect(refusal?.detail).not.toBe("");
  });

  it("accepts a market that closes exactly at the limit and an edge exactly at the floor", () => {
    const view = views({ closesAt: micros(60_000_000) });
    expect(judge(plan(), state(view), { ...LIMITS, minEdge: pico("0.7") }, accept).refusal).toBeNull();
  });

  it("sums the reservation of several legs before it looks at the cash", () => {
    const line = { venue: "v", currency: "USD", amount: pico(6) };
    const two = state({ reservation: [line, line], freeCash: () => pico(10) });
    expect(judge(plan(), two, LIMITS, accept).refusal?.reason).toBe("risk.cash");
  });

  const proved = plan().certificate.legs;
  const swap = (change: Partial<Certificate["legs"][number]>) => [
    { ...proved[0]!, ...change },
    ...proved.slice(1),
  ];
  it.each<[string, Plan]>([
    ["another capital", certified({ capital: "9" })],
    ["another profit", certified({ guaranteed: "0.8" })],
    ["a missing leg", certified({ legs: proved.slice(1) })],
    ["another market", certified({ legs: swap({ market: "v:m9" }) })],
    ["another claim", certified({ legs: swap({ side: "NO" }) })],
    ["a sell", certified({ legs: swap({ action: "sell" }) })],
    ["another size", certified({ legs: swap({ quantity: "9" }) })],
    ["a better price than the limit permits", certified({ legs: swap({ fills: [["0.29", "10", "0"]] }) })],
    ["no fills", certified({ legs: swap({ fills: [] }) })],
  ])("refuses a plan whose certificate is about %s", (_name, odd) => {
    expect(judge(odd, state(), LIMITS, accept).refusal?.reason).toBe("certificate.refused");
  });

  it("has every rule once", () => {
    expect(new Set(RISK_RULES).size).toBe(RISK_RULES.length);
  });
});

describe("reservation", () => {
  const perLeg = () => pico("0.02");
  it("sets aside every buy at its limit with fee and rounding margin", () => {
    const lines = reservationOf(plan(), state().view, perLeg, micros(0), pico("0.01"));
    expect(lines?.map(({ amount }) => amount)).toEqual([pico("3.03"), pico("3.13"), pico("3.23")]);
  });

  it("adds what splits need and nothing for sells", () => {
    const base = certified({ transforms: [{ type: "split", market: "v:m0", quantity: "10" }] });
    const sells = { ...base, legs: base.legs.map((leg) => ({ ...leg, action: "sell_yes" as const })) };
    const lines = reservationOf(sells, state().view, perLeg, micros(0), pico(0));
    expect(lines).toEqual([{ venue: "v", currency: "USD", amount: pico(10) }]);
  });

  it("is unknown when a fee, a book or an amount is", () => {
    expect(reservationOf(plan(), state().view, () => null, micros(0), pico(0))).toBeNull();
    expect(reservationOf(plan(), new FakeView(), perLeg, micros(0), pico(0))).toBeNull();
    const odd = certified({ transforms: [{ type: "split", market: "v:m0", quantity: "x" }] });
    expect(reservationOf(odd, state().view, perLeg, micros(0), pico(0))).toBeNull();
  });
});

describe("exposure", () => {
  const entry = (family: string, venue: string, amount: number, markets = ["m"]) => ({
    family,
    byVenue: new Map([[venue, pico(amount)]]),
    markets,
  });

  it("counts a plan until the last of its markets settles", () => {
    const exposure = new Exposure();
    exposure.set("p", entry("f", "v", 10, ["a", "b"]));
    exposure.set("q", entry("f", "w", 5, ["a"]));
    exposure.settled("a");
    expect([exposure.family("f"), exposure.venue("w"), exposure.total]).toEqual([pico(10), 0n, pico(10)]);
    exposure.settled("b");
    expect(exposure.size).toBe(0);
  });

  it("keeps its sums in step with its entries", () => {
    const change = fc.record({
      plan: fc.constantFrom("p", "q", "r"),
      family: fc.constantFrom("f", "g"),
      venue: fc.constantFrom("v", "w"),
      amount: fc.integer({ min: 0, max: 9 }),
      market: fc.constantFrom("a", "b"),
      act: fc.constantFrom("set", "remove", "settled"),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const exposure = new Exposure();
        const model = new Map<string, (typeof changes)[number]>();
        for (const each of changes) {
          if (each.act === "settled") {
            exposure.settled(each.market);
            for (const [key, { market }] of model) if (market === each.market) model.delete(key);
          } else if (each.act === "remove") {
            exposure.remove(each.plan);
            model.delete(each.plan);
          } else {
            exposure.set(each.plan, entry(each.family, each.venue, each.amount, [each.market]));
            model.delete(each.plan);
            if (each.amount > 0) model.set(each.plan, each);
          }
          const sum = (keep: (of: typeof each) => boolean) =>
            pico([...model.values()].filter(keep).reduce((n, { amount }) => n + amount, 0));
          expect(exposure.total).toBe(sum(() => true));
          expect(exposure.family("f")).toBe(sum(({ family }) => family === "f"));
          expect(exposure.venue("w")).toBe(sum(({ venue }) => venue === "w"));
          expect(exposure.size).toBe(model.size);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("daily drawdown", () => {
  const DAY = 86_400_000_000;
  const at = (day: number) => (day * DAY) as Micros;

  it("crosses once at 2% below the day's first equity and stays off, also past midnight", () => {
    const daily = new DailyDrawdown(20_000);
    expect(daily.observe(pico(100), at(1))).toBe(false);
    expect(daily.observe(pico("98.01"), at(1.5))).toBe(false);
    expect(daily.observe(pico(98), at(1.6))).toBe(true);
    expect(daily.observe(pico(90), at(1.7))).toBe(false);
    expect(daily.observe(pico(120), at(2))).toBe(false);
    expect(daily.off).toBe(true);
    daily.resume(pico(120));
    expect([daily.off, daily.dayStart]).toEqual([false, pico(120)]);
    expect(daily.observe(pico(117), at(2.1))).toBe(true);
  });

  it("measures each day from its own start", () => {
    const daily = new DailyDrawdown(20_000);
    daily.observe(pico(100), at(1));
    daily.observe(pico("98.5"), at(1.9));
    expect(daily.observe(pico("98.5"), at(2))).toBe(false);
    expect(daily.observe(pico("97.5"), at(2.1))).toBe(false);
    expect(daily.observe(pico(96), at(2.2))).toBe(true);
  });

  it("does not fire on an account without money", () => {
    const daily = new DailyDrawdown(20_000);
    expect(daily.observe(0n as Pico, at(1))).toBe(false);
    expect(daily.off).toBe(false);
  });
});

describe("lots and books of a plan", () => {
  it("reads the limit of a NO claim on the mirrored grid of a unified book", () => {
    const grid = [{ fromTicks: 1 as Ticks, toTicks: 99 as Ticks, stepTicks: 2 as Ticks }];
    const books = BOOKS.map(({ book }) => instrument(book, { tickRanges: grid }));
    const no = planOf(bucket({ action: "buy_no", prices: [61, 65, 66], lots: 1000 as Lots }, books));
    const view = new FakeView().list(...books);
    expect(judge(no, state({ view }), LIMITS, accept).refusal?.reason).toBe("risk.unknown_tick");
    expect(view.instrument(0 as BookId)).toBeDefined();
  });
});
