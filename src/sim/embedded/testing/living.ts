import {
  BID,
  type ExchangeChange,
  type FeeSpec,
  type Listing,
  type Micros,
  parseDecimal,
  type VenueId,
} from "../../../contracts/index.ts";
import { StepClock } from "../../net/step-clock.ts";
import { SeededRng } from "../../rng.ts";
import { createEmbeddedMarket, type EmbeddedMarket } from "../market.ts";
import type { EmbeddedMarketOptions } from "../options.ts";
import type { PlantLeg } from "../plant.ts";
import { fakeModule, KALSHI_LIKE, POLYMARKET_LIKE } from "./fake-module.ts";
import { Folded, SECOND, START, sha256 } from "./scene.ts";

/** A market of two made-up venues on a simulated clock, and what a client of its public changes knows. */
export interface Living {
  readonly clock: StepClock;
  readonly market: EmbeddedMarket;
  /** Books by `venue`. */
  readonly books: ReadonlyMap<VenueId, Folded>;
  listen(listener: (venue: VenueId, change: ExchangeChange) => void): void;
  /** Lets so many seconds pass. */
  pass(seconds: number): void;
}

export function living(seed: string, options: Partial<EmbeddedMarketOptions> = {}): Living {
  const clock = new StepClock(START);
  const market = createEmbeddedMarket({
    venues: [
      { id: "k", module: fakeModule(KALSHI_LIKE) },
      { id: "p", module: fakeModule(POLYMARKET_LIKE) },
    ],
    clock,
    rng: new SeededRng(seed),
    sha256,
    options: { marketsPerVenue: 60, ...options },
  });
  const books = new Map<VenueId, Folded>();
  for (const [venue, exchange] of market.exchanges) {
    const folded = new Folded();
    for (const { markets } of exchange.events())
      for (const { symbol } of markets)
        for (const side of [0, 1] as const) folded.start(symbol, side, exchange.levels(symbol, side));
    exchange.listen((change) => folded.see(change));
    books.set(venue, folded);
  }
  return {
    clock,
    market,
    books,
    listen: (listener) => {
      for (const [venue, exchange] of market.exchanges) exchange.listen((change) => listener(venue, change));
    },
    pass: (seconds) => clock.advanceTo((clock.now() + seconds * SECOND) as Micros),
  };
}

/** Listing of a symbol. */
export function listingOf({ market }: Living, venue: VenueId, symbol: string): Listing {
  return market.exchanges.get(venue)!.market(symbol)!.market.listing;
}

/** Picos that buying a leg's claim costs, fee included: plain formulas of docs/fees.md, sharing no code with the market. */
export function legCost(leg: PlantLeg, listing: Listing): bigint {
  const scale = BigInt(listing.priceScale);
  const price = leg.side === BID ? scale - BigInt(leg.ticks) : BigInt(leg.ticks);
  const quantum = 10n ** 12n / scale / BigInt(listing.sizeScale);
  const paid = price * BigInt(leg.lots) * quantum;
  return withFee(listing.fees[0]!.spec, paid, (rate) => {
    const over = BigInt(listing.sizeScale) * scale * scale;
    return { top: rate * BigInt(leg.lots) * price * (scale - price), over };
  });
}

function withFee(
  spec: FeeSpec,
  paid: bigint,
  curve: (rate: bigint) => { top: bigint; over: bigint },
): bigint {
  if (spec.type === "none") return paid;
  if (spec.type === "kalshi") {
    const { top, over } = curve(picos(spec.takerRate));
    return up(paid + up(top, over, picos(spec.tradeFeePrecision)), 1n, picos(spec.balancePrecision));
  }
  if (spec.type !== "quadratic") throw new Error(spec.type);
  const { top, over } = curve(picos(spec.rate));
  return paid + up(top, over, 10n ** BigInt(12 - spec.decimals));
}

/** top / over, up to a multiple of `unit`. */
function up(top: bigint, over: bigint, unit: bigint): bigint {
  const step = over * unit;
  return ((top + step - 1n) / step) * unit;
}

export function picos(text: string): bigint {
  return parseDecimal(text, 12)!;
}
