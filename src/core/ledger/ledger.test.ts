import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookId, Fill, LegAction, Lots, Micros, Pico, Ticks } from "../../contracts/index.ts";
import { type BookTerms, Ledger } from "./ledger.ts";

const ONE = 1_000_000_000_000n;
const usd = (units: number): Pico => (BigInt(Math.round(units * 1e6)) * 1_000_000n) as Pico;

const MARKETS = ["v:a", "v:b", "w:c"];
const terms = (market: string): BookTerms => ({
  market,
  venue: market.slice(0, 1),
  currency: "USD",
  priceScale: 100,
  sizeScale: 100,
});

let serial = 0;
function fill(action: LegAction, lots: number, ticks: number, fee = 0n): Fill {
  serial++;
  return {
    orderId: "o",
    execId: `e${serial}`,
    book: 0 as BookId,
    action,
    lots: lots as Lots,
    priceTicks: ticks as Ticks,
    fee: fee.toString(),
    at: 0 as Micros,
  };
}

function ledger(cash = 100): Ledger {
  return new Ledger({
    deposits: [
      { venue: "v", currency: "USD", amount: usd(cash) },
      { venue: "w", currency: "USD", amount: usd(cash) },
    ],
    parCurrencies: ["USD"],
  });
}

function expectBalanced(book: Ledger): void {
  for (const [unit, sum] of book.trialBalance()) expect([unit, sum]).toEqual([unit, 0n]);
}

describe("ledger", () => {
  it("books a buy, a sell and a settlement to the last digit", () => {
    const book = ledger();
    book.fill("p", fill("buy_yes", 1000, 40, 123_456n), terms("v:a"));
    expect(book.position("v:a", "yes")).toEqual({ contracts: 10n * ONE, cost: usd(4) });
    book.fill("p", fill("sell_yes", 400, 50, 1n), terms("v:a"));
    expect(book.position("v:a", "yes")).toEqual({ contracts: 6n * ONE, cost: usd(2.4) });
    expect(book.settle("v:a", "1")).toEqual({ market: "v:a", paid: usd(6), fee: 0n, profit: usd(3.6) });
    const { cash, fees, equity, openPositions } = book.summary();
    expect({ cash, fees, equity, openPositions }).toEqual({
      cash: "203.999999876543",
      fees: "0.000000123457",
      equity: "203.999999876543",
      openPositions: 0,
    });
    expect(book.realised()).toBe(usd(4) - 123_457n);
    expectBalanced(book);
  });

  it("settles at a fraction, NO getting the rest, and keeps a share of the profit where the venue does", () => {
    const book = ledger();
    book.fill("p", fill("buy_no", 1000, 30), terms("v:a"));
    expect(book.settle("v:a", "0.25", 1000n)).toEqual({
      market: "v:a",
      paid: usd(7.05),
      fee: usd(0.45),
      profit: usd(4.5),
    });
    expectBalanced(book);
  });

  it.each(["1.5", "-0.1", "yes", ""])("leaves positions alone when the payout is %j", (payout) => {
    const book = ledger();
    book.fill("p", fill("buy_yes", 100, 40), terms("v:a"));
    expect(book.settle("v:a", payout)).toBeNull();
    expect(book.position("v:a", "yes").contracts).toBe(ONE);
  });

  it("withholds contracts where the fee is taken in shares", () => {
    const book = ledger();
    book.fill("p", fill("buy_yes", 1000, 40), terms("v:a"), ONE / 5n);
    expect(book.position("v:a", "yes").contracts).toBe(10n * ONE - ONE / 5n);
    expectBalanced(book);
  });

  it("values what is open at its worst state: pairs at one, the rest at nothing", () => {
    const book = ledger();
    book.fill("p", fill("buy_yes", 1000, 40), terms("v:a"));
    book.fill("p", fill("buy_no", 300, 50), terms("v:a"));
    expect(book.openAtWorst()).toBe(usd(3));
    expect(book.mark((_market, claim) => (claim === "yes" ? ONE / 2n : ONE / 4n))).toBe(usd(194.5 + 5.75));
  });

  it("draws fills from the plan's reservation and returns the rest", () => {
    const book = ledger(10);
    expect(book.reserve("p", [{ venue: "v", currency: "USD", amount: usd(6) }])).toBe(true);
    expect(book.freeCash("v", "USD")).toBe(usd(4));
    book.fill("p", fill("buy_yes", 1000, 50), terms("v:a"));
    expect(book.freeCash("v", "USD")).toBe(usd(4));
    expect(book.summary().reserved).toBe("1");
    book.release("p");
    expect(book.freeCash("v", "USD")).toBe(usd(5));
    book.release("p");
    expect(book.freeCash("v", "USD")).toBe(usd(5));
    expect(book.anomalies).toEqual({ overdrawn: 0, oversold: 0 });
  });

  it("reserves all lines or none, and never twice for one plan", () => {
    const book = ledger(10);
    const line = (venue: string, amount: number) => ({ venue, currency: "USD", amount: usd(amount) });
    expect(book.reserve("p", [line("v", 6), line("w", 11)])).toBe(false);
    expect(book.freeCash("v", "USD")).toBe(usd(10));
    expect(book.reserve("p", [line("v", 6), line("v", 6)])).toBe(false);
    expect(book.reserve("p", [line("v", -1)])).toBe(false);
    expect(book.reserve("p", [line("v", 6)])).toBe(true);
    expect(book.reserve("p", [line("v", 1)])).toBe(false);
    expect(book.reserve("q", [line("x", 1)])).toBe(false);
  });

  it("counts, and still books, a fill beyond the cash or the position", () => {
    const book = ledger(1);
    book.fill("p", fill("buy_yes", 1000, 50), terms("v:a"));
    book.fill("p", fill("sell_yes", 2000, 50), terms("v:a"));
    expect(book.anomalies).toEqual({ overdrawn: 1, oversold: 1 });
    expectBalanced(book);
  });

  it("refuses a deposit in a currency without a stated parity", () => {
    const deposits = [{ venue: "v", currency: "EUR", amount: usd(1) }];
    expect(() => new Ledger({ deposits, parCurrencies: ["USD"] })).toThrow(RangeError);
  });

  it("converts a full NO set into n-1 units, with the venue's fee", () => {
    const book = ledger();
    for (const market of ["v:a", "v:b"]) book.fill("p", fill("buy_no", 1000, 60), terms(market));
    const conversion = {
      markets: [terms("v:a"), terms("v:b"), terms("v:z")],
      noSet: ["v:a", "v:b"],
      feeBips: 100,
    };
    expect(book.convert(conversion, 11n * ONE)).toBe(false);
    expect(book.convert(conversion, 10n * ONE)).toBe(true);
    expect(book.position("v:a", "no")).toEqual({ contracts: 0n, cost: 0n });
    expect(book.position("v:z", "yes")).toEqual({ contracts: usd(9.9), cost: usd(2) });
    expect(book.freeCash("v", "USD")).toBe(usd(100 - 12 + 9.9));
    expectBalanced(book);
  });
});

type Act =
  | {
      readonly kind: "fill";
      readonly action: LegAction;
      readonly lots: number;
      readonly ticks: number;
      readonly fee: number;
    }
  | { readonly kind: "settle"; readonly payout: string }
  | { readonly kind: "split" | "merge" | "convert"; readonly lots: number }
  | { readonly kind: "reserve" | "release"; readonly plan: string; readonly amount: number };

const isMoney = (what: Act): what is Extract<Act, { readonly plan: string }> => "plan" in what;

const act: fc.Arbitrary<{ market: string; act: Act }> = fc.record({
  market: fc.constantFrom(...MARKETS),
  act: fc.oneof(
    fc.record({
      kind: fc.constant("fill" as const),
      action: fc.constantFrom<LegAction>("buy_yes", "buy_no", "sell_yes", "sell_no"),
      lots: fc.integer({ min: 1, max: 2000 }),
      ticks: fc.integer({ min: 1, max: 99 }),
      fee: fc.integer({ min: 0, max: 1_000_000 }),
    }),
    fc.record({
      kind: fc.constant("settle" as const),
      payout: fc.constantFrom("0", "1", "0.5", "0.333333333333", "7"),
    }),
    fc.record({
      kind: fc.constantFrom("split" as const, "merge" as const, "convert" as const),
      lots: fc.integer({ min: 1, max: 500 }),
    }),
    fc.record({
      kind: fc.constantFrom("reserve" as const, "release" as const),
      plan: fc.constantFrom("p", "q", "r"),
      amount: fc.integer({ min: 0, max: 80 }),
    }),
  ),
});

function apply(book: Ledger, market: string, { act: what }: { act: Act }): void {
  const at = terms(market);
  const contracts = (lots: number) => BigInt(lots) * (ONE / 100n);
  if (isMoney(what)) {
    const lines = [{ venue: at.venue, currency: "USD", amount: usd(what.amount) }];
    if (what.kind === "reserve") book.reserve(what.plan, lines);
    else book.release(what.plan);
  } else if (what.kind === "fill") {
    book.fill("p", fill(what.action, what.lots, what.ticks, BigInt(what.fee)), at);
  } else if (what.kind === "settle") book.settle(market, what.payout);
  else if (what.kind === "split") book.split("p", at, contracts(what.lots));
  else if (what.kind === "merge") book.merge(at, contracts(what.lots));
  else {
    const conversion = { markets: MARKETS.slice(0, 2).map(terms), noSet: ["v:a"], feeBips: 7 };
    book.convert(conversion, contracts(what.lots));
  }
}

describe("ledger laws", () => {
  it("balances in every unit after every act, whatever the acts", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const book = ledger();
        for (const each of acts) {
          apply(book, each.market, each);
          expectBalanced(book);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("explains the equity: start plus realised profit equals cash plus the cost of what is open", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const book = ledger();
        for (const each of acts) apply(book, each.market, each);
        let cost = 0n;
        for (const { market } of book.holdings()) {
          cost += book.position(market, "yes").cost + book.position(market, "no").cost;
        }
        const cash = book.mark(() => 0n);
        expect(cash + cost).toBe(usd(200) + book.realised());
      }),
      { numRuns: 150 },
    );
  });

  it("never lets two plans reserve the same money, in any interleaving", () => {
    const step = fc.record({
      plan: fc.constantFrom("a", "b", "c", "d"),
      venue: fc.constantFrom("v", "w"),
      amount: fc.integer({ min: 0, max: 70 }),
      release: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const book = ledger();
        const held = new Map<string, { venue: string; amount: number }>();
        for (const { plan, venue, amount, release } of steps) {
          if (release) {
            book.release(plan);
            held.delete(plan);
            continue;
          }
          const granted = book.reserve(plan, [{ venue, currency: "USD", amount: usd(amount) }]);
          const taken = [...held.values()]
            .filter((each) => each.venue === venue)
            .reduce((n, each) => n + each.amount, 0);
          expect(granted).toBe(!held.has(plan) && taken + amount <= 100);
          if (granted) held.set(plan, { venue, amount });
        }
        expect(book.freeCash("v", "USD")).toBeGreaterThanOrEqual(0n);
        expectBalanced(book);
      }),
      { numRuns: 200 },
    );
  });
});
