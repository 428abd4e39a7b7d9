import type { Cancel, Micros, ObjectFact, Reason, Timers } from "../../contracts/index.ts";
import { BatchBuilder } from "./batch-builder.ts";
import type { LaneThread, StartLane } from "./lane-thread.ts";
import type { LaneAnswer, LaneBatch, LaneWorkerSetup, SeqFindings } from "./messages.ts";
import type { LaneSeeder } from "./seed.ts";

/** Batches a lane may owe before it counts as hanging. */
const MAX_OWED = 64;

export interface ThreadLanesOptions {
  readonly budgetMicros: number;
  /** Late or failed cycles in a row that pause a lane. */
  readonly maxFailures: number;
  readonly retryMicros: number;
}

/** Findings of one lane at one fact, as the engine takes them. */
export interface LaneFindings extends SeqFindings {
  readonly lane: string;
}

/** What comes back from the threads. */
export interface ThreadLanesEvents {
  /** A cycle closed: findings by seq, lanes of the same seq in profile order. */
  cycle(findings: readonly LaneFindings[]): void;
  diagnosed(lane: number, family: number, reasonNumber: number): void;
  trouble(lane: string, reason: Reason, detail: string): void;
}

interface LaneSeat {
  readonly setup: LaneWorkerSetup;
  thread: LaneThread | null;
  retry: Cancel | null;
  /** Ids of batches it was given and has not answered, oldest first. */
  owed: number[];
  failures: number;
  maxTookMicros: number;
}

interface Cycle {
  readonly id: number;
  readonly deadline: Micros;
  /** By position of the lane: its answer, or null while it is owed, or "none" when it takes no part. */
  readonly answers: (LaneAnswer | null | "none")[];
}

/**
 * Every lane in its own thread with its own books. Facts go out in batches; a batch is closed, in order, when every
 * lane answered or its budget ran out. A lane that is late is left out of the cycle; one that hangs, throws or leaks is
 * ended, started anew and told where the books stand. The others never wait for it longer than the budget.
 */
export class ThreadLanes {
  readonly #seats: readonly LaneSeat[];
  readonly #options: ThreadLanesOptions;
  readonly #timers: Timers;
  readonly #start: StartLane;
  readonly #seeder: LaneSeeder;
  readonly #events: ThreadLanesEvents;
  readonly #builder = new BatchBuilder();
  #cycles: Cycle[] = [];
  #alarm: Cancel | null = null;
  #closed = false;

  constructor(
    lanes: readonly LaneWorkerSetup[],
    options: ThreadLanesOptions,
    timers: Timers,
    start: StartLane,
    seeder: LaneSeeder,
    events: ThreadLanesEvents,
  ) {
    this.#options = options;
    this.#timers = timers;
    this.#start = start;
    this.#seeder = seeder;
    this.#events = events;
    this.#seats = lanes.map((setup) => ({
      setup,
      thread: null,
      retry: null,
      owed: [],
      failures: 0,
      maxTookMicros: 0,
    }));
    for (const seat of this.#seats) this.#open(seat, false);
  }

  /** Batches that are out and not closed. */
  get openCycles(): number {
    return this.#cycles.length;
  }

  packed(i32: Int32Array, index: number, seq: number): void {
    this.#builder.packed(i32, index, seq);
    if (this.#builder.isFull) this.flush();
  }

  object(fact: ObjectFact, at: Micros, seq: number): void {
    this.#seeder.object(fact);
    this.#builder.object(fact, at, seq);
  }

  /** Something waits for a settled size of this book: its families are looked at again. */
  look(book: number): void {
    this.#builder.look(book);
  }

  /** Sends what was collected. Called by the shell once per turn. */
  flush(): void {
    if (this.#closed || this.#builder.isEmpty) return;
    const batch = this.#builder.take();
    const deadline = (this.#timers.now() + this.#options.budgetMicros) as Micros;
    this.#cycles.push({
      id: batch.id,
      deadline,
      answers: this.#seats.map((seat) => (seat.thread === null ? "none" : null)),
    });
    for (const seat of this.#seats) this.#give(seat, batch);
    this.#closeReady();
  }

  close(): void {
    this.#closed = true;
    this.#alarm?.();
    for (const seat of this.#seats) {
      seat.retry?.();
      seat.thread?.stop();
      seat.thread = null;
    }
  }

  #give(seat: LaneSeat, batch: LaneBatch): void {
    if (seat.thread === null) return;
    if (seat.owed.length >= MAX_OWED) {
      this.#failed(seat, "lane.failed", `owes ${seat.owed.length} batches`);
      return;
    }
    seat.owed.push(batch.id);
    seat.thread.post(batch);
  }

  #open(seat: LaneSeat, seeded: boolean): void {
    // The seed shows the books as they are now: what was collected before must not reach this lane after it.
    if (seeded) this.flush();
    seat.retry = null;
    seat.owed = [];
    seat.thread = this.#start(seat.setup, {
      answered: (answer) => this.#answered(seat, answer),
      ended: (detail) => {
        this.#failed(seat, "lane.failed", detail);
        this.#closeReady();
      },
    });
    if (seeded) seat.thread.post(this.#seeder.batch());
  }

  #answered(seat: LaneSeat, answer: LaneAnswer): void {
    // What a lane finds in its seed was found before, and judged then.
    if (answer.id === 0) return;
    const position = this.#seats.indexOf(seat);
    if (seat.owed[0] === answer.id) seat.owed.shift();
    seat.maxTookMicros = Math.max(seat.maxTookMicros, answer.tookMicros);
    const { diagnoses } = answer;
    for (let i = 0; i < diagnoses.length; i += 2)
      this.#events.diagnosed(position, diagnoses[i]!, diagnoses[i + 1]!);
    const cycle = this.#cycles.find(({ id }) => id === answer.id);
    if (cycle === undefined || cycle.answers[position] === "none") return;
    cycle.answers[position] = answer;
    seat.failures = 0;
    this.#closeReady();
  }

  /** Closes what can be closed, oldest first, and sets the alarm for the next deadline. */
  #closeReady(): void {
    const now = this.#timers.now();
    while (this.#cycles.length > 0) {
      const cycle = this.#cycles[0]!;
      if (cycle.answers.includes(null)) {
        if (now < cycle.deadline) break;
        this.#expire(cycle);
      }
      this.#cycles.shift();
      const findings = this.#merged(cycle);
      if (findings.length > 0) this.#events.cycle(findings);
    }
    this.#alarm?.();
    const next = this.#cycles[0];
    this.#alarm =
      next === undefined
        ? null
        : this.#timers.after(Math.max(0, next.deadline - now), () => this.#closeReady());
  }

  #expire(cycle: Cycle): void {
    for (const [position, seat] of this.#seats.entries()) {
      if (cycle.answers[position] !== null) continue;
      cycle.answers[position] = "none";
      seat.failures++;
      this.#events.trouble(seat.setup.lane, "lane.late", `batch ${cycle.id}`);
      if (seat.failures >= this.#options.maxFailures)
        this.#failed(seat, "lane.paused", `${seat.failures} late in a row`);
    }
  }

  #merged(cycle: Cycle): readonly LaneFindings[] {
    const findings = cycle.answers.flatMap((answer, position) =>
      answer === null || answer === "none"
        ? []
        : answer.results.map((result) => ({ ...result, lane: this.#seats[position]!.setup.lane })),
    );
    // A stable sort: lanes of the same fact stay in profile order.
    return findings.sort((a, b) => a.seq - b.seq);
  }

  #failed(seat: LaneSeat, reason: Reason, detail: string): void {
    if (this.#closed || seat.thread === null) return;
    seat.thread.stop();
    seat.thread = null;
    seat.failures = 0;
    const position = this.#seats.indexOf(seat);
    for (const { answers } of this.#cycles) answers[position] ??= "none";
    this.#events.trouble(seat.setup.lane, reason, detail);
    seat.retry = this.#timers.after(this.#options.retryMicros, () => this.#open(seat, true));
  }
}
