import {
  type Approved,
  BID,
  type BookId,
  type Certificate,
  type CertificateTransform,
  type Fill,
  type Finding,
  formatDecimal,
  type Instrument,
  type Leg,
  type LegAction,
  type Level,
  type Lots,
  type MarketView,
  type Micros,
  type Order,
  type OrderUpdate,
  PICO_DIGITS,
  PICO_ONE,
  type Pico,
  type Plan,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";

/** Fixture of the tests of money and orders: books, baskets with their certificates, answers. Imported by tests only. */

export const T0 = 1_700_000_000_000_000 as Micros;

export function micros(offset: number): Micros {
  return (T0 + offset) as Micros;
}

export function pico(text: number | string): Pico {
  return (BigInt(Math.round(Number(text) * 1e6)) * 1_000_000n) as Pico;
}

/** A unified book on cents (scale 100) with lots of 1/100 contract, no fee. */
export function instrument(book: number, changes: Partial<Instrument> = {}): Instrument {
  return {
    book: book as BookId,
    key: `v:b${book}`,
    venue: "v",
    symbol: `b${book}`,
    market: `v:m${book}`,
    side: "unified",
    title: `market ${book}`,
    priceScale: 100,
    sizeScale: 100,
    tickRanges: [{ fromTicks: 1 as Ticks, toTicks: 99 as Ticks, stepTicks: 1 as Ticks }],
    minLots: 100 as Lots,
    lotStep: 100 as Lots,
    fees: [{ id: "none", from: 0 as Micros, spec: { type: "none" }, source: "test" }],
    currency: "USD",
    status: "open",
    opensAt: null,
    closesAt: null,
    ...changes,
  };
}

interface FakeBook {
  bids: Level[];
  asks: Level[];
  barred: number;
  settled: number;
}

/** A market view whose books the test sets. Ladders are `[ticks, lots]`, best first. */
export class FakeView implements MarketView {
  now = T0;
  factSeq = 1;
  readonly sha256 = (text: string): string => `hash(${text})`;
  readonly #instruments = new Map<number, Instrument>();
  readonly #books = new Map<number, FakeBook>();

  list(...instruments: readonly Instrument[]): this {
    for (const each of instruments) this.#instruments.set(each.book, each);
    return this;
  }

  set(
    book: number,
    bids: readonly (readonly [number, number])[],
    asks: readonly (readonly [number, number])[],
  ): this {
    const levels = (rows: typeof bids) =>
      rows.map(([ticks, lots]) => ({ ticks: ticks as Ticks, lots: lots as Lots }));
    this.#books.set(book, { ...this.#book(book), bids: levels(bids), asks: levels(asks) });
    return this;
  }

  bar(book: number, reasonNumber: number): this {
    this.#books.set(book, { ...this.#book(book), barred: reasonNumber });
    return this;
  }

  settle(book: number, lots: number): this {
    this.#books.set(book, { ...this.#book(book), settled: lots });
    return this;
  }

  instrument(book: BookId): Instrument | undefined {
    return this.#instruments.get(book);
  }

  familyCount(): number {
    return 0;
  }

  family(): never {
    throw new RangeError("the fake view has no families");
  }

  familiesOf(): readonly number[] {
    return [];
  }

  barred(book: BookId, _side: Side): number {
    return this.#book(book).barred;
  }

  bestTicks(book: BookId, side: Side): number {
    return this.ladder(book, side, 1)[0]?.ticks ?? -1;
  }

  bestLots(book: BookId, side: Side): number {
    return this.ladder(book, side, 1)[0]?.lots ?? 0;
  }

  ladder(book: BookId, side: Side, maxLevels: number): readonly Level[] {
    const { bids, asks } = this.#book(book);
    return (side === BID ? bids : asks).slice(0, maxLevels);
  }

  settledLots(book: BookId, _side: Side, _limitTicks: number): number {
    return this.#book(book).settled;
  }

  #book(book: number): FakeBook {
    return this.#books.get(book) ?? { bids: [], asks: [], barred: 0, settled: 1_000_000 };
  }
}

const text = (amount: bigint): string => formatDecimal(amount, PICO_DIGITS);

export interface Basket {
  readonly lane?: string;
  readonly family?: string;
  readonly action: LegAction;
  /** Price of each leg on the claim's scale. */
  readonly prices: readonly number[];
  readonly lots: number;
  readonly confidence?: number;
}

/** A one-level bucket basket over books 0..n-1: exactly one outcome happens. Exact certificate, no fees. */
export function bucket(basket: Basket, books: readonly Instrument[]): Finding {
  const { action, prices, lots } = basket;
  const quantity = BigInt(lots) * (PICO_ONE / 100n);
  const costs = prices.map((price) => (quantity * BigInt(price)) / 100n);
  const capital = costs.reduce((a, b) => a + b, 0n);
  const yes = action === "buy_yes";
  const payoff = yes ? quantity : quantity * BigInt(prices.length - 1);
  const guaranteed = payoff - capital;
  const propositions = prices.map((_, index) => `p${index}`);
  const certificate: Certificate = {
    version: 1,
    kind: "enumerated",
    lane: basket.lane ?? "bucket",
    family: basket.family ?? "f",
    issuedAt: T0,
    propositions,
    markets: Object.fromEntries(propositions.map((name, index) => [name, books[index]!.market])),
    relations: [
      { type: "exclusive", propositions, evidenceHash: "e", expiresAt: null },
      { type: "exhaustive", propositions, evidenceHash: "e", expiresAt: null },
    ],
    legs: prices.map((price, index) => ({
      instrument: books[index]!.key,
      venue: books[index]!.venue,
      market: books[index]!.market,
      proposition: propositions[index]!,
      side: yes ? "YES" : "NO",
      action: "buy",
      lot: "1",
      minQuantity: "1",
      feeVersion: "none",
      fee: { type: "none" },
      ladder: [[formatDecimal(BigInt(price), 2), text(quantity)]],
      fills: [[formatDecimal(BigInt(price), 2), text(quantity), "0"]],
      quantity: text(quantity),
      received: text(quantity),
      cash: text(costs[index]!),
    })),
    transforms: [],
    books: [],
    states: propositions.map((name) => ({ name, payoff: text(payoff), net: text(guaranteed) })),
    capital: text(capital),
    immediateCash: "0",
    fees: "0",
    worstState: "p0",
    guaranteed: text(guaranteed),
    hash: "h",
  };
  const legs = prices.map((price, index): Leg => {
    return { book: books[index]!.book, action, lots: lots as Lots, limitTicks: price as Ticks };
  });
  return {
    lane: certificate.lane,
    family: certificate.family,
    style: yes ? "yes_basket" : "no_basket",
    legs,
    certificate,
    guaranteed: guaranteed.toString(),
    capital: capital.toString(),
    confidence: basket.confidence ?? 1,
  };
}

/** A plan of all of a finding. */
export function planOf(finding: Finding, id = "opp", changes: Partial<Certificate> = {}): Approved<Plan> {
  const certificate = { ...finding.certificate, ...changes };
  const plan: Plan = {
    opportunity: { id, foundAt: T0, factSeq: 1, finding },
    legs: finding.legs,
    certificate,
    capital: BigInt(finding.capital) as Pico,
    guaranteed: BigInt(finding.guaranteed) as Pico,
    boundBy: "depth",
  };
  return plan as Approved<Plan>;
}

/** The certificate of a basket that also transforms; money fields are the caller's. */
export function transforming(
  transforms: readonly CertificateTransform[],
  immediateCash: string,
): Partial<Certificate> {
  return { transforms, immediateCash };
}

/** An answer that fills `lots` of an order at `ticks`. */
export function filled(
  order: Order,
  lots: number = order.lots,
  ticks: number = order.limitTicks,
  fee = 0n,
): OrderUpdate {
  const fill: Fill = {
    orderId: order.id,
    execId: `${order.id}#0`,
    book: order.book,
    action: order.action,
    lots: lots as Lots,
    priceTicks: ticks as Ticks,
    fee: fee.toString(),
    at: T0,
  };
  const full = lots === order.lots;
  return {
    orderId: order.id,
    state: full ? "filled" : "cancelled",
    fills: lots > 0 ? [fill] : [],
    reason: full ? null : lots > 0 ? "order.partial" : "order.no_liquidity",
    at: T0,
  };
}
