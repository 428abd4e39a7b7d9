import type { ServedAnswer } from "../../../src/contracts/index.ts";

const LIFE_MICROS = 15_000_000;
/** Bounds of what is kept; the oldest goes first. */
const MAX_ENTRIES = 4_096;
const MAX_CHARACTERS = 64 * 1_048_576;

interface Entry {
  readonly answer: ServedAnswer;
  readonly at: number;
  hits: number;
}

/** The cache in front of the venue: answers without a key are up to 15 seconds old. */
export class EdgeCache {
  readonly #entries = new Map<string, Entry>();
  #characters = 0;

  /** The kept answer to a path and query, or a fresh one by `make`; only good answers are kept. */
  serve(path: string, nowMicros: number, make: () => ServedAnswer): ServedAnswer {
    const entry = this.#entries.get(path);
    if (entry !== undefined && nowMicros - entry.at < LIFE_MICROS) {
      entry.hits++;
      const age = Math.floor((nowMicros - entry.at) / 1_000_000);
      return edged(entry.answer, entry.hits, { age: String(age), "x-cache": "Hit from cloudfront" });
    }
    if (entry !== undefined) this.#drop(path, entry);
    const answer = make();
    if (answer.status === 200) this.#keep(path, { answer, at: nowMicros, hits: 0 });
    return edged(answer, 0, { "x-cache": "Miss from cloudfront" });
  }

  #keep(path: string, entry: Entry): void {
    const { length } = entry.answer.body;
    if (length > MAX_CHARACTERS) return;
    this.#entries.set(path, entry);
    this.#characters += length;
    for (const [oldest, kept] of this.#entries) {
      if (this.#entries.size <= MAX_ENTRIES && this.#characters <= MAX_CHARACTERS) return;
      this.#drop(oldest, kept);
    }
  }

  #drop(path: string, { answer }: Entry): void {
    this.#entries.delete(path);
    this.#characters -= answer.body.length;
  }
}

function edged(answer: ServedAnswer, hits: number, headers: Readonly<Record<string, string>>): ServedAnswer {
  const cache = answer.status === 200 ? { "cache-control": "public, max-age=15" } : {};
  return {
    ...answer,
    headers: { ...answer.headers, ...headers, ...cache, "x-kalshi-cache-hits": String(hits) },
  };
}
