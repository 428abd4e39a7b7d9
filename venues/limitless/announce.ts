import type { MapperEnv, Micros, ObjectFact } from "../../src/contracts/index.ts";
import { familyOf } from "./families.ts";
import { marketKey } from "./listing.ts";
import type { CatalogueEntry, LimitlessMarket } from "./metadata.ts";

/** Families and settlements remembered, so that nothing is said twice; the oldest are forgotten first. */
const MAX_REMEMBERED = 100_000;

/** Turns metadata into facts: instruments, families and settlements, each once and again only when it changed. */
export class Announcer {
  readonly #env: MapperEnv;
  readonly #object: (fact: ObjectFact, at: Micros) => void;
  readonly #families = new Map<string, string>();
  readonly #resolved = new Map<string, string>();

  constructor(env: MapperEnv, object: (fact: ObjectFact, at: Micros) => void) {
    this.#env = env;
    this.#object = object;
  }

  entry(entry: CatalogueEntry, at: Micros): void {
    const books = new Map(entry.markets.map((market) => [market.slug, this.#market(market, at)]));
    const family = familyOf(entry, this.#env.venue, ({ slug }) => books.get(slug) ?? -1);
    if (family === null || family.members.length === 0) return;
    if (isNews(this.#families, family.id, JSON.stringify(family)))
      this.#object({ kind: "market.families", families: [family] }, at);
  }

  #market({ listing, slug, yesPayout }: LimitlessMarket, at: Micros): number {
    if (listing === null) return -1;
    const book = this.#env.symbols.describe(listing, at);
    if (book === -1 || yesPayout === null || !isNews(this.#resolved, slug, yesPayout)) return book;
    const market = marketKey(this.#env.venue, slug);
    this.#object(
      { kind: "market.resolved", market, yesPayout, source: "winner in the market's metadata" },
      at,
    );
    return book;
  }
}

function isNews(said: Map<string, string>, key: string, text: string): boolean {
  if (said.get(key) === text) return false;
  said.delete(key);
  said.set(key, text);
  const [oldest] = said.keys();
  if (said.size > MAX_REMEMBERED && oldest !== undefined) said.delete(oldest);
  return true;
}
