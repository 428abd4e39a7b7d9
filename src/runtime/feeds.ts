import type { FactSink, Instrument, MapperEnv, VenueModule, WireMapper } from "../contracts/index.ts";
import { BookCounter, SymbolTable } from "./symbols.ts";

/** Takes over the terms of a market that a journal kept, for symbols and mapper alike. */
export function restore(feed: Feed | undefined, instrument: Instrument): void {
  if (feed === undefined) return;
  const { book: _book, key: _key, venue: _venue, ...listing } = instrument;
  feed.symbols.restore(instrument);
  feed.mapper.restored?.(listing);
}

/** What one venue needs to turn bytes into facts, wired to one sink. */
export interface Feed {
  /** The venue's id in this run; several venues may speak the wire of one module. */
  readonly id: string;
  readonly venue: VenueModule;
  readonly env: MapperEnv;
  readonly mapper: WireMapper;
  readonly symbols: SymbolTable;
}

export interface FeedLimits {
  readonly maxBooks: number;
  readonly maxFrameBytes: number;
}

export const DEFAULT_FEED_LIMITS: FeedLimits = { maxBooks: 200_000, maxFrameBytes: 4 * 1024 * 1024 };

/** The mappers of several venues sharing book and stream numbers, as one journal needs them. */
export class Feeds {
  readonly counter: BookCounter;
  readonly #sink: FactSink;
  readonly #limits: FeedLimits;
  readonly #feeds = new Map<string, Feed>();
  #nextStream = 0;

  constructor(sink: FactSink, limits: FeedLimits = DEFAULT_FEED_LIMITS) {
    this.#sink = sink;
    this.#limits = limits;
    this.counter = new BookCounter(limits.maxBooks);
  }

  /** The feed of a venue, made on first use. */
  open(venue: VenueModule, id: string = venue.id): Feed {
    const known = this.#feeds.get(id);
    if (known !== undefined) return known;
    const symbols = new SymbolTable(id, venue.scales, this.counter, this.#sink);
    const env: MapperEnv = {
      venue: id,
      sink: this.#sink,
      symbols,
      maxFrameBytes: this.#limits.maxFrameBytes,
      openStream: (label, judged, why, at) => {
        const stream = this.#nextStream++;
        this.#sink.object({ kind: "stream.opened", stream, venue: id, label, judged, why }, at);
        return stream;
      },
    };
    const feed: Feed = { id, venue, env, symbols, mapper: venue.createMapper(env) };
    this.#feeds.set(id, feed);
    return feed;
  }

  /** Every venue opened so far, in order. */
  all(): readonly Feed[] {
    return [...this.#feeds.values()];
  }
}
