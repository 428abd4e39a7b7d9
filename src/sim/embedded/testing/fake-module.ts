import type {
  EmbeddedEvent,
  EmbeddedMarket,
  EmbeddedModule,
  EventSpec,
  FeeSpec,
  Listing,
  Lots,
  Micros,
  Sha256Hex,
  TickRange,
  Ticks,
  VenueId,
} from "../../../contracts/index.ts";

/** How a made-up venue lists questions. */
export interface FakeTerms {
  readonly priceScale: number;
  readonly sizeScale: number;
  /** One of them for each event, by its variety. */
  readonly ticks: readonly (readonly TickRange[])[];
  readonly fees: readonly FeeSpec[];
  readonly mirrored: boolean;
}

export const CENT_RANGES: readonly TickRange[] = [range(0, 10_000, 100)];
/** Finer steps at both ends, as Kalshi's tapered markets have them. */
export const TAPERED_RANGES: readonly TickRange[] = [
  range(0, 1_000, 10),
  range(1_000, 9_000, 100),
  range(9_000, 10_000, 10),
];

export const KALSHI_LIKE: FakeTerms = {
  priceScale: 10_000,
  sizeScale: 100,
  ticks: [CENT_RANGES, TAPERED_RANGES],
  fees: [
    {
      type: "kalshi",
      takerRate: "0.07",
      makerRate: "0.0175",
      balancePrecision: "0.01",
      tradeFeePrecision: "0.000001",
    },
    {
      type: "kalshi",
      takerRate: "0.035",
      makerRate: "0",
      balancePrecision: "0.0001",
      tradeFeePrecision: "0.000001",
    },
  ],
  mirrored: false,
};

export const POLYMARKET_LIKE: FakeTerms = {
  priceScale: 1_000_000,
  sizeScale: 1_000_000,
  ticks: [[range(10_000, 990_000, 10_000)], [range(1_000, 999_000, 1_000)]],
  fees: [
    { type: "quadratic", rate: "0.04", exponent: 1, decimals: 5, rounding: "up", takerOnly: true },
    { type: "none" },
  ],
  mirrored: true,
};

/** A module that lists by these terms. */
export function fakeModule(terms: FakeTerms): Pick<EmbeddedModule, "list"> {
  return { list: (spec, venue, sha256) => listEvent(terms, spec, venue, sha256) };
}

function listEvent(terms: FakeTerms, spec: EventSpec, venue: VenueId, sha256: Sha256Hex): EmbeddedEvent {
  const id = `${venue}-${spec.slot}-${spec.generation}`;
  const markets = spec.outcomes.map((title, outcome): EmbeddedMarket => {
    const symbol = terms.mirrored ? sha256(`${id}/${outcome}`).slice(0, 20) : `${id}-${outcome}`;
    const mirrorSymbol = terms.mirrored ? `no-${symbol}` : null;
    const listing: Listing = {
      symbol,
      ...(mirrorSymbol === null ? {} : { mirrorSymbol }),
      market: `${venue}:${id}-${outcome}`,
      side: "unified",
      title: `${spec.title} ${title}`,
      priceScale: terms.priceScale,
      sizeScale: terms.sizeScale,
      tickRanges: terms.ticks[spec.variety % terms.ticks.length]!,
      minLots: (terms.mirrored ? 5 * terms.sizeScale : terms.sizeScale) as Lots,
      lotStep: (terms.sizeScale / 100) as Lots,
      fees: [
        { id: "fee", from: 0 as Micros, spec: terms.fees[spec.variety % terms.fees.length]!, source: "test" },
      ],
      currency: "USD",
      status: "open",
      opensAt: spec.opensAt,
      closesAt: spec.closesAt,
    };
    return { symbol, mirrorSymbol, id: `${id}-${outcome}`, event: id, outcome, listing };
  });
  return { id, spec, markets };
}

function range(fromTicks: number, toTicks: number, stepTicks: number): TickRange {
  return { fromTicks: fromTicks as Ticks, toTicks: toTicks as Ticks, stepTicks: stepTicks as Ticks };
}
