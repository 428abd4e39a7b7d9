import type { Listing, MapperEnv, Micros, SymbolHit, VenueId } from "../../src/contracts/index.ts";
import { type Catalogue, catalogueOf } from "./catalogue.ts";
import type { Emitter } from "./emitter.ts";
import { feeVersions, listingOf, marketKey, tickRanges } from "./listing.ts";
import type { RareEvent } from "./wire-frame.ts";

type Tick = Extract<RareEvent, { kind: "tick" }>;
type Listed = Extract<RareEvent, { kind: "listed" }>;
type Resolved = Extract<RareEvent, { kind: "resolved" }>;

/** Tick changes, new markets and settlements: the messages that change terms, not books. */
export class RareEvents {
  readonly #env: MapperEnv;
  readonly #catalogue: Catalogue;
  readonly #out: Emitter;

  constructor(env: MapperEnv, out: Emitter) {
    this.#env = env;
    this.#catalogue = catalogueOf(env.symbols);
    this.#out = out;
  }

  /**
   * The new grid, and the book invalid until the venue sends it anew. A book whose other terms are not known here is
   * described with none, so that nothing trades on a grid that no longer holds.
   */
  tick(event: Tick, symbol: string, hit: SymbolHit, recvAt: Micros, venueAt: number): void {
    const out = this.#out;
    if (hit === -1) {
      out.reject("wire.unknown_symbol", -1, venueAt);
      return;
    }
    if ((hit & 1) === 1) {
      out.reject("wire.mirror", hit >> 1, venueAt);
      return;
    }
    const listing = this.#catalogue.get(symbol) ?? withoutTerms(this.#env.venue, symbol, event.market);
    out.beforeObject();
    this.#catalogue.describe({ ...listing, tickRanges: tickRanges(event.newTicks) }, recvAt);
    out.invalid("book.tick_change", hit >> 1, venueAt);
  }

  /** A market not described before: its terms as far as the message states them. */
  listed(event: Listed, recvAt: Micros): void {
    const { market } = event;
    if (this.#catalogue.get(market.tokens[0]) !== undefined) return;
    this.#out.beforeObject();
    const book = this.#catalogue.describe(
      listingOf({
        venue: this.#env.venue,
        conditionId: market.conditionId,
        tokens: market.tokens,
        title: market.question,
        tickSize: market.tickSize,
        minSize: null,
        fees: feeVersions(
          { enabled: market.feesEnabled, schedule: market.feeSchedule },
          "market channel new_market",
        ),
        status: "unknown",
        opensAt: null,
        closesAt: null,
      }),
      recvAt,
    );
    if (book === -1) this.#out.reject("book.overflow", -1, 0);
  }

  /** The settlement of a market, and the status of its book where it was described. */
  resolved(event: Resolved, symbol: string, recvAt: Micros): void {
    this.#out.beforeObject();
    const listing = this.#catalogue.get(symbol);
    if (listing !== undefined) this.#catalogue.describe({ ...listing, status: "resolved" }, recvAt);
    this.#env.sink.object(
      {
        kind: "market.resolved",
        market: marketKey(this.#env.venue, event.market),
        yesPayout: event.yesPayout,
        source: "market channel market_resolved",
      },
      recvAt,
    );
  }
}

function withoutTerms(venue: VenueId, symbol: string, conditionId: string): Listing {
  return listingOf({
    venue,
    conditionId,
    tokens: [symbol, null],
    title: symbol,
    tickSize: null,
    minSize: null,
    fees: [],
    status: "unknown",
    opensAt: null,
    closesAt: null,
  });
}
