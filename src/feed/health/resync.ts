import type { Micros } from "../../contracts/index.ts";
import { doubled } from "./back-off.ts";

export interface ResyncOptions {
  /** Bound on the books in trouble that are remembered. */
  readonly maxBooks: number;
  /** Wait before a repeated fetch: base, doubled each time up to the cap. */
  readonly backOffMicros: number;
  readonly maxBackOffMicros: number;
  /** A fetch without a good frame for this long has failed. */
  readonly timeoutMicros: number;
  /** So many fetches in a row, with at most one good frame between, are a loop. */
  readonly loopFetches: number;
  /** How long a looping book is left alone: this long, doubled for each loop up to the cap. */
  readonly restMicros: number;
  readonly maxRestMicros: number;
  /** So many good frames over so long a time, and the book's troubles are forgotten. */
  readonly soundFrames: number;
  readonly soundMicros: number;
}

const SECOND = 1_000_000;

export const DEFAULT_RESYNC: ResyncOptions = {
  maxBooks: 100_000,
  backOffMicros: SECOND,
  maxBackOffMicros: 60 * SECOND,
  timeoutMicros: 10 * SECOND,
  loopFetches: 4,
  restMicros: 30 * SECOND,
  maxRestMicros: 900 * SECOND,
  soundFrames: 20,
  soundMicros: 60 * SECOND,
};

/** Books to fetch anew now, and books that were found in a loop. */
export interface ResyncPlan {
  readonly fetch: readonly number[];
  readonly loops: readonly ResyncLoop[];
}

export interface ResyncLoop {
  readonly book: number;
  readonly reason: "feed.resync_loop";
  readonly fetches: number;
  /** It is left alone until then. */
  readonly until: Micros;
}

interface Trouble {
  /** `due`: wants a fetch from `dueAt` on; `asked`: was fetched; `healing`: got a good frame since. */
  state: "due" | "asked" | "healing";
  dueAt: number;
  /** Fetches in a row that did not hold. */
  fetches: number;
  loops: number;
  goodFrames: number;
  healedAt: number;
  looped: boolean;
}

/**
 * Which books to fetch anew after they became invalid. The first fetch goes at once; each one that does not hold waits
 * longer; a book that falls again and again with at most one good frame between is left alone for a while.
 */
export class ResyncPlanner {
  readonly #options: ResyncOptions;
  readonly #troubles = new Map<number, Trouble>();
  #refused = 0;

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  /** Books in trouble, those that still have to prove themselves included. */
  get size(): number {
    return this.#troubles.size;
  }

  /** Invalidations that could not be remembered; the coverage watch finds those books. */
  get refused(): number {
    return this.#refused;
  }

  /** A book lost its validity. Further losses while it waits for its fetch change nothing. */
  invalidated(book: number, now: Micros): void {
    const trouble = this.#troubles.get(book);
    if (trouble === undefined) {
      this.#remember(book, now);
      return;
    }
    if (trouble.state !== "healing") return;
    if (trouble.goodFrames > 1) trouble.fetches = 0;
    this.#again(trouble, now);
  }

  /** A frame of the book was applied and the book is valid. Cheap for books without trouble. */
  good(book: number, now: Micros): void {
    const trouble = this.#troubles.get(book);
    if (trouble === undefined) return;
    if (trouble.state !== "healing") {
      trouble.state = "healing";
      trouble.goodFrames = 0;
      trouble.healedAt = now;
    }
    trouble.goodFrames++;
    const { soundFrames, soundMicros } = this.#options;
    if (trouble.goodFrames >= soundFrames && now - trouble.healedAt >= soundMicros)
      this.#troubles.delete(book);
  }

  /** The fetch of a book failed. */
  failed(book: number, now: Micros): void {
    const trouble = this.#troubles.get(book);
    if (trouble?.state === "asked") this.#again(trouble, now);
  }

  /** The book is not wanted any more. */
  forget(book: number): void {
    this.#troubles.delete(book);
  }

  /** Books to fetch, longest due first. @param max books that may be fetched now. */
  tick(now: Micros, max: number): ResyncPlan {
    const due: number[] = [];
    const loops: ResyncLoop[] = [];
    for (const [book, trouble] of this.#troubles) {
      if (trouble.state === "asked" && now - trouble.dueAt >= this.#options.timeoutMicros)
        this.#again(trouble, now);
      if (trouble.looped) {
        trouble.looped = false;
        const { fetches, dueAt } = trouble;
        loops.push({ book, reason: "feed.resync_loop", fetches, until: dueAt as Micros });
        trouble.fetches = 0;
      }
      if (trouble.state === "due" && trouble.dueAt <= now) due.push(book);
      // A quiet book cannot show many frames: what held for long is sound as well.
      const { soundMicros } = this.#options;
      if (trouble.state === "healing" && now - trouble.healedAt >= 4 * soundMicros)
        this.#troubles.delete(book);
    }
    due.sort((a, b) => this.#troubles.get(a)!.dueAt - this.#troubles.get(b)!.dueAt || a - b);
    const fetch = due.slice(0, max);
    for (const book of fetch) {
      const trouble = this.#troubles.get(book)!;
      trouble.state = "asked";
      trouble.dueAt = now;
      trouble.fetches++;
    }
    return { fetch, loops };
  }

  #remember(book: number, now: Micros): void {
    if (this.#troubles.size >= this.#options.maxBooks) {
      this.#refused++;
      return;
    }
    this.#troubles.set(book, {
      state: "due",
      dueAt: now,
      fetches: 0,
      loops: 0,
      goodFrames: 0,
      healedAt: 0,
      looped: false,
    });
  }

  #again(trouble: Trouble, now: Micros): void {
    const options = this.#options;
    trouble.state = "due";
    trouble.goodFrames = 0;
    if (trouble.fetches >= options.loopFetches) {
      trouble.looped = true;
      trouble.dueAt = now + doubled(options.restMicros, trouble.loops, options.maxRestMicros);
      trouble.loops++;
    } else if (trouble.fetches > 0) {
      trouble.dueAt = now + doubled(options.backOffMicros, trouble.fetches - 1, options.maxBackOffMicros);
    } else trouble.dueAt = now;
  }
}
