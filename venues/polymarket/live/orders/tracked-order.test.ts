import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  BookId,
  Fill,
  Instrument,
  Lots,
  Micros,
  Order,
  Ticks,
} from "../../../../src/contracts/index.ts";
import { compileFee, feeOfFill, takerFee } from "../../../../src/proof/fees.ts";
import { feeVersions, listingOf } from "../../listing.ts";
import { fillFee } from "./fees.ts";
import type { TradePart } from "./order-answers.ts";
import { splitAt, TrackedOrder } from "./tracked-order.ts";

const AT = 1 as Micros;

function instrument(rate: string | null, exponent = "1"): Instrument {
  const schedule = rate === null ? null : { rate, exponent, takerOnly: true };
  const listing = listingOf({
    venue: "polymarket",
    conditionId: "0x1",
    tokens: ["1", "2"],
    title: "?",
    tickSize: "0.01",
    minSize: "5",
    fees: feeVersions({ enabled: rate === null ? null : rate !== "", schedule }, "test"),
    status: "open",
    opensAt: null,
    closesAt: null,
  });
  return { ...listing, book: 0 as BookId, key: "polymarket:1", venue: "polymarket" };
}

const ORDER: Order = {
  id: "o",
  opportunity: "p",
  leg: 0,
  attempt: 0,
  book: 0 as BookId,
  action: "buy_yes",
  lots: 100_000_000 as Lots,
  limitTicks: 5_000 as Ticks,
  role: "taker",
  purpose: "entry",
};

function tracked(): TrackedOrder {
  const signed = { terms: {} as never, signature: "0x", id: "0x1" };
  const route = { token: "1", side: "BUY", conditionId: "0x1" } as const;
  return new TrackedOrder(ORDER, instrument("0.05"), route, signed, 2, AT);
}

const sum = (fills: readonly Fill[]) =>
  fills.reduce(
    (total, { lots, priceTicks }) => ({
      lots: total.lots + lots,
      money: total.money + BigInt(lots) * BigInt(priceTicks),
    }),
    { lots: 0, money: 0n },
  );

describe("prices of an average", () => {
  it("keep money and lots exact", () => {
    const lots = fc.integer({ min: 1, max: 10_000_000_000 });
    const ticks = fc.integer({ min: 1, max: 9_998 });
    fc.assert(
      fc.property(lots, ticks, fc.double({ min: 0, max: 1, noNaN: true }), (count, price, share) => {
        const money = BigInt(price) * BigInt(count) + BigInt(Math.floor(share * (count - 1)));
        const parts = splitAt(count, money)!;
        expect(parts.length).toBeLessThanOrEqual(2);
        expect(parts.reduce((total, part) => total + part.lots, 0)).toBe(count);
        expect(parts.reduce((total, part) => total + BigInt(part.ticks) * BigInt(part.lots), 0n)).toBe(money);
      }),
    );
  });

  it("are none outside (0, 1)", () => {
    expect(splitAt(10, null)).toBeNull();
    expect(splitAt(10, 0n)).toBeNull();
    expect(splitAt(10, 9n)).toBeNull();
    expect(splitAt(10, 100_000n)).toBeNull();
    expect(splitAt(10, 99_991n)).toBeNull();
    expect(splitAt(0, 10n)).toBeNull();
  });
});

describe("evidence of fills", () => {
  const trades = fc.array(
    fc.record({
      lots: fc.integer({ min: 1_000_000, max: 20_000_000 }),
      ticks: fc.integer({ min: 100, max: 5_000 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it("comes from several sources in any order, each as often as it likes, and counts once", () => {
    fc.assert(
      fc.property(trades, fc.array(fc.nat(100)), (all, picks) => {
        const parts: TradePart[] = all.map(({ lots, ticks }, index) => ({
          trade: `t${index}`,
          orderId: "0x1",
          lots,
          money: BigInt(lots) * BigInt(ticks),
          status: "matched",
        }));
        const whole = parts.reduce(
          (total, { lots, money }) => ({ lots: total.lots + lots, money: total.money + money }),
          { lots: 0, money: 0n },
        );
        const order = tracked();
        const fills: Fill[] = [];
        // The answer states the whole; it comes somewhere among the trades.
        const answerAt = picks[0] ?? 0;
        const sequence = [...picks.map((pick) => pick % parts.length), ...parts.keys()];
        sequence.forEach((index, at) => {
          if (at === answerAt) fills.push(...order.matched(whole.lots, whole.money, AT));
          fills.push(...order.trade(parts[index]!, AT));
        });
        expect(sum(fills)).toEqual(whole);
        expect(new Set(fills.map(({ execId }) => execId)).size).toBe(fills.length);
        expect(fills.every(({ priceTicks }) => priceTicks > 0 && priceTicks < 10_000)).toBe(true);
      }),
    );
  });

  it("without money is booked at the limit", () => {
    const fills = tracked().matched(7, null, AT);
    expect(fills).toMatchObject([{ lots: 7, priceTicks: 5_000 }]);
  });
});

describe("fees", () => {
  it("are those the engine counts with", () => {
    const rate = fc.constantFrom("0.07", "0.05", "0.0175", "0.25");
    const ticks = fc.integer({ min: 1, max: 9_999 });
    const lots = fc.integer({ min: 1, max: 10_000_000_000 });
    fc.assert(
      fc.property(rate, fc.constantFrom("1", "2"), ticks, lots, (text, exponent, price, size) => {
        const terms = instrument(text, exponent);
        const fee = compileFee(takerFee(terms.fees[0]!.spec)!)!;
        const amounts = {
          ticks: BigInt(price),
          lots: BigInt(size),
          priceScale: 10_000n,
          sizeScale: 1_000_000n,
        };
        expect(fillFee(terms, price, size, AT)).toBe(feeOfFill(fee, "buy", amounts, 0n).fee);
      }),
    );
  });

  it("match the venue's table, are nothing where there are none, and the worst where they are not known", () => {
    expect(fillFee(instrument("0.07"), 5_000, 100_000_000, AT)).toBe(1_750_000_000_000n);
    expect(fillFee(instrument("0.05"), 3_000, 100_000_000, AT)).toBe(1_050_000_000_000n);
    expect(fillFee(instrument("0.25", "2"), 5_000, 125_500_000, AT)).toBe(1_960_940_000_000n);
    expect(fillFee(instrument(""), 5_000, 100_000_000, AT)).toBe(0n);
    expect(fillFee(instrument(null), 5_000, 100_000_000, AT)).toBe(1_750_000_000_000n);
    expect(fillFee({ ...instrument(""), fees: [] }, 5_000, 100_000_000, AT)).toBe(1_750_000_000_000n);
  });
});
