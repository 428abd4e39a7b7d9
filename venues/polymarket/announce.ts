import type { MapperEnv, Micros, ObjectFact } from "../../src/contracts/index.ts";
import { type Catalogue, catalogueOf } from "./catalogue.ts";
import { Emitter } from "./emitter.ts";
import { familyOf } from "./families.ts";
import type { GammaEvent, GammaMarket } from "./gamma.ts";
import { marketKey } from "./listing.ts";

const ENCODER = new TextEncoder();

/** What a market of Gamma and one of the CLOB have in common. */
type AnnouncedMarket = Pick<GammaMarket, "conditionId" | "listing" | "yesPayout">;

/** Turns metadata into facts: instruments, families and settlements, each once and again only when it changed. */
export class Announcer {
  readonly #env: MapperEnv;
  readonly #catalogue: Catalogue;
  readonly #object: (fact: ObjectFact, at: Micros) => void;
  readonly #out: Emitter;
  readonly #families = new Map<string, string>();
  readonly #resolved = new Set<string>();

  constructor(env: MapperEnv, object: (fact: ObjectFact, at: Micros) => void) {
    this.#env = env;
    this.#catalogue = catalogueOf(env.symbols);
    this.#object = object;
    this.#out = new Emitter(env.sink);
  }

  /** Announces an event's markets and its family; returns the book of each market by condition id. */
  event(event: GammaEvent, at: Micros): ReadonlyMap<string, number> {
    const books = new Map<string, number>();
    for (const market of event.markets) books.set(market.conditionId, this.market(market, at));
    const family = familyOf(event, this.#env.venue, (market) => books.get(market.conditionId) ?? -1);
    if (family === null || family.members.length === 0) return books;
    const text = JSON.stringify(family);
    if (this.#families.get(family.id) !== text) {
      this.#families.set(family.id, text);
      this.#object({ kind: "market.families", families: [family] }, at);
    }
    return books;
  }

  /** Announces one market; returns its book, -1 when it has none. */
  market(market: AnnouncedMarket, at: Micros): number {
    const { listing } = market;
    if (listing === null) return -1;
    if (listing.mirrorSymbol !== undefined) this.#retire(listing.mirrorSymbol, at);
    const book = this.#catalogue.describe(listing, at);
    if (book !== -1 && market.yesPayout !== null && !this.#resolved.has(market.conditionId)) {
      this.#resolved.add(market.conditionId);
      const { conditionId, yesPayout } = market;
      const source = "winner in the market's metadata";
      this.#object(
        { kind: "market.resolved", market: marketKey(this.#env.venue, conditionId), yesPayout, source },
        at,
      );
    }
    return book;
  }

  /** A token that was learned as a book of its own turns out to mirror another: its own book ends here. */
  #retire(mirror: string, at: Micros): void {
    const bytes = ENCODER.encode(mirror);
    const hit = this.#env.symbols.find(bytes, 0, bytes.length);
    if (hit === -1 || (hit & 1) === 1) return;
    this.#out.begin(-1, at);
    this.#out.invalid("book.venue_close", hit >> 1, 0);
    this.#out.end();
  }
}
