import type { EmbeddedEvent, EmbeddedMarket, ExchangeMarket, Micros } from "../../../src/contracts/index.ts";
import { SIZE_SCALE } from "../scales.ts";
import { type EventRecords, recordsOf } from "./records.ts";
import type { PriceGrid } from "./terms.ts";

/** Result as the venue words it: what one YES contract pays in dollars. */
export interface Determination {
  readonly result: "yes" | "no" | "scalar";
  readonly value: string;
}

/** Way of a resolved market to its end. */
export interface Settlement {
  phase: "determined" | "disputed" | "amended" | "finalized";
  determination: Determination;
  at: Micros;
}

/** What the venue keeps of a market beside its exchange. */
export interface MarketState {
  updatedAt: number;
  /** Close when it is not the one first planned. */
  closesAt: Micros | null;
  /** Grid when it is not the one first listed. */
  grid: PriceGrid | null;
  tradedLots: number;
  lastTradeLots: number;
  settlement: Settlement | null;
}

/** What the venue keeps of an event. */
export interface EventState {
  /** Position in listings: grows by one with each event. */
  readonly sequence: number;
  readonly listedAt: number;
  readonly records: EventRecords;
  /** Lots of each market traded in the day before it was listed here. */
  readonly dayLots: number;
}

export type WireStatus =
  | "initialized"
  | "active"
  | "inactive"
  | "closed"
  | "determined"
  | "disputed"
  | "amended"
  | "finalized";

/** Keeps the states, each as long as its market or event is held by the exchange. */
export class MarketStates {
  readonly #markets = new WeakMap<EmbeddedMarket, MarketState>();
  readonly #events = new WeakMap<EmbeddedEvent, EventState>();
  #listed = 0;

  of(market: EmbeddedMarket): MarketState {
    let state = this.#markets.get(market);
    if (state === undefined) {
      state = {
        updatedAt: 0,
        closesAt: null,
        grid: null,
        tradedLots: 0,
        lastTradeLots: 0,
        settlement: null,
      };
      this.#markets.set(market, state);
    }
    return state;
  }

  /** @param now used when the event is new: it was listed just now. */
  ofEvent(event: EmbeddedEvent, now: number): EventState {
    let state = this.#events.get(event);
    if (state === undefined) {
      const { spec, markets } = event;
      const dayLots = Math.floor((spec.volume * SIZE_SCALE) / markets.length);
      state = { sequence: ++this.#listed, listedAt: now, records: recordsOf(spec), dayLots };
      this.#events.set(event, state);
      for (const market of markets) this.of(market).updatedAt = now;
    }
    return state;
  }

  /** Close in force. */
  closesAt(market: ExchangeMarket): Micros {
    return this.of(market.market).closesAt ?? market.closesAt;
  }
}

/** The venue's name of a market's status. Source: market lifecycle page. */
export function wireStatus(market: ExchangeMarket, state: MarketState, now: number): WireStatus {
  if (state.settlement !== null) return state.settlement.phase;
  switch (market.status) {
    case "open":
      return "active";
    case "paused":
    case "unknown":
      return now < (market.market.listing.opensAt ?? 0) ? "initialized" : "inactive";
    case "closed":
      return "closed";
    case "resolved":
      return "determined";
  }
}

/** Statuses that a `status=` filter matches; null = no such filter. */
export function statusFilter(name: string): ReadonlySet<WireStatus> | null {
  return FILTERS.get(name) ?? null;
}

const FILTERS: ReadonlyMap<string, ReadonlySet<WireStatus>> = new Map([
  ["unopened", new Set<WireStatus>(["initialized"])],
  ["open", new Set<WireStatus>(["active"])],
  ["paused", new Set<WireStatus>(["inactive"])],
  ["closed", new Set<WireStatus>(["closed", "determined", "disputed", "amended"])],
  ["settled", new Set<WireStatus>(["finalized"])],
]);
