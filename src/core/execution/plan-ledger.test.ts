import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Order, OrderUpdate } from "../../contracts/index.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Holding } from "../ledger/worst-value.ts";
import { reservationOf } from "../risk/reserve.ts";
import { Execution } from "./execution.ts";
import { bucket, FakeView, filled, instrument, micros, pico, planOf, transforming } from "./fixture.ts";
import { DEFAULT_EXECUTION_OPTIONS } from "./options.ts";
import { worstInStates } from "./state-worst.ts";
import { book, type ClosedPlan, type ExecutionStep } from "./step.ts";

const BOOKS = [instrument(0), instrument(1), instrument(2)];
const MARKETS = BOOKS.map(({ market }) => market);
const FEE = 12_345n;

/** What the venue does with the next order: share of its lots filled in hundredths, price improvement, silence, repeats. */
interface Luck {
  readonly share: number;
  readonly better: number;
  readonly silent: boolean;
  readonly twice: boolean;
}

const luck: fc.Arbitrary<Luck> = fc.record({
  share: fc.constantFrom(0, 30, 50, 100, 100, 100),
  better: fc.integer({ min: 0, max: 2 }),
  silent: fc.constantFrom(false, false, false, true),
  twice: fc.boolean(),
});

function answer(order: Order, { share, better }: Luck): OrderUpdate {
  const lots = Math.floor((order.lots * share) / 10_000) * 100;
  const improved = order.action.startsWith("buy") ? order.limitTicks - better : order.limitTicks + better;
  return filled(order, lots, improved, FEE);
}

/** Carries a plan out against a venue with the given luck, booking everything, until it ends. */
function carryOut(plan: ReturnType<typeof planOf>, lucks: readonly Luck[], bids: number) {
  const view = new FakeView().list(...BOOKS);
  for (const { book: index } of BOOKS) view.set(index, [[bids, 100_000]], [[100 - bids, 100_000]]);
  const ledger = new Ledger({
    deposits: [{ venue: "v", currency: "USD", amount: pico(100) }],
    parCurrencies: ["USD"],
  });
  const execution = new Execution(DEFAULT_EXECUTION_OPTIONS, () => true);
  const queue: Order[] = [];
  const closed: ClosedPlan[] = [];
  const silent: Order[] = [];
  let orders = 0;
  let now = 0;
  const take = (step: ExecutionStep) => {
    for (const entry of step.entries) {
      expect(book(ledger, entry)).toBe(true);
      for (const sum of ledger.trialBalance().values()) expect(sum).toBe(0n);
    }
    for (const command of step.commands) if (command.kind === "venue.submit") queue.push(command.order);
    closed.push(...step.closed);
  };
  const lines = reservationOf(plan, view, () => pico("0.01"), micros(0), pico("0.01"));
  expect(ledger.reserve(plan.opportunity.id, lines!)).toBe(true);
  take(execution.start(plan, view, micros(0)));
  for (let round = 0; round < 100 && closed.length === 0; round++) {
    now += 700_000;
    const order = queue.shift();
    const chance = order === undefined ? undefined : lucks[orders++ % lucks.length];
    if (order !== undefined && chance !== undefined) {
      if (chance.silent) silent.push(order);
      else {
        const update = answer(order, chance);
        take(execution.update(update, view, micros(now)));
        if (chance.twice) take(execution.update(update, view, micros(now)));
      }
    }
    take(execution.tick(view, micros(now)));
    const waiting = silent[0];
    if (queue.length === 0 && waiting !== undefined && round > 20) {
      silent.shift();
      take(
        execution.update(
          answer(waiting, { share: 100, better: 0, silent: false, twice: false }),
          view,
          micros(now),
        ),
      );
    }
  }
  ledger.release(plan.opportunity.id);
  return { ledger, closed, execution };
}

const convert = {
  type: "neg_risk_convert",
  markets: MARKETS,
  noSet: MARKETS,
  feeBips: 0,
  quantity: "10",
} as const;
const PLANS = {
  "a YES basket": planOf(bucket({ action: "buy_yes", prices: [30, 31, 32], lots: 1000 }, BOOKS)),
  "a NO basket": planOf(bucket({ action: "buy_no", prices: [60, 65, 66], lots: 1000 }, BOOKS)),
  "a converted NO basket": planOf(
    bucket({ action: "buy_no", prices: [60, 65, 66], lots: 1000 }, BOOKS),
    "opp",
    transforming([convert], "20"),
  ),
};

function byMarket(holdings: readonly Holding[]): Holding[] {
  return holdings
    .filter(({ yes, no }) => yes !== 0n || no !== 0n)
    .sort((a, b) => (a.market < b.market ? -1 : 1));
}

describe("a plan and the ledger", () => {
  it.each(Object.entries(PLANS))("agree to the last digit on %s, whatever the venue does", (_name, plan) => {
    fc.assert(
      fc.property(
        fc.array(luck, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 2, max: 40 }),
        (lucks, bids) => {
          const { ledger, closed, execution } = carryOut(plan, lucks, bids);
          expect(closed).toHaveLength(1);
          const [end] = closed;
          const gained = ledger.equityAtWorst((held) => worstInStates(plan.certificate, held)) - pico(100);
          expect(end!.simulatedRealised).toBe(gained);
          expect(end!.fees).toBe(FEE * BigInt(end!.fills.length));
          expect(byMarket(ledger.holdings())).toEqual(byMarket(end!.holdings));
          expect(ledger.summary().reserved).toBe("0");
          expect(ledger.anomalies).toEqual({ overdrawn: 0, oversold: 0 });
          expect(end!.expectedRealised).toBeLessThanOrEqual(plan.guaranteed);
          expect(execution.openPlans).toBe(0);
          expect(new Set(end!.fills.map(({ execId }) => execId)).size).toBe(end!.fills.length);
        },
      ),
      { numRuns: 120 },
    );
  });
});
