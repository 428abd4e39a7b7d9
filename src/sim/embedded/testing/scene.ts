import {
  ASK,
  BID,
  type EventSpec,
  type ExchangeChange,
  type Level,
  type Lots,
  type Micros,
  type OrderRequest,
  type Side,
  type Ticks,
} from "../../../contracts/index.ts";
import { StepClock } from "../../net/step-clock.ts";
import { SeededRng } from "../../rng.ts";
import type { ListedMarket } from "../listed-market.ts";
import { MatchingExchange } from "../matching-exchange.ts";
import { type FakeTerms, fakeModule, KALSHI_LIKE } from "./fake-module.ts";

export const START = 1_800_000_000_000_000 as Micros;
export const SECOND = 1_000_000;

/** 64 hex digits that depend on the text: enough of a hash where nothing is checked against it. */
export function sha256(text: string): string {
  const rng = new SeededRng(text);
  return Array.from({ length: 8 }, () => rng.uint32().toString(16).padStart(8, "0")).join("");
}

/** A question of `count` outcomes; one is a binary. */
export function question(
  count: number,
  kind: EventSpec["kind"] = count === 1 ? "binary" : "bucket",
): EventSpec {
  return {
    topic: "topic",
    slot: 0,
    generation: 0,
    kind,
    title: "Question",
    outcomes: Array.from({ length: count }, (_, i) => `outcome ${i}`),
    rules: "",
    opensAt: START,
    closesAt: (START + 3_600 * SECOND) as Micros,
    variety: 0,
    volume: 1,
  };
}

export interface Scene {
  readonly clock: StepClock;
  readonly exchange: MatchingExchange;
  readonly books: readonly ListedMarket[];
  readonly changes: ExchangeChange[];
}

/** One exchange with one event of `count` outcomes; accounts `ann`, `bob` and `cy` hold 1,000 each. */
export function scene(count = 1, terms: FakeTerms = KALSHI_LIKE, spec: EventSpec = question(count)): Scene {
  const clock = new StepClock(START);
  const exchange = new MatchingExchange("v", clock);
  const books = exchange.list(fakeModule(terms).list(spec, "v", sha256));
  for (const name of ["ann", "bob", "cy"]) exchange.deposit(name, "1000");
  const changes: ExchangeChange[] = [];
  exchange.listen((change) => changes.push(change));
  return { clock, exchange, books, changes };
}

/** A `gtc` order of whole contracts at a price in cents; fields may be replaced. */
export function order(
  book: ListedMarket,
  account: string,
  side: Side,
  cents: number,
  contracts: number,
  rest: Partial<OrderRequest> = {},
): OrderRequest {
  return {
    account,
    clientId: null,
    symbol: book.symbol,
    side,
    ticks: ((cents * book.priceScale) / 100) as Ticks,
    lots: (contracts * book.sizeScale) as Lots,
    timeInForce: "gtc",
    postOnly: false,
    expiresAt: null,
    ...rest,
  };
}

/** Books as a client sees them who knows the announced changes only. */
export class Folded {
  readonly #levels = new Map<string, Map<number, number>>();

  see(change: ExchangeChange): void {
    if (change.kind !== "level") return;
    const levels = this.#side(change.symbol, change.side);
    const before = levels.get(change.ticks) ?? 0;
    if (before + change.lotsChange !== change.lots)
      throw new Error(`level change does not add up: ${JSON.stringify(change)}`);
    if (change.lots === 0) levels.delete(change.ticks);
    else levels.set(change.ticks, change.lots);
    if (this.best(change.symbol, BID) !== change.bestBid || this.best(change.symbol, ASK) !== change.bestAsk)
      throw new Error(`best prices disagree: ${JSON.stringify(change)}`);
  }

  /** What stood before the first change. */
  start(symbol: string, side: Side, levels: readonly Level[]): void {
    for (const { ticks, lots } of levels) this.#side(symbol, side).set(ticks, lots);
  }

  /** -1 = empty. */
  best(symbol: string, side: Side): number {
    let best = -1;
    for (const ticks of this.#side(symbol, side).keys())
      if (best === -1 || (side === BID ? ticks > best : ticks < best)) best = ticks;
    return best;
  }

  /** `[ticks, lots]`, best first. */
  levels(symbol: string, side: Side): readonly (readonly [number, number])[] {
    return [...this.#side(symbol, side)].sort(([a], [b]) => (side === BID ? b - a : a - b));
  }

  #side(symbol: string, side: Side): Map<number, number> {
    const key = `${symbol}/${side}`;
    let levels = this.#levels.get(key);
    if (levels === undefined) {
      levels = new Map();
      this.#levels.set(key, levels);
    }
    return levels;
  }
}
