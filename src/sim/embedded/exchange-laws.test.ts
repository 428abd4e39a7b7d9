import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type ExchangeFill,
  type Lots,
  type OrderRequest,
  parseDecimal,
  type Side,
} from "../../contracts/index.ts";
import { KALSHI_LIKE, POLYMARKET_LIKE } from "./testing/fake-module.ts";
import { Folded, order, type Scene, scene } from "./testing/scene.ts";

const ACCOUNTS = ["ann", "bob", "cy"] as const;
const ONE = 10n ** 12n;

const side = fc.constantFrom<Side>(BID, ASK);
const cents = fc.integer({ min: 30, max: 70 });
const contracts = fc.integer({ min: 5, max: 40 });
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("submit" as const),
      account: fc.constantFrom(...ACCOUNTS),
      side,
      cents,
      contracts,
      timeInForce: fc.constantFrom<OrderRequest["timeInForce"]>("gtc", "gtc", "ioc", "fok"),
      postOnly: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("quote" as const), side, cents, contracts }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("withdraw" as const), side, cents, contracts }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("hit" as const), side, cents, contracts }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("cancel" as const),
      account: fc.constantFrom(...ACCOUNTS),
      nth: fc.nat(20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("split" as const, "merge" as const),
      account: fc.constantFrom(...ACCOUNTS),
      contracts,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("pause" as const, "open" as const, "clear" as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("fine" as const, "coarse" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function carryOut({ exchange, books }: Scene, each: Step): void {
  const book = books[0]!;
  const ticks = (c: number) => (c * book.priceScale) / 100;
  switch (each.do) {
    case "submit": {
      const { timeInForce, postOnly } = each;
      exchange.submit(
        order(book, each.account, each.side, each.cents, each.contracts, { timeInForce, postOnly }),
      );
      return;
    }
    case "quote":
      exchange.quote(book, each.side, ticks(each.cents), each.contracts * book.sizeScale);
      return;
    case "withdraw":
      exchange.withdraw(book, each.side, ticks(each.cents), each.contracts * book.sizeScale);
      return;
    case "hit":
      exchange.hit(book, each.side, ticks(each.cents), each.contracts * book.sizeScale);
      return;
    case "cancel": {
      const { id } = exchange.orders(each.account)[each.nth] ?? { id: "none" };
      exchange.cancel(each.account, id);
      return;
    }
    case "split":
    case "merge":
      exchange[each.do](each.account, book.symbol, (each.contracts * book.sizeScale) as Lots);
      return;
    case "pause":
      exchange.setStatus(book, "paused");
      return;
    case "open":
      exchange.setStatus(book, "open");
      return;
    case "clear":
      exchange.clear(book, "cancelled");
      return;
    case "fine":
      exchange.setStep(book, book.priceScale / 1_000);
      return;
    case "coarse":
      exchange.setStep(book, book.priceScale / 20);
      return;
  }
}

/** Money after all is settled, from the fills alone: a bid pays its price, an ask earns it, a YES held pays out. */
function settledCash(fills: readonly ExchangeFill[], book: Scene["books"][0], yesPicos: bigint): bigint {
  const quantum = ONE / BigInt(book.priceScale) / BigInt(book.sizeScale);
  let cash = 1_000n * ONE;
  for (const fill of fills) {
    const paid = BigInt(fill.ticks) * BigInt(fill.lots) * quantum;
    const paysOut = (BigInt(fill.lots) * yesPicos) / BigInt(book.sizeScale);
    cash += (fill.side === BID ? paysOut - paid : paid - paysOut) - parseDecimal(fill.fee, 12)!;
  }
  return cash;
}

describe("MatchingExchange, whatever is done", () => {
  for (const [name, terms] of [
    ["cents and hundredths", KALSHI_LIKE],
    ["millionths", POLYMARKET_LIKE],
  ] as const)
    it(`keeps books and money in order (${name})`, () => {
      void fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom("0", "1", "0.5"), (steps, payout) => {
          const all = scene(1, terms);
          const { exchange, changes } = all;
          const book = all.books[0]!;
          const folded = new Folded();
          for (const each of steps) {
            changes.length = 0;
            carryOut(all, each);
            for (const change of changes) folded.see(change);
            for (const where of [BID, ASK] as const) {
              const levels = exchange.levels(book.symbol, where);
              expect(levels.map(({ ticks, lots }) => [ticks, lots])).toEqual(
                folded.levels(book.symbol, where),
              );
              for (const { ticks, lots } of levels) {
                const ordered = ACCOUNTS.flatMap((account) => exchange.orders(account))
                  .filter((o) => o.status === "resting" && o.side === where && o.ticks === ticks)
                  .reduce((sum, o) => sum + o.lots - o.filledLots, 0);
                expect(ordered + book.side(where).anonymousLots(ticks)).toBe(lots);
              }
            }
            const [bid, ask] = [book.bids.best(), book.asks.best()];
            expect(bid === -1 || ask === -1 || bid < ask).toBe(true);
            if (book.status !== "open") expect([bid, ask]).toEqual([-1, -1]);
          }
          exchange.resolve(book, payout);
          const yes = payout === "1" ? ONE : payout === "0" ? 0n : ONE / 2n;
          for (const account of ACCOUNTS) {
            expect(exchange.orders(account).every((o) => o.status !== "resting")).toBe(true);
            expect(exchange.positions(account).size).toBe(0);
            expect(parseDecimal(exchange.cash(account), 12)).toBe(
              settledCash(exchange.fills(account), book, yes),
            );
          }
        }),
        { numRuns: 150 },
      );
    });

  it("fills by price, then by time, like a plain list of orders", () => {
    const entry = fc.record({
      account: fc.constantFrom(...ACCOUNTS, "nobody"),
      side,
      cents: fc.integer({ min: 45, max: 55 }),
      contracts: fc.integer({ min: 1, max: 9 }),
    });
    void fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const { exchange, books } = scene();
        const book = books[0]!;
        const plain = new PlainBook();
        for (const each of entries) {
          const fillsBefore = ACCOUNTS.map((account) => exchange.fills(account).length);
          const ticks = each.cents * 100;
          if (each.account === "nobody") exchange.quote(book, each.side, ticks, each.contracts * 100);
          else exchange.submit(order(book, each.account, each.side, each.cents, each.contracts));
          const seen = ACCOUNTS.flatMap((account, i) =>
            exchange
              .fills(account)
              .slice(fillsBefore[i])
              .map((fill) => `${account} ${fill.role} ${fill.lots}@${fill.ticks}`),
          );
          expect(seen.sort()).toEqual(
            plain.enter(each.account, each.side, ticks, each.contracts * 100).sort(),
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});

interface PlainOrder {
  readonly who: string;
  readonly side: Side;
  readonly ticks: number;
  lots: number;
}

/** The slowest matching engine: one list in order of arrival. */
class PlainBook {
  #orders: PlainOrder[] = [];

  /** @returns the fills of named parties. */
  enter(who: string, from: Side, ticks: number, size: number): string[] {
    const fills: string[] = [];
    let lots = size;
    for (;;) {
      const best = this.#bestAgainst(from, ticks);
      if (best === undefined || lots === 0) break;
      if (best.who === who && who !== "nobody") {
        this.#orders = this.#orders.filter((each) => each !== best);
        continue;
      }
      const traded = Math.min(lots, best.lots);
      lots -= traded;
      best.lots -= traded;
      if (best.who !== "nobody") fills.push(`${best.who} maker ${traded}@${best.ticks}`);
      if (who !== "nobody") fills.push(`${who} taker ${traded}@${best.ticks}`);
      this.#orders = this.#orders.filter((each) => each.lots > 0);
    }
    if (lots > 0) this.#join({ who, side: from, ticks, lots });
    return fills;
  }

  /** Anonymous liquidity that joins behind anonymous liquidity is one stretch of the queue. */
  #join(entry: PlainOrder): void {
    const last = this.#orders.findLast((each) => each.side === entry.side && each.ticks === entry.ticks);
    if (entry.who === "nobody" && last?.who === "nobody") last.lots += entry.lots;
    else this.#orders.push(entry);
  }

  #bestAgainst(from: Side, limit: number): PlainOrder | undefined {
    const sign = from === BID ? 1 : -1;
    let best: PlainOrder | undefined;
    for (const each of this.#orders) {
      if (each.side === from || sign * (each.ticks - limit) > 0) continue;
      if (best === undefined || sign * (each.ticks - best.ticks) < 0) best = each;
    }
    return best;
  }
}
