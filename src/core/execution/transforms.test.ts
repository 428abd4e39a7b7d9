import { describe, expect, it } from "vitest";
import { Execution } from "./execution.ts";
import { bucket, FakeView, filled, instrument, micros, pico, planOf, transforming } from "./fixture.ts";
import { DEFAULT_EXECUTION_OPTIONS } from "./options.ts";
import { BOOKS, begin, orders, world } from "./scene.ts";

describe("transforms", () => {
  it("converts the complete NO baskets of a plan whose certificate counts on it", () => {
    const finding = bucket({ action: "buy_no", prices: [60, 65, 66], lots: 1000 }, BOOKS);
    const markets = BOOKS.map(({ market }) => market);
    const convert = {
      type: "neg_risk_convert",
      markets,
      noSet: markets,
      feeBips: 0,
      quantity: "10",
    } as const;
    const plan = planOf(finding, "opp", transforming([convert], "20"));
    const execution = new Execution(DEFAULT_EXECUTION_OPTIONS, () => false);
    const view = world();
    const entries = orders(execution.start(plan, view, micros(0)));
    execution.update(filled(entries[0]!), view, micros(1));
    execution.update(filled(entries[1]!), view, micros(2));
    const end = execution.update(filled(entries[2]!), view, micros(3));
    const acts = end.entries.filter(({ kind }) => kind === "transform");
    expect(acts).toMatchObject([{ transform: { type: "convert", contracts: pico(10) } }]);
    expect(end.closed[0]?.simulatedRealised).toBe(pico("0.9"));
    expect(end.closed[0]?.holdings).toEqual([]);
  });

  it("merges the YES + NO pairs that are left over where the venue merges", () => {
    const books = [
      instrument(0, { side: "yes", market: "v:m" }),
      instrument(1, { side: "no", market: "v:m" }),
    ];
    const yes = bucket({ action: "buy_yes", prices: [40, 50], lots: 1000 }, books);
    const finding = { ...yes, legs: [yes.legs[0]!, { ...yes.legs[1]!, action: "buy_no" as const }] };
    const execution = new Execution(DEFAULT_EXECUTION_OPTIONS, () => true);
    const view = new FakeView()
      .list(...books)
      .set(0, [[38, 5000]], [])
      .set(1, [[45, 5000]], []);
    const entries = orders(execution.start(planOf(finding), view, micros(0)));
    execution.update(filled(entries[0]!), view, micros(1));
    const end = execution.update(filled(entries[1]!, 400), view, micros(2));
    expect(end.entries.at(-1)).toMatchObject({ transform: { type: "merge", contracts: pico(4) } });
    expect(orders(end).map(({ action, lots }) => [action, lots])).toEqual([["sell_yes", 600]]);
  });

  it("splits before it sells, and merges what it could not sell", () => {
    const books = [
      instrument(0, { side: "yes", market: "v:m" }),
      instrument(1, { side: "no", market: "v:m" }),
    ];
    const yes = bucket({ action: "buy_yes", prices: [56, 47], lots: 1000 }, books);
    const legs = [
      { ...yes.legs[0]!, action: "sell_yes" as const },
      { ...yes.legs[1]!, action: "sell_no" as const },
    ];
    const split = { type: "split", market: "v:m", quantity: "10" } as const;
    const plan = {
      ...planOf({ ...yes, legs }, "opp", {
        ...transforming([split], "10.3"),
        propositions: ["p0"],
        markets: { p0: "v:m" },
      }),
      capital: pico(10),
      guaranteed: pico("0.3"),
    };
    const execution = new Execution(DEFAULT_EXECUTION_OPTIONS, () => true);
    const view = new FakeView()
      .list(...books)
      .set(0, [[50, 5000]], [])
      .set(1, [[40, 5000]], []);
    const start = execution.start(plan, view, micros(0));
    expect(start.entries).toMatchObject([{ transform: { type: "split", contracts: pico(10) } }]);
    const entries = orders(start);
    execution.update(filled(entries[0]!, 700), view, micros(1));
    const end = execution.update(filled(entries[1]!, 500), view, micros(2));
    expect(end.entries.at(-1)).toMatchObject({ transform: { type: "merge", contracts: pico(3) } });
    const sells = orders(end);
    expect(sells.map(({ action, lots }) => [action, lots])).toEqual([["sell_no", 200]]);
    const [closed] = execution.update(filled(sells[0]!, 200, 40), view, micros(3)).closed;
    expect(closed?.simulatedRealised).toBe(pico("0.07"));
    expect(closed?.expectedRealised).toBe(pico("0.15"));
  });
});

describe("liquidation", () => {
  it("cancels what is under way and then sells everything, baskets too", () => {
    const { execution, view, entries } = begin();
    execution.update(filled(entries[0]!), view, micros(10));
    execution.update(filled(entries[1]!), view, micros(11));
    const kill = execution.liquidate("kill", [], view, micros(12));
    expect(kill.commands[0]).toEqual({ kind: "venue.cancel", venue: "v", orderId: "opp.2.0" });
    const sells = orders(execution.update(filled(entries[2]!), view, micros(13)));
    expect(sells.map(({ action, lots }) => [action, lots])).toEqual([
      ["sell_yes", 1000],
      ["sell_yes", 1000],
      ["sell_yes", 1000],
    ]);
  });

  it("sells positions of ended plans, answers once per execution id, and ends", () => {
    const execution = new Execution(DEFAULT_EXECUTION_OPTIONS, () => false);
    const view = world();
    const held = [{ instrument: BOOKS[0]!, claim: "no" as const, contracts: pico(10) }];
    const step = execution.liquidate("kill", held, view, micros(0));
    const [sell] = orders(step);
    expect([sell?.id, sell?.action, sell?.lots, sell?.limitTicks]).toEqual(["kill.0.1", "sell_no", 1000, 66]);
    expect(execution.update(filled(sell!, 1000, 69), view, micros(1)).entries).toHaveLength(1);
    expect(execution.update(filled(sell!, 1000, 69), view, micros(2)).entries).toEqual([]);
    execution.tick(view, micros(600_000));
    expect(execution.openPlans).toBe(0);
  });
});
