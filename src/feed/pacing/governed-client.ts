import type {
  Cancel,
  GovernedHttp,
  GovernedRequest,
  HttpOutcome,
  Micros,
  Net,
  RateClass,
  Rng,
  Stress,
  Timers,
} from "../../contracts/index.ts";
import { type PacingOptions, type RateClassStats, RateQueue } from "./rate-queue.ts";

/** Timers of the shell overflow beyond 24 days; a wait that long is simply looked at again. */
const ALARM_MAX_MICROS = 60_000_000;
const NO_STRESS: Stress = { kind: "none" };

type NoAnswer = Extract<HttpOutcome, { kind: "none" }>;

/** A request on its way through the client. */
interface Entry {
  readonly request: GovernedRequest;
  readonly done: (outcome: HttpOutcome) => void;
  readonly queuedAt: Micros;
  queue: RateQueue<Entry> | null;
  state: "waiting" | "in_flight" | "answered";
  sentAt: Micros;
  /** In flight only. */
  abort: Cancel | null;
  /** The network has not said yet what became of it. */
  landed: boolean;
}

export interface GovernedClientParts {
  readonly net: Pick<Net, "request">;
  readonly clock: Timers;
  readonly rng: Rng;
  readonly rates: readonly RateClass[];
  /** What an outcome says about the venue's limits. */
  readonly stress: (outcome: HttpOutcome) => Stress;
  readonly options?: PacingOptions;
}

/**
 * All HTTP of one venue. Requests wait by purpose and leave when the governor of their rate class lets them; a class
 * that is held up holds up no other. `done` comes exactly once for each `send`, never before `send` returned.
 */
export class GovernedClient implements GovernedHttp {
  readonly #net: Pick<Net, "request">;
  readonly #clock: Timers;
  readonly #stress: (outcome: HttpOutcome) => Stress;
  readonly #queues = new Map<string, RateQueue<Entry>>();
  readonly #inFlight = new Set<Entry>();
  /** Answers made here; given in a round of their own, so that nobody is called back from inside a call. */
  #answers: { readonly entry: Entry; readonly outcome: NoAnswer }[] = [];
  #alarm: Cancel | null = null;
  #alarmAt = Number.POSITIVE_INFINITY;
  #pumping = false;
  #closed = false;

  /** @throws RangeError when a rate class or an option is out of range, or two classes have one id. */
  constructor(parts: GovernedClientParts) {
    this.#net = parts.net;
    this.#clock = parts.clock;
    this.#stress = parts.stress;
    const now = parts.clock.now();
    for (const rate of parts.rates) {
      if (this.#queues.has(rate.id)) throw new RangeError(`two rate classes have the id ${rate.id}`);
      this.#queues.set(rate.id, new RateQueue(rate, parts.rng.fork(rate.id), now, parts.options ?? {}));
    }
  }

  /**
   * Queues a request; it leaves before this returns when it may. A full queue, a class that does not exist, a cost that
   * can never pass and a signature that cannot be made end as `none` with `sent: false` and the cause in `detail`.
   */
  send(request: GovernedRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const now = this.#clock.now();
    const queue = this.#queues.get(request.rateClass) ?? null;
    const entry: Entry = {
      request,
      done,
      queuedAt: now,
      queue,
      state: "waiting",
      sentAt: now,
      abort: null,
      landed: false,
    };
    if (this.#closed) this.#refuse(entry, "cancelled", "closed");
    else if (queue === null) this.#refuse(entry, "queue_full", `no rate class ${request.rateClass}`);
    else {
      const refusal = queue.push(entry);
      if (refusal !== null) this.#refuse(entry, "queue_full", refusal);
    }
    this.#pump(queue === null ? [] : [queue]);
    return () => this.#cancel(entry);
  }

  /** One row per rate class, in the order given. */
  stats(): readonly RateClassStats[] {
    return Array.from(this.#queues.values(), (queue) => queue.stats());
  }

  /** Cancels what waits and what is in flight; all of it is answered before this returns, and nothing leaves after. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const queue of this.#queues.values()) {
      for (const entry of queue.clear()) this.#refuse(entry, "cancelled", "closed");
    }
    for (const entry of [...this.#inFlight]) this.#cancel(entry);
    try {
      this.#giveAnswers();
    } finally {
      this.#arm();
    }
  }

  #cancel(entry: Entry): void {
    if (entry.state === "waiting") {
      // Not in the queue any more: it was refused, its answer is under way, and that stands.
      if (entry.queue?.remove(entry)) this.#refuse(entry, "cancelled", "while it waited");
    } else if (!entry.landed) {
      const { abort } = entry;
      this.#land(entry, this.#clock.now(), NO_STRESS, false);
      const sent = abort !== null;
      this.#answers.push({ entry, outcome: { ...this.#none(entry, "cancelled", "in flight"), sent } });
      abort?.();
    } else return;
    this.#pump(entry.queue === null ? [] : [entry.queue]);
  }

  /** Lets everything leave that may, then sets the alarm for the next one. */
  #pump(queues: Iterable<RateQueue<Entry>>): void {
    // `authorise` and `request` are foreign code: what they send waits for the loop that runs already.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (const queue of queues) {
        for (let entry = this.#next(queue); entry !== null; entry = this.#next(queue)) this.#depart(entry);
      }
    } finally {
      this.#pumping = false;
      this.#arm();
    }
  }

  #next(queue: RateQueue<Entry>): Entry | null {
    return this.#closed ? null : queue.leave(this.#clock.now());
  }

  #depart(entry: Entry): void {
    entry.state = "in_flight";
    entry.sentAt = this.#clock.now();
    this.#inFlight.add(entry);
    try {
      const { method, url, body, timeoutMicros, maxBytes, authorise } = entry.request;
      const headers =
        authorise === null ? entry.request.headers : { ...entry.request.headers, ...authorise() };
      // Cancelled by what `authorise` did.
      if (entry.landed) return;
      entry.abort = this.#net.request({ method, url, headers, body, timeoutMicros, maxBytes }, (outcome) =>
        this.#arrived(entry, outcome),
      );
    } catch (error) {
      if (entry.landed) return;
      this.#land(entry, this.#clock.now(), NO_STRESS, false);
      this.#refuse(entry, "cancelled", `not sent: ${textOf(error)}`);
    }
  }

  /** The network's answer: first to the governor, then to who asked. After a cancel nobody wants it. */
  #arrived(entry: Entry, outcome: HttpOutcome): void {
    if (entry.landed) return;
    this.#land(entry, outcome.at, this.#stressOf(outcome), outcome.kind === "answer");
    try {
      this.#answer(entry, outcome);
    } finally {
      if (entry.queue !== null) this.#pump([entry.queue]);
    }
  }

  #land(entry: Entry, at: Micros, stress: Stress, answered: boolean): void {
    entry.landed = true;
    entry.abort = null;
    this.#inFlight.delete(entry);
    entry.queue?.landed(entry.sentAt, at, stress, answered);
  }

  #stressOf(outcome: HttpOutcome): Stress {
    try {
      return this.#stress(outcome);
    } catch {
      return NO_STRESS;
    }
  }

  #refuse(entry: Entry, why: NoAnswer["why"], detail: string): void {
    this.#answers.push({ entry, outcome: this.#none(entry, why, detail) });
  }

  #none(entry: Entry, why: NoAnswer["why"], detail: string): NoAnswer {
    return { kind: "none", why, detail, sent: false, sentAt: entry.sentAt, at: this.#clock.now() };
  }

  #answer(entry: Entry, outcome: HttpOutcome): void {
    if (entry.state === "answered") return;
    entry.state = "answered";
    entry.done(outcome);
  }

  #giveAnswers(): void {
    const answers = this.#answers;
    this.#answers = [];
    let given = 0;
    try {
      while (given < answers.length) {
        const { entry, outcome } = answers[given++]!;
        this.#answer(entry, outcome);
      }
    } finally {
      // One requester that throws does not swallow the answers of the others.
      if (given < answers.length) this.#answers.unshift(...answers.slice(given));
    }
  }

  #arm(): void {
    const now = this.#clock.now();
    let at = this.#answers.length > 0 ? now : Number.POSITIVE_INFINITY;
    if (!this.#closed) {
      for (const queue of this.#queues.values()) at = Math.min(at, queue.nextAt(now) ?? at);
    }
    if (at === this.#alarmAt && this.#alarm !== null) return;
    this.#alarm?.();
    this.#alarm = null;
    this.#alarmAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(ALARM_MAX_MICROS, Math.max(0, at - now));
    this.#alarm = this.#clock.after(delay, () => this.#ring());
  }

  #ring(): void {
    this.#alarm = null;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    try {
      this.#giveAnswers();
    } finally {
      this.#pump(this.#queues.values());
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
