import type { Micros, Reason, VenueSession } from "../../contracts/index.ts";
import { DEFAULT_SCHEDULER, type PollSignal, type StandingSignal } from "../../feed/polling/options.ts";
import { PollScheduler } from "../../feed/polling/scheduler.ts";

/** Polls of one venue in flight or queued at once; the governor paces them, the scheduler chooses at the last moment. */
const MAX_OPEN_POLLS = 3;
/** Prior: a market with this much money traded a day shows about one opportunity an hour. */
const PRIOR_VOLUME = 10_000;
const PRIOR_PER_SECOND = 1 / 3_600;
const PRIOR_LIFE_MICROS = 16_000_000;
const NOTHING_FOUND = { count: 0, value: 0 };

export interface PollRoundParts {
  readonly session: VenueSession;
  readonly maxBooks: number;
  readonly maxAgeMicros: number;
  readonly symbolOf: (book: number) => string;
  readonly refused: (reason: Reason, detail: string) => void;
}

/** Asks one venue for the books that are worth most to look at, a few requests at a time. */
export class PollRound {
  readonly scheduler: PollScheduler;
  readonly #parts: PollRoundParts;
  /** Opportunities detected since a book's last look. */
  readonly #found = new Map<number, number>();
  #open = 0;
  #pausedUntil = 0;
  /** Share of the usual cadence, 0 to 1: below 1 a book is asked for less often. */
  share = 1;
  /** Polls answered, and books that came with them. */
  answered = 0;
  books = 0;

  constructor(parts: PollRoundParts) {
    this.#parts = parts;
    const { maxBooks, maxAgeMicros } = parts;
    this.scheduler = new PollScheduler({ ...DEFAULT_SCHEDULER, maxBooks, maxAgeMicros });
  }

  get open(): number {
    return this.#open;
  }

  /** @param weight money traded in the last day, in whole currency units. */
  add(book: number, weight: number, now: Micros): void {
    const busy = Math.min(10, Math.max(0.1, Math.sqrt(weight / PRIOR_VOLUME)));
    const prior = { perSecond: PRIOR_PER_SECOND * busy, value: 1, lifeMicros: PRIOR_LIFE_MICROS };
    this.scheduler.add(book, prior, now);
  }

  remove(book: number): void {
    this.scheduler.remove(book);
  }

  touch(book: number, signal: PollSignal, now: Micros): void {
    this.scheduler.touch(book, signal, now);
  }

  release(book: number, signal: StandingSignal): void {
    this.scheduler.release(book, signal);
  }

  /** An opportunity was detected on this book. */
  found(book: number, now: Micros): void {
    if (!this.scheduler.has(book)) return;
    this.#found.set(book, (this.#found.get(book) ?? 0) + 1);
    this.scheduler.touch(book, "recent_opportunity", now);
  }

  tick(now: Micros): void {
    const { session } = this.#parts;
    if (session.pollBatch === 0 || now < this.#pausedUntil) return;
    while (this.#open < MAX_OPEN_POLLS) {
      const due = this.scheduler.due(now, session.pollBatch, session.minPollMicros / this.share);
      if (due.length === 0) return;
      this.#ask(due, now);
    }
  }

  #ask(books: readonly number[], now: Micros): void {
    this.#open++;
    this.#parts.session.poll(books.map(this.#parts.symbolOf), "poll", (outcome) => {
      this.#open--;
      if (outcome.ok) {
        this.answered++;
        this.books += outcome.books;
        for (const book of books) this.#learn(book, now);
        return;
      }
      this.#parts.refused(outcome.reason, `poll of ${books.length} books`);
      if (outcome.retryAfterMicros !== null) this.#pausedUntil = now + outcome.retryAfterMicros;
    });
  }

  /** What a look showed decides how soon the next one is worth it. */
  #learn(book: number, now: Micros): void {
    const count = this.#found.get(book) ?? 0;
    this.#found.delete(book);
    this.scheduler.polled(book, now, count === 0 ? NOTHING_FOUND : { count, value: count });
  }
}
