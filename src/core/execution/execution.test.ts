import { describe, expect, it } from "vitest";
import type { Order, OrderUpdate } from "../../contracts/index.ts";
import { Execution } from "./execution.ts";
import { filled, micros, pico } from "./fixture.ts";
import { DEFAULT_EXECUTION_OPTIONS } from "./options.ts";
import { BOOKS, begin, orders, world, yesPlan } from "./scene.ts";

function missed(order: Order): OrderUpdate {
  return filled(order, 0);
}

describe("execution of a plan", () => {
  it("sends one order per leg at once, with deterministic ids and one alarm", () => {
    const { step, entries, execution } = begin();
    expect(entries.map(({ id }) => id)).toEqual(["opp.0.0", "opp.1.0", "opp.2.0"]);
    expect(entries.map(({ limitTicks, lots }) => [limitTicks, lots])).toEqual([
      [30, 1000],
      [31, 1000],
      [32, 1000],
    ]);
    expect(step.commands.at(-1)).toEqual({ kind: "wake", at: micros(2_000_000) });
    expect(execution.nextAt()).toBe(micros(2_000_000));
  });

  it("closes as filled with the planned profit when every leg fills as proved", () => {
    const { execution, view, entries } = begin();
    const steps = entries.map((order) => execution.update(filled(order), view, micros(10)));
    const [closed] = steps.at(-1)!.closed;
    expect(closed?.outcome).toBe("filled");
    expect(closed?.expectedRealised).toBe(pico("0.7"));
    expect(closed?.simulatedRealised).toBe(pico("0.7"));
    expect(closed?.lotsFilled).toBe("30");
    expect(closed?.holdings).toHaveLength(3);
    expect(closed?.atRisk.get("v")).toBe(pico("9.3"));
    expect(execution.openPlans).toBe(0);
    expect(execution.nextAt()).toBeNull();
  });

  it("sells what filled when one leg is missed, and the row carries the loss", () => {
    const { execution, view, entries } = begin();
    execution.update(filled(entries[0]!), view, micros(10));
    execution.update(filled(entries[1]!), view, micros(11));
    const unwinding = execution.update(missed(entries[2]!), view, micros(12));
    const sells = orders(unwinding);
    expect(
      sells.map(({ id, action, lots, limitTicks, purpose }) => [id, action, lots, limitTicks, purpose]),
    ).toEqual([
      ["opp.0.1", "sell_yes", 1000, 27, "unwind"],
      ["opp.1.1", "sell_yes", 1000, 27, "unwind"],
    ]);
    execution.update(filled(sells[0]!, 1000, 28), view, micros(20));
    const end = execution.update(filled(sells[1]!, 1000, 28), view, micros(21));
    const [closed] = end.closed;
    expect(closed?.outcome).toBe("partial");
    expect(closed?.reason).toBe("order.no_liquidity");
    expect(closed?.expectedRealised).toBe(0n);
    expect(closed?.simulatedRealised).toBe(pico("-0.5"));
    expect(closed?.holdings).toEqual([]);
    expect(closed?.atRisk.size).toBe(0);
  });

  it("keeps the complete baskets and sells only what is beyond them when a leg fills in part", () => {
    const { execution, view, entries } = begin();
    execution.update(filled(entries[0]!), view, micros(10));
    execution.update(filled(entries[1]!), view, micros(11));
    const sells = orders(execution.update(filled(entries[2]!, 400), view, micros(12)));
    expect(sells.map(({ lots }) => lots)).toEqual([600, 600]);
    execution.update(filled(sells[0]!, 600, 28), view, micros(20));
    const [closed] = execution.update(filled(sells[1]!, 600, 28), view, micros(21)).closed;
    expect(closed?.outcome).toBe("partial");
    expect(closed?.reason).toBe("order.partial");
    expect(closed?.expectedRealised).toBe(pico("0.28"));
    expect(closed?.simulatedRealised).toBe(pico("-0.02"));
  });

  it("ends as missed without a loss when nothing fills", () => {
    const { execution, view, entries } = begin();
    const last = entries.map((order) => execution.update(missed(order), view, micros(10))).at(-1)!;
    expect(last.closed[0]?.outcome).toBe("missed");
    expect(last.closed[0]?.simulatedRealised).toBe(0n);
  });

  it("ignores a duplicate update: no second ledger entry, no second order", () => {
    const { execution, view, entries } = begin();
    const first = execution.update(filled(entries[0]!), view, micros(10));
    const again = execution.update(filled(entries[0]!), view, micros(11));
    expect(first.entries).toHaveLength(1);
    expect(again.entries).toEqual([]);
    expect(orders(again)).toEqual([]);
  });

  it("starts the same plan only once", () => {
    const { execution, view, entries } = begin();
    expect(execution.start(yesPlan(), view, micros(1)).commands).toEqual([]);
    for (const order of entries) execution.update(filled(order), view, micros(10));
    expect(execution.start(yesPlan(), view, micros(20)).commands).toEqual([]);
  });

  it("reports an answer to an order that it never sent", () => {
    const { execution, view } = begin();
    const stray = execution.update(
      { orderId: "x", state: "filled", fills: [], reason: null, at: micros(1) },
      view,
      micros(1),
    );
    expect(stray.alarms).toEqual([{ orderId: "x", reason: "order.duplicate" }]);
  });

  it("cancels at the deadline, then waits with an alarm instead of unwinding against an unknown leg", () => {
    const { execution, view, entries } = begin();
    execution.update(filled(entries[0]!), view, micros(10));
    execution.update(filled(entries[1]!), view, micros(11));
    expect(execution.tick(view, micros(1_999_999)).commands).toEqual([]);
    const cancel = execution.tick(view, micros(2_000_000));
    expect(cancel.commands[0]).toEqual({ kind: "venue.cancel", venue: "v", orderId: "opp.2.0" });
    const alarm = execution.tick(view, micros(7_000_000));
    expect(alarm.alarms).toEqual([{ orderId: "opp.2.0", reason: "order.timeout" }]);
    expect(orders(alarm)).toEqual([]);
    expect(execution.unfinished()[0]?.outcome).toBe("open");
    const late = execution.update(filled(entries[2]!), view, micros(60_000_000));
    expect(late.closed[0]?.outcome).toBe("filled");
  });

  it("holds to settlement when no bid is above the floor, after bounded attempts", () => {
    const { execution, view, entries } = begin();
    for (const { book } of BOOKS) view.set(book, [[5, 5000]], []);
    execution.update(filled(entries[0]!), view, micros(10));
    execution.update(missed(entries[1]!), view, micros(11));
    expect(orders(execution.update(missed(entries[2]!), view, micros(12)))).toEqual([]);
    let closed = execution.tick(view, micros(600_000)).closed;
    closed = [...closed, ...execution.tick(view, micros(1_200_000)).closed];
    closed = [...closed, ...execution.tick(view, micros(1_800_000)).closed];
    expect(closed).toHaveLength(1);
    expect(closed[0]?.simulatedRealised).toBe(pico(-3));
    expect(closed[0]?.atRisk.get("v")).toBe(pico(3));
  });

  it("does not sell on a barred quote", () => {
    const { execution, view, entries } = begin();
    view.bar(0, 153);
    execution.update(filled(entries[0]!), view, micros(10));
    execution.update(missed(entries[1]!), view, micros(11));
    expect(orders(execution.update(missed(entries[2]!), view, micros(12)))).toEqual([]);
    view.bar(0, 0);
    expect(orders(execution.tick(view, micros(600_000)))).toHaveLength(1);
  });

  it("still books a fill that arrives after the plan ended", () => {
    const { execution, view, entries } = begin();
    for (const order of entries) execution.update(missed(order), view, micros(10));
    const late = execution.update(filled(entries[0]!), view, micros(20));
    expect(late.entries).toHaveLength(1);
    expect(late.closed).toEqual([]);
  });

  it("knows what its open plans hold and how they stand, for liquidation and drawdown", () => {
    const { execution, view, entries } = begin();
    expect(execution.openResult()).toBe(0n);
    execution.update(filled(entries[0]!), view, micros(10));
    expect(execution.openResult()).toBe(pico(-3));
    expect(execution.heldByPlans()).toEqual([{ market: "v:m0", yes: pico(10), no: 0n }]);
    for (const order of entries.slice(1)) execution.update(filled(order), view, micros(11));
    expect([execution.openResult(), execution.heldByPlans()]).toEqual([0n, []]);
  });

  it("forgets the oldest ended plans at its bound, never one under way", () => {
    const execution = new Execution({ ...DEFAULT_EXECUTION_OPTIONS, maxRemembered: 3 }, () => false);
    const view = world();
    const first = orders(execution.start(yesPlan("a"), view, micros(0)));
    const second = orders(execution.start(yesPlan("b"), view, micros(0)));
    for (const order of second) execution.update(missed(order), view, micros(1));
    orders(execution.start(yesPlan("c"), view, micros(2)));
    expect(execution.update(missed(second[0]!), view, micros(3)).alarms).toHaveLength(1);
    expect(execution.update(filled(first[0]!), view, micros(3)).entries).toHaveLength(1);
  });

  it("wakes at the earliest deadline of all its plans", () => {
    const execution = new Execution(DEFAULT_EXECUTION_OPTIONS, () => false);
    const view = world();
    const first = orders(execution.start(yesPlan("a"), view, micros(0)));
    expect(execution.start(yesPlan("b"), view, micros(500_000)).commands).not.toContainEqual(
      expect.objectContaining({ kind: "wake" }),
    );
    const steps = first.map((order) => execution.update(filled(order), view, micros(600_000)));
    expect(steps.at(-1)?.commands).toEqual([{ kind: "wake", at: micros(2_500_000) }]);
  });

  it("gives the same steps for the same inputs", () => {
    const play = () => {
      const { execution, view, step, entries } = begin();
      return [
        step,
        execution.update(filled(entries[0]!, 700), view, micros(5)),
        execution.update(filled(entries[1]!), view, micros(6)),
        execution.update(missed(entries[2]!), view, micros(7)),
        execution.tick(view, micros(900_000)),
      ];
    };
    expect(play()).toEqual(play());
  });
});
