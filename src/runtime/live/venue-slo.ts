import type { BookId, Micros } from "../../contracts/index.ts";
import type { Replica } from "../../core/market/replica.ts";
import { DEFAULT_SLO, type SloChange, SloWatch } from "../../feed/health/slo.ts";

/** Books whose age is measured in one look. */
const MAX_AGED = 200;
/** The objectives are those of the venue as a whole. */
const SCOPE = "venue";

/** The latency objectives of one venue: age of its quotes and time of judging. */
export class VenueSlo {
  readonly #slo: SloWatch;
  readonly #replica: Replica;

  /** @param maxQuoteAgeMicros older quotes are not used, so nearly all must be younger. */
  constructor(replica: Replica, maxQuoteAgeMicros: number) {
    this.#replica = replica;
    this.#slo = new SloWatch({
      ...DEFAULT_SLO,
      limitMicros: { ...DEFAULT_SLO.limitMicros, quote_age: maxQuoteAgeMicros },
    });
  }

  /** True while the venue is left out for a breach that lasts. */
  get isSkipped(): boolean {
    return this.#slo.level(SCOPE) === "skip";
  }

  judged(judgedMicros: number, at: Micros): void {
    this.#slo.observe(SCOPE, "decision", judgedMicros, at);
  }

  /** Measures the quotes' age; to be called about once a second. @returns changes of level, in words. */
  look(books: Iterable<BookId>, now: Micros): readonly (SloChange & { readonly detail: string })[] {
    let sampled = 0;
    for (const book of books) {
      if (!this.#replica.isExact(book)) continue;
      this.#slo.observe(SCOPE, "quote_age", now - this.#replica.provedAt(book), now);
      if (++sampled >= MAX_AGED) break;
    }
    return this.#slo.tick(now).map((change) => {
      const { metric, level, observedMicros, limitMicros } = change;
      const took = `${Math.round(observedMicros / 1000)} ms against ${limitMicros / 1000} ms`;
      return { ...change, detail: `${metric}: ${took}: ${level}` };
    });
  }
}
