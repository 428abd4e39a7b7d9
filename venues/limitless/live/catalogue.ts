import type { ListedBook, MapperEnv, SessionEnv } from "../../../src/contracts/index.ts";
import { Announcer } from "../announce.ts";
import { type CatalogueEntry, readEntry } from "../metadata.ts";
import type { Directory } from "./directory.ts";

/** Entries of the catalogue -> facts, the directory, and what the shell is told of books. */
export class Catalogue {
  readonly #env: SessionEnv;
  readonly #directory: Directory;
  readonly #assumedTakerFeeBps: string | null;
  #announcer: Announcer | null = null;
  #announcedTo: MapperEnv | null = null;

  constructor(env: SessionEnv, directory: Directory, assumedTakerFeeBps: string | null) {
    this.#env = env;
    this.#directory = directory;
    this.#assumedTakerFeeBps = assumedTakerFeeBps;
  }

  /** Announces entries; one that cannot be read is refused, its neighbours are not. @returns what could be read. */
  take(values: readonly unknown[], reading: number): readonly CatalogueEntry[] {
    const env = this.#env;
    const terms = { venue: env.venue, assumedTakerFeeBps: this.#assumedTakerFeeBps };
    const entries = values.map((value) => readEntry(value, terms));
    const readable = entries.filter((entry) => entry !== null);
    for (const { group } of readable)
      if (group !== null && group.unreadable > 0)
        env.report.refused("feed.shape", `group ${group.slug}: ${group.unreadable} outcomes`);
    if (readable.length < entries.length)
      env.report.refused("feed.shape", `${entries.length - readable.length} entries of the catalogue`);
    const at = env.clock.now();
    env.feed.describe((mapperEnv) => {
      const announcer = this.#announcerOf(mapperEnv);
      for (const entry of readable) announcer.entry(entry, at);
    });
    const listed = readable.flatMap((entry) => this.#list(entry, reading));
    if (listed.length > 0) env.report.listed(listed);
    return readable;
  }

  #list({ markets }: CatalogueEntry, reading: number): readonly ListedBook[] {
    const listed: ListedBook[] = [];
    for (const { listing, slug, status, volume } of markets) {
      if (listing === null) continue;
      const change = this.#directory.put(listing.symbol, slug, status === "open", volume, reading);
      if (change !== null) listed.push(change);
    }
    return listed;
  }

  /** The announcer remembers what it said, so it is kept as long as it speaks to the same mapper. */
  #announcerOf(env: MapperEnv): Announcer {
    if (this.#announcer === null || this.#announcedTo !== env) {
      this.#announcedTo = env;
      this.#announcer = new Announcer(env, (fact, at) => env.sink.object(fact, at));
    }
    return this.#announcer;
  }
}
