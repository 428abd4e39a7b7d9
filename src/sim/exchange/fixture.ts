import {
  BID,
  type BookId,
  type Instrument,
  type LegAction,
  type Level,
  type Lots,
  type Micros,
  type Order,
  type OrderUpdate,
  type Pico,
  type Rng,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import { PaperExchange } from "./exchange.ts";
import type { ExchangeView, OrderFees } from "./match.ts";
import { DEFAULT_PAPER_OPTIONS, type PaperOptions } from "./options.ts";

/** Fixture of the tests of the paper exchange: one book, one order, a seeded generator. Imported by tests only. */

export const T0 = 1_700_000_000_000_000;
export const at = (offset: number) => (T0 + offset) as Micros;

export const INSTRUMENT: Instrument = {
  book: 0 as BookId,
  key: "v:b",
  venue: "v",
  symbol: "b",
  market: "v:m",
  side: "unified",
  title: "t",
  priceScale: 100,
  sizeScale: 100,
  tickRanges: [{ fromTicks: 1 as Ticks, toTicks: 99 as Ticks, stepTicks: 1 as Ticks }],
  minLots: 100 as Lots,
  lotStep: 100 as Lots,
  fees: [],
  currency: "USD",
  status: "open",
  opensAt: null,
  closesAt: null,
};

export type Row = readonly [ticks: number, lots: number];

export class View implements ExchangeView {
  bids: readonly Row[] = [];
  asks: readonly Row[] = [];
  reason = 0;
  terms: Instrument | undefined = INSTRUMENT;

  instrument(): Instrument | undefined {
    return this.terms;
  }

  barred(): number {
    return this.reason;
  }

  ladder(_book: BookId, side: Side, maxLevels: number): readonly Level[] {
    const rows = side === BID ? this.bids : this.asks;
    return rows.slice(0, maxLevels).map(([ticks, lots]) => ({ ticks: ticks as Ticks, lots: lots as Lots }));
  }
}

/** A seeded generator good enough for tests: equal seeds, equal numbers; forks depend on the label only. */
export function testRng(seed: number): Rng {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    next,
    int: (bound) => Math.floor(next() * bound),
    fork: (label) => {
      let hash = seed >>> 0;
      for (const letter of label) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
      return testRng(hash);
    },
  };
}

export const cent: OrderFees = (_instrument, _action, fills) => fills.map(({ lots }) => BigInt(lots) as Pico);
export const EXACT: PaperOptions = {
  ...DEFAULT_PAPER_OPTIONS,
  defaultLatency: { orderMicros: [100], answerMicros: [50] },
  rejectPpm: 0,
};

export function order(id: string, action: LegAction, lots: number, limitTicks: number): Order {
  return {
    id,
    opportunity: "o",
    leg: 0,
    attempt: 0,
    book: 0 as BookId,
    action,
    lots: lots as Lots,
    limitTicks: limitTicks as Ticks,
    role: "taker",
    purpose: "entry",
  };
}

export function setup(options: Partial<PaperOptions> = {}, fees: OrderFees = cent) {
  const view = new View();
  view.asks = [
    [40, 500],
    [41, 300],
    [43, 1000],
  ];
  view.bids = [
    [38, 400],
    [36, 600],
  ];
  return { view, exchange: new PaperExchange({ ...EXACT, ...options }, testRng(7), fees) };
}

/** Sends one order and waits for its answer. */
export function trade(world: ReturnType<typeof setup>, sent: Order, from = 0): OrderUpdate {
  world.exchange.submit(sent, at(from), "v");
  const [update] = world.exchange.advance(at(from + 1_000), world.view);
  if (update === undefined) throw new RangeError("no answer");
  return update;
}
