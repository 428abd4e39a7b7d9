import fc from "fast-check";
import {
  ASK,
  BID,
  type Level,
  type Listing,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
  type VenueModule,
  type WireAction,
  type WireBook,
} from "../../src/contracts/index.ts";

/** A book and a tape that any venue can be asked to encode: nothing in it belongs to one wire. */

const START = 1_778_480_000_000_000;
/** Acceptable as a ticker and as a token id. */
const SYMBOL = "50000000000000000000000000000000000000000000000000000000000000000000000000001";
const MIRROR = "11400000000000000000000000000000000000000000000000000000000000000000000000002";
const MARKET = "0xa8adfd2128c320af6b3369aae60e69a88e06dd0baf98122cae11ac15bebcaff6";
/** Prices lie on whole cents, sizes on whole contracts: every venue can say them. */
const CENTS = 100;

export function listingFor({ id, scales }: VenueModule): Listing {
  const step = (scales.priceScale / CENTS) as Ticks;
  return {
    symbol: SYMBOL,
    market: `${id}:${MARKET}`,
    side: "unified",
    mirrorSymbol: MIRROR,
    title: "Will it rain?",
    priceScale: scales.priceScale,
    sizeScale: scales.sizeScale,
    tickRanges: [{ fromTicks: step, toTicks: (scales.priceScale - step) as Ticks, stepTicks: step }],
    minLots: scales.sizeScale as Lots,
    lotStep: scales.sizeScale as Lots,
    fees: [],
    currency: scales.currency,
    status: "open",
    opensAt: null,
    closesAt: null,
  };
}

interface Said {
  readonly kind: "snapshot" | "level" | "trade";
  readonly side: Side;
  readonly cents: number;
  readonly contracts: number;
  readonly bids: readonly (readonly [cents: number, contracts: number])[];
  readonly asks: readonly (readonly [cents: number, contracts: number])[];
}

const cents = fc.integer({ min: 1, max: CENTS - 1 });
const contracts = fc.integer({ min: 1, max: 5_000 });
const ladder = fc.uniqueArray(fc.tuple(cents, contracts), { selector: ([price]) => price, maxLength: 8 });

/** What is said, before it is put into one venue's scales. */
export const SAID: fc.Arbitrary<readonly Said[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("snapshot", "level", "level", "level", "trade"),
    side: fc.constantFrom<Side>(BID, ASK),
    cents,
    contracts: fc.oneof(fc.constant(0), contracts),
    bids: ladder,
    asks: ladder,
  }),
  { maxLength: 40 },
);

export type Sides = readonly [bids: Map<number, number>, asks: Map<number, number>];

/** Best bid and ask of two plain maps; -1 = empty. */
export function topOf([bids, asks]: Sides): { readonly bid: number; readonly ask: number } {
  return {
    bid: bids.size === 0 ? -1 : Math.max(...bids.keys()),
    ask: asks.size === 0 ? -1 : Math.min(...asks.keys()),
  };
}

export interface TapeStep {
  readonly action: WireAction;
  /** The book after the action. */
  readonly book: Sides;
}

/** A tape of one book in a venue's scales, with the book after each step kept in plain maps. It starts with a snapshot. */
export function tapeOf(venue: VenueModule, said: readonly Said[]): readonly TapeStep[] {
  const { priceScale, sizeScale } = venue.scales;
  const listing = listingFor(venue);
  const book: WireBook = { symbol: SYMBOL, mirrorSymbol: MIRROR, market: listing.market, listing };
  const state: Sides = [new Map(), new Map()];
  const seqs = { book: 0, trade: 0, life: 0 };
  const ticks = (price: number) => ((price * priceScale) / CENTS) as Ticks;
  const lots = (size: number) => (size * sizeScale) as Lots;
  const levels = (rows: Said["bids"]) =>
    rows.map(([price, size]): Level => ({ ticks: ticks(price), lots: lots(size) }));
  const empty: Said = { kind: "snapshot", side: BID, cents: 1, contracts: 0, bids: [], asks: [] };
  return [empty, ...said].map((one, index) => {
    const channel = one.kind === "trade" ? "trade" : "book";
    const base = {
      connection: 0,
      channel,
      seq: ++seqs[channel],
      venueAt: (START + index * 1_000) as Micros,
      book,
    } as const;
    const action = ((): WireAction => {
      if (one.kind === "snapshot") {
        const [bids, asks] = [levels(one.bids), levels(one.asks)];
        for (const [side, rows] of [bids, asks].entries()) {
          state[side]!.clear();
          for (const level of rows) state[side]!.set(level.ticks, level.lots);
        }
        return { ...base, kind: "snapshot", bids, asks };
      }
      const price = ticks(one.cents);
      if (one.kind === "trade") {
        return {
          ...base,
          kind: "trade",
          side: one.side,
          ticks: price,
          lots: lots(one.contracts + 1),
          tradeId: index,
        };
      }
      const before = state[one.side].get(price) ?? 0;
      const after = lots(one.contracts);
      if (after === 0) state[one.side].delete(price);
      else state[one.side].set(price, after);
      const { bid: bestBid, ask: bestAsk } = topOf(state);
      const change = { lotsChange: (after - before) as Lots, lots: after, bestBid, bestAsk };
      return { ...base, kind: "level", side: one.side, ticks: price, ...change };
    })();
    return { action, book: [new Map(state[0]), new Map(state[1])] };
  });
}

/** Changes that change nothing are no venue's message. */
export function isSayable({ action }: TapeStep): boolean {
  return action.kind !== "level" || action.lotsChange !== 0;
}
