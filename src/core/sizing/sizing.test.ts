import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding, Opportunity } from "../../contracts/index.ts";
import { type Basket, bucket, FakeView, instrument, pico, T0 } from "../execution/fixture.ts";
import { Exposure } from "../risk/exposure.ts";
import { capitalByVenue } from "./capital.ts";
import { lotsAtShare, tightest } from "./caps.ts";
import { DEFAULT_DRAWDOWN_SCALE, DrawdownScale } from "./drawdown.ts";
import { DEFAULT_SIZING_OPTIONS, type SizingOptions } from "./options.ts";
import { type ArbitrageKelly, type ResizeFinding, Sizer, type SizingContext } from "./size.ts";

const BOOKS = [instrument(0), instrument(1), instrument(2)];
const BASKET: Basket = { action: "buy_yes", prices: [30, 31, 32], lots: 100_000 };

/** f = p/u - (1-p)/e clamped to [0, 1]: the closed form of vector K04. */
const kelly: ArbitrageKelly = ({ successProbability: p, edge, unwindLoss: u }) =>
  Math.min(1, Math.max(0, p / u - (1 - p) / edge));

/** Same one-level basket at the smallest cap. */
const resize: ResizeFinding = (finding, maxLots) => {
  const lots = Math.min(...maxLots, ...finding.legs.map((leg) => leg.lots));
  return lots < 100 ? null : rebuilt(finding, lots);
};

function rebuilt(finding: Finding, lots: number): Finding {
  return bucket({ ...BASKET, prices: finding.legs.map(({ limitTicks }) => limitTicks), lots }, BOOKS);
}

function opportunity(basket: Partial<Basket> = {}): Opportunity {
  return { id: "o", foundAt: T0, factSeq: 1, finding: bucket({ ...BASKET, ...basket }, BOOKS) };
}

function context(changes: Partial<SizingContext> = {}): SizingContext {
  return {
    bankroll: pico(10_000),
    drawdownMultiplier: 1,
    familyExposure: () => pico(0),
    venueExposure: () => pico(0),
    totalExposure: pico(0),
    freeCash: () => pico(10_000),
    view: new FakeView().list(...BOOKS),
    ...changes,
  };
}

function size(
  options: Partial<SizingOptions>,
  changes: Partial<SizingContext> = {},
  basket: Partial<Basket> = {},
) {
  const wide: SizingOptions = {
    ...DEFAULT_SIZING_OPTIONS,
    planCap: pico(1e6),
    familyCap: pico(1e6),
    venueCap: pico(1e6),
    totalCap: pico(1e6),
    maxLoss: pico(1e6),
  };
  return new Sizer({ ...wide, ...options }, kelly, resize).size(opportunity(basket), context(changes));
}

function planned(sized: ReturnType<Sizer["size"]>) {
  if (!("plan" in sized)) throw new RangeError(`refused: ${sized.reason} ${sized.detail}`);
  return sized.plan;
}

describe("sizing", () => {
  it("takes the whole finding when nothing binds", () => {
    const plan = planned(size({}));
    expect(plan.boundBy).toBe("depth");
    expect(plan.legs.map(({ lots }) => lots)).toEqual([100_000, 100_000, 100_000]);
    expect(plan.capital).toBe(pico(930));
    expect(plan.guaranteed).toBe(pico(70));
  });

  it.each<[string, Partial<SizingOptions>, Partial<SizingContext>, number]>([
    ["cap.plan", { planCap: pico(100) }, {}, 10_700],
    ["cap.family", { familyCap: pico(200) }, { familyExposure: () => pico(150) }, 5_300],
    ["cap.venue", { venueCap: pico(200) }, { venueExposure: () => pico(190) }, 1_000],
    ["cap.total", { totalCap: pico(200) }, { totalExposure: pico(107) }, 10_000],
    ["cap.cash", {}, { freeCash: () => pico(93) }, 10_000],
    ["cap.max_loss", { maxLoss: pico("4.65") }, {}, 10_000],
    ["kelly", { kellyFractionPpm: 9_300 }, {}, 10_000],
    ["median.size", {}, { view: new FakeView().list(...BOOKS).settle(1, 777) }, 700],
  ])("is bound by %s", (name, options, changes, lots) => {
    const plan = planned(size(options, changes));
    expect(plan.boundBy).toBe(name);
    expect(plan.legs.map((leg) => leg.lots)).toEqual([lots, lots, lots]);
  });

  it("scales the stake by confidence and by the drawdown multiplier", () => {
    const options = { kellyFractionPpm: 18_600 };
    expect(planned(size(options, {}, { confidence: 0.5 })).legs[0]?.lots).toBe(10_000);
    expect(planned(size(options, { drawdownMultiplier: 0.5 })).legs[0]?.lots).toBe(10_000);
    expect(
      planned(size({ ...options, scaleByConfidence: false }, {}, { confidence: 0.5 })).legs[0]?.lots,
    ).toBe(20_000);
  });

  it("refuses with size.unsettled when too few valid books give no median", () => {
    const view = new FakeView().list(...BOOKS).settle(2, -1);
    expect(size({}, { view })).toMatchObject({
      reason: "size.unsettled",
      detail: expect.stringContaining("v:b2"),
    });
    expect(size({}, { view: new FakeView() })).toMatchObject({ reason: "size.unsettled" });
  });

  it("refuses with size.zero when a cap leaves less than the venue's minimum", () => {
    expect(size({ planCap: pico("0.9") })).toMatchObject({ reason: "size.zero" });
    expect(size({}, { drawdownMultiplier: 0 })).toMatchObject({ reason: "size.zero", detail: /kelly/ });
    expect(size({}, { bankroll: pico(-5) })).toMatchObject({ reason: "size.zero" });
    expect(size({}, { totalExposure: pico(2e6) })).toMatchObject({ reason: "size.zero" });
  });

  it("refuses with size.flipped when the certificate no longer pays at the final size", () => {
    const never = new Sizer({ ...DEFAULT_SIZING_OPTIONS }, kelly, () => null);
    expect(never.size(opportunity(), context())).toMatchObject({ reason: "size.flipped" });
    const greedy = new Sizer({ ...DEFAULT_SIZING_OPTIONS }, kelly, (finding) => finding);
    expect(greedy.size(opportunity(), context())).toMatchObject({ reason: "size.flipped" });
    expect(size({}, {}, { prices: [40, 31, 32] })).toMatchObject({ reason: "size.flipped" });
  });

  it("never lets the capital of a plan pass a cap, and is the same twice", () => {
    const money = fc.integer({ min: 0, max: 2_000 });
    fc.assert(
      fc.property(
        fc.record({ plan: money, family: money, venue: money, total: money, cash: money, bankroll: money }),
        fc.record({ family: money, venue: money, total: money }),
        fc.integer({ min: 0, max: 60_000 }),
        (caps, used, settled) => {
          const options = {
            planCap: pico(caps.plan),
            familyCap: pico(caps.family),
            venueCap: pico(caps.venue),
            totalCap: pico(caps.total),
          };
          const changes: Partial<SizingContext> = {
            bankroll: pico(caps.bankroll),
            familyExposure: () => pico(used.family),
            venueExposure: () => pico(used.venue),
            totalExposure: pico(used.total),
            freeCash: () => pico(caps.cash),
            view: new FakeView().list(...BOOKS).settle(0, settled),
          };
          const sized = size(options, changes);
          expect(size(options, changes)).toEqual(sized);
          if (!("plan" in sized)) return;
          const { capital, legs } = sized.plan;
          expect(capital).toBeLessThanOrEqual(pico(caps.plan));
          expect(capital + pico(used.family)).toBeLessThanOrEqual(pico(caps.family));
          expect(capital + pico(used.venue)).toBeLessThanOrEqual(pico(caps.venue));
          expect(capital + pico(used.total)).toBeLessThanOrEqual(pico(caps.total));
          expect(capital).toBeLessThanOrEqual(pico(caps.cash));
          expect(capital * 4n).toBeLessThanOrEqual(pico(caps.bankroll));
          expect(legs[0]!.lots).toBeLessThanOrEqual(settled);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("keeps exposure within every cap over any sequence of plans and settlements", () => {
    const event = fc.record({
      family: fc.constantFrom("f", "g", "h"),
      lots: fc.integer({ min: 1, max: 900 }),
      settles: fc.boolean(),
    });
    const options = { planCap: pico(150), familyCap: pico(200), venueCap: pico(310), totalCap: pico(300) };
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const exposure = new Exposure();
        events.forEach(({ family, lots, settles }, index) => {
          const { finding } = opportunity({ lots: lots * 100, family });
          if (settles) exposure.settled(`m${index - 1}`);
          const sized = new Sizer(
            { ...DEFAULT_SIZING_OPTIONS, ...options, maxLoss: pico(1e6) },
            kelly,
            resize,
          ).size(
            { ...opportunity(), finding },
            context({
              familyExposure: (key) => exposure.family(key),
              venueExposure: (venue) => exposure.venue(venue),
              totalExposure: exposure.total,
            }),
          );
          if (!("plan" in sized)) return;
          const byVenue = capitalByVenue(sized.plan.certificate)!;
          exposure.set(`p${index}`, { family, byVenue, markets: [`m${index}`] });
          expect(exposure.family(family)).toBeLessThanOrEqual(options.familyCap);
          expect(exposure.venue("v")).toBeLessThanOrEqual(options.venueCap);
          expect(exposure.total).toBeLessThanOrEqual(options.totalCap);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("takes steps off when rounding at the smaller size overshoots the cap", () => {
    const padded: ResizeFinding = (finding, maxLots) => {
      const smaller = resize(finding, maxLots, pico(0))!;
      const capital = BigInt(smaller.capital) + pico("0.5");
      const guaranteed = BigInt(smaller.guaranteed) - pico("0.5");
      const text = (amount: bigint) => (Number(amount / 1_000_000n) / 1e6).toString();
      return {
        ...smaller,
        certificate: { ...smaller.certificate, capital: text(capital), guaranteed: text(guaranteed) },
      };
    };
    const sizer = new Sizer({ ...DEFAULT_SIZING_OPTIONS, planCap: pico(93) }, kelly, padded);
    const plan = planned(sizer.size(opportunity(), context()));
    expect(plan.legs[0]?.lots).toBe(9_900);
    expect(plan.capital).toBe(pico("92.57"));
  });
});

describe("composition of caps", () => {
  it("reproduces vector K19: the tightest cap, then whole sets", () => {
    const caps = [
      { name: "haircut", limit: 1000n },
      { name: "depth", limit: 640n },
      { name: "venue", limit: 800n },
      { name: "cluster", limit: 500n },
      { name: "max_loss", limit: (120n * 10n) / 3n },
    ];
    const share = tightest(caps.map((cap) => ({ ...cap, whole: 970n })));
    expect(share.boundBy).toBe("max_loss");
    expect(lotsAtShare(1000, 1, share)).toBe(412);
  });

  it("floors to the lot grid", () => {
    expect(lotsAtShare(1000, 50, { num: 2n, den: 3n, boundBy: "x" })).toBe(650);
  });

  it("reads the capital of each venue from the certificate", () => {
    const finding = bucket(BASKET, [BOOKS[0]!, instrument(1, { venue: "w" }), BOOKS[2]!]);
    expect([...capitalByVenue(finding.certificate)!]).toEqual([
      ["v", pico(620)],
      ["w", pico(310)],
    ]);
    expect(capitalByVenue({ ...finding.certificate, capital: "many" })).toBeNull();
  });
});

describe("drawdown multiplier", () => {
  it("reproduces vector K20: cut at once, restored by a tenth per step", () => {
    const scale = new DrawdownScale(DEFAULT_DRAWDOWN_SCALE);
    const equity = [100, 104, 101, 98, 94, 90, 88, 92, 96, 99, 102, 105];
    const expected = [1, 1, 1, 0.923076923077, 0.538461538462, 0.153846153846, 0, 0.1, 0.2, 0.3, 0.4, 0.5];
    equity.forEach((value, index) => {
      expect(scale.observe(value)).toBeCloseTo(expected[index]!, 9);
    });
  });

  it("restores only after the stated number of closed plans", () => {
    const scale = new DrawdownScale({ ...DEFAULT_DRAWDOWN_SCALE, restoreEvery: 3 });
    scale.observe(100);
    scale.observe(80);
    expect([scale.observe(100), scale.observe(100), scale.observe(100)]).toEqual([0, 0, 0.1]);
  });
});
