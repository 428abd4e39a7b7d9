/** How an embedded market is made and how lively it is. Durations in microseconds. */
export interface EmbeddedMarketOptions {
  /** About so many markets are open at each venue, 20 to 20,000. */
  readonly marketsPerVenue: number;
  /** Permille of a venue's markets whose topic is listed at another venue too (0 with one venue). */
  readonly coherentPermille: number;
  /** Mean number of small happenings a second over all venues; each gives about 1.3 changes. */
  readonly eventsPerSecond: number;
  /** Mean distance between genuine arbitrages within one venue, between two venues, and between traps. 0 = none. */
  readonly plantEveryMicros: number;
  readonly crossEveryMicros: number;
  readonly decoyEveryMicros: number;
  /** How long a planted arbitrage stands: uniform between the two. */
  readonly plantLifeMicros: { readonly least: number; readonly most: number };
  /** Mean distance between faults of the exchanges themselves. 0 = only on call. */
  readonly faultEveryMicros: number;
  /** Mean life of an event from listing to close; lives are uniform between half and one and a half of it. */
  readonly eventLifeMicros: number;
  /** From close to resolution, and from resolution until the exchange forgets the event. */
  readonly resolveAfterMicros: number;
  readonly forgetAfterMicros: number;
  /** Permille of binary topics that resolve to one half. */
  readonly halfPermille: number;
  /** Accounts opened at every venue. @see MatchingExchange.deposit */
  readonly accounts: readonly { readonly name: string; readonly cash: string }[];
}

/** About 120 markets a venue and 300 happenings a second. */
export const DEFAULT_EMBEDDED: EmbeddedMarketOptions = {
  marketsPerVenue: 120,
  coherentPermille: 250,
  eventsPerSecond: 300,
  plantEveryMicros: 12_000_000,
  crossEveryMicros: 30_000_000,
  decoyEveryMicros: 15_000_000,
  plantLifeMicros: { least: 5_000_000, most: 25_000_000 },
  faultEveryMicros: 0,
  eventLifeMicros: 1_200_000_000,
  resolveAfterMicros: 3_000_000,
  forgetAfterMicros: 300_000_000,
  halfPermille: 10,
  accounts: [],
};
