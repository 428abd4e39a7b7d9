import {
  type Cancel,
  Kind,
  type Micros,
  type ObjectFact,
  type OrderGateway,
  type Reason,
  type Rng,
  type Timers,
  type VenueId,
} from "../../contracts/index.ts";
import type { Intake } from "../intake.ts";
import type { Session } from "../session.ts";
import type { CapacityRound } from "./capacity-round.ts";
import { readCoverage } from "./coverage-reading.ts";
import { type KillState, KillSwitch } from "./kill-switch.ts";
import { LagWatch } from "./lag-watch.ts";
import { Refusals } from "./refusals.ts";
import type { StageState, Startup } from "./startup.ts";
import type { VenueLink } from "./venue-link.ts";

export interface LiveCoreParts {
  readonly session: Session;
  readonly intake: Intake;
  readonly clock: Timers;
  readonly rng: Rng;
  readonly tickMicros: number;
  readonly maxLagMicros: number;
  readonly startup: Startup;
  readonly onStage: (stage: StageState) => void;
  /** Keeps the run within the machine; absent in simulated time. */
  readonly capacity: (links: readonly VenueLink[]) => CapacityRound | null;
  /** Called after each round. */
  readonly onRound: (now: Micros) => void;
  /** The run cannot go on; called at most once. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * The connected engine room: venue links feed the intake, rounds let time pass. Everything comes through `Timers` and
 * `Net`, so the same room runs on the internet, on embedded venues over loopback, and in simulated time.
 */
export class LiveCore {
  readonly #parts: LiveCoreParts;
  readonly #links: VenueLink[] = [];
  readonly #lag: LagWatch;
  readonly refusals = new Refusals();
  #capacity: CapacityRound | null = null;
  #kill: KillSwitch | null = null;
  #round: Cancel | null = null;
  #last = 0;
  #ended = false;
  #maxLate = 0;

  constructor(parts: LiveCoreParts) {
    this.#parts = parts;
    this.#lag = new LagWatch(parts.maxLagMicros);
  }

  /** The latest start of a round since the last call, in microseconds after its due instant. */
  takeMaxLate(): number {
    const late = this.#maxLate;
    this.#maxLate = 0;
    return late;
  }

  /** True once nothing may become a fact any more. */
  get ended(): boolean {
    return this.#ended;
  }

  get links(): readonly VenueLink[] {
    return this.#links;
  }

  /** The kill switch's view of each venue; empty before a kill. */
  killStates(): readonly KillState[] {
    return this.#kill?.states() ?? [];
  }

  /** Links are made with this core's events, hence added after it. */
  add(link: VenueLink): void {
    this.#links.push(link);
  }

  start(): void {
    this.#capacity = this.#parts.capacity(this.#links);
    for (const link of this.#links) link.start();
    this.#next();
  }

  /** An instant for a fact: never before one that was judged. */
  stamp(at: Micros): Micros {
    if (at > this.#last) this.#last = at;
    return this.#last as Micros;
  }

  fact(fact: ObjectFact, at: Micros): void {
    if (this.#ended) return;
    this.#parts.intake.object(fact, this.stamp(at));
  }

  refused(venue: VenueId, reason: Reason, detail: string): void {
    const now = this.#parts.clock.now();
    const text = this.refusals.add(venue, reason, detail, now);
    if (text !== null) this.fact({ kind: "feed.note", venue, stage: reason, detail: text, tookMs: 0 }, now);
  }

  /** A judgement about a book, as the session's taps see it: lost validity is repaired by the book's venue. */
  quote(kind: Kind, book: number, reason: Reason | undefined, at: Micros): void {
    if (kind !== Kind.REFUSAL || book < 0 || reason === undefined || !reason.startsWith("book.")) return;
    for (const link of this.#links) link.invalidated(book, reason, at);
  }

  /** A plan was approved on these books. */
  pin(books: readonly number[]): void {
    for (const link of this.#links) for (const book of books) link.pin(book);
  }

  /** An opportunity was seen on these books: where they are polled, they are polled sooner. */
  promote(books: readonly number[]): void {
    const now = this.#parts.clock.now();
    for (const { polls } of this.#links) for (const book of books) polls.found(book, now);
  }

  /** Something about the run as a whole that an operator wants to read later. */
  note(venue: VenueId, stage: string, detail: string): void {
    this.#note(venue, stage, detail, null);
  }

  /** Nothing may be sent any more; everything resting is cancelled at every venue at once. */
  kill(who: string, why: string): void {
    const now = this.#parts.clock.now();
    if (this.#kill !== null) return;
    const gateways = new Map<VenueId, OrderGateway>();
    for (const { id, session } of this.#links)
      if (session.gateway !== null) gateways.set(id, session.gateway);
    this.#kill = new KillSwitch(gateways, this.#parts.clock, this.#parts.rng.fork("kill"), (state) =>
      this.#note(
        state.venue,
        "kill",
        state.flat ? state.detail : `not flat: ${state.detail}`,
        state.tookMicros,
      ),
    );
    // The cancels leave before anything is judged or written: that is what the 200 ms are for.
    this.#kill.pull();
    this.fact({ kind: "operator", action: "kill", who, why }, now);
  }

  operator(action: "pause" | "resume", who: string, why: string): void {
    this.fact({ kind: "operator", action, who, why }, this.#parts.clock.now());
  }

  /** No more facts: rounds end, and what venues still say is not heard. */
  mute(): void {
    this.#ended = true;
    this.#round?.();
    this.#round = null;
    this.#kill?.close();
  }

  /** Ends every connection, then says so. */
  stop(done: () => void): void {
    this.mute();
    let open = this.#links.length;
    const closed = (): void => {
      if (--open === 0) done();
    };
    if (open === 0) done();
    for (const link of this.#links) link.close(closed);
  }

  /** An order's answer arrived: it becomes a fact now, not at the next round. */
  answered(): void {
    if (!this.#ended) this.#parts.session.advance(this.stamp(this.#parts.clock.now()));
  }

  #next(): void {
    const { clock, tickMicros } = this.#parts;
    const due = clock.now() + tickMicros;
    this.#round = clock.after(tickMicros, () => {
      try {
        this.#tick(due);
        this.#next();
      } catch (error) {
        this.#parts.onFailed(error);
      }
    });
  }

  #tick(due: number): void {
    const { clock, session, startup, onRound } = this.#parts;
    const now = clock.now();
    this.#maxLate = Math.max(this.#maxLate, now - due);
    this.#watchLag(now, now - due);
    session.advance(this.stamp(now));
    for (const link of this.#links) link.tick(now);
    this.#capacity?.round(now, now - due);
    this.#look(now);
    startup.check(now);
    for (const stage of startup.takeEnded()) {
      this.#note(
        stage.venue,
        stage.stage,
        stage.done > 0 ? String(stage.done) : "",
        (stage.endedMs ?? 0) * 1000,
      );
      this.#parts.onStage(stage);
    }
    onRound(now);
  }

  #watchLag(now: Micros, lateMicros: number): void {
    const change = this.#lag.observe(lateMicros);
    if (change === null) return;
    const reason = change ? `feed.overflow: ${Math.round(lateMicros / 1000)} ms behind` : "caught up";
    this.fact({ kind: "degraded.mode", on: change, scope: "all", reason }, now);
  }

  /** The first usable book of a venue ends its start. */
  #look(now: Micros): void {
    if (this.#parts.startup.complete) return;
    const { replica } = this.#parts.session.engine;
    for (const link of this.#links)
      if (readCoverage(replica, link.books()).books.usable > 0)
        this.#parts.startup.end(link.id, "quote", now);
  }

  #note(venue: VenueId, stage: string, detail: string, tookMicros: number | null): void {
    const tookMs = Math.round((tookMicros ?? 0) / 1000);
    this.fact({ kind: "feed.note", venue, stage, detail, tookMs }, this.#parts.clock.now());
  }
}
