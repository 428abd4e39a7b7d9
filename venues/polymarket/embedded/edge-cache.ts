import type { Micros, ServedAnswer } from "../../../src/contracts/index.ts";

const MAX_AGE_SECONDS = 300;
const SECOND = 1_000_000;
const MAX_PAGES = 2_048;
const MAX_CHARS = 96 * 1024 * 1024;

interface Kept {
  readonly answer: ServedAnswer;
  readonly at: Micros;
}

/** The content network before the catalogue: an answer is served again for five minutes, whatever has moved since. */
export class EdgeCache {
  readonly #pages = new Map<string, Kept>();
  #chars = 0;

  /** The kept answer to `key`, or a new one. Refusals are not kept. */
  serve(key: string, at: Micros, make: () => ServedAnswer): ServedAnswer {
    const kept = this.#pages.get(key);
    const age = kept === undefined ? 0 : Math.floor((at - kept.at) / SECOND);
    if (kept !== undefined && age >= 0 && age < MAX_AGE_SECONDS) return withAge(kept.answer, age, "HIT");
    if (kept !== undefined) this.#drop(key, kept);
    const answer = make();
    if (answer.status === 200) this.#keep(key, { answer, at });
    return withAge(answer, 0, "MISS");
  }

  clear(): void {
    this.#pages.clear();
    this.#chars = 0;
  }

  #keep(key: string, kept: Kept): void {
    this.#pages.set(key, kept);
    this.#chars += kept.answer.body.length;
    for (const [oldest, page] of this.#pages) {
      if (this.#pages.size <= MAX_PAGES && this.#chars <= MAX_CHARS) return;
      this.#drop(oldest, page);
    }
  }

  #drop(key: string, kept: Kept): void {
    this.#pages.delete(key);
    this.#chars -= kept.answer.body.length;
  }
}

function withAge(answer: ServedAnswer, age: number, status: "HIT" | "MISS"): ServedAnswer {
  const headers = {
    "cache-control": `public, max-age=${MAX_AGE_SECONDS}`,
    "cf-cache-status": status,
    age: String(age),
  };
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
