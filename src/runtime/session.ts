import {
  type Command,
  type Decision,
  FACT_SLOTS,
  FACT_WORDS,
  type Finding,
  FLAG_FRAME_END,
  type Instrument,
  Kind,
  type MarketView,
  type Micros,
  type ObjectFact,
  type Order,
  type OrderUpdate,
  S_RECV,
  S_VENUE_AT,
  type Side,
  W_BOOK,
  W_HEAD,
  W_PRICE,
} from "../contracts/index.ts";
import type { Engine } from "../core/engine.ts";
import type { EngineOutput } from "../core/output.ts";
import { CHECKPOINT_FACTS, DecisionDigest } from "./decision-digest.ts";
import { VenueLatency } from "./venue-latency.ts";

/** Records facts and decisions, in order, before anything acts on them. */
export interface Recorder {
  /** Seq of the world fact that is being stepped: decisions refer to it. */
  worldPacked(i32: Int32Array, f64: Float64Array, index: number): number;
  worldObject(fact: ObjectFact, at: Micros): number;
  /** Replies: facts that exist because of a command. */
  reply(fact: ObjectFact, at: Micros): void;
  tick(at: Micros): void;
  quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void;
  decision(decision: Decision, at: Micros): void;
  /** Everything recorded so far is written before this returns: an order's intent is never lost. */
  barrier(): void;
  checkpoint(seq: number, digest: string, state: string): void;
}

/** The paper exchange as the session drives it. */
export interface OrderVenue {
  submit(order: Order, at: Micros, venue: string): boolean;
  cancel(orderId: string, at: Micros, venue: string): void;
  /** Instant of the next thing it will do; null when idle. */
  nextAt(): Micros | null;
  /** The tape changed a level: what our own paper fills took from it is there again. */
  tapeChanged(book: number, side: Side, ticks: number): void;
  /** The market of a book is over. */
  bookClosed(book: number): void;
  /** Everything due up to `to`, in a deterministic order, against the books before a fact of instant `to`. */
  advance(to: Micros, view: MarketView): readonly OrderUpdate[];
}

/** Lanes that look somewhere else: they get every fact that moves books, and answer later by `Session.cycle`. */
export interface RemoteLanes {
  packed(i32: Int32Array, index: number, seq: number): void;
  object(fact: ObjectFact, at: Micros, seq: number): void;
  look(book: number): void;
}

/** Findings of one lane, as a remote lane host hands them in. */
export interface RemoteFindings {
  readonly lane: string;
  readonly findings: readonly Finding[];
}

/** Read-only window on what the session judged. */
export interface SessionTap {
  quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void;
  decision(decision: Decision, at: Micros, factSeq: number): void;
}

/** More due events than this at one instant mean a livelock, which is a bug. */
const DUE_LIMIT = 100_000;

/**
 * The loop of ARCHITECTURE: record a fact, judge it, carry out the commands, turn the answers into facts again.
 * It knows no clock: time is the instant of the facts. The same loop runs the demo, paper trading and what-if replay.
 */
export class Session implements EngineOutput {
  readonly digest = new DecisionDigest();
  readonly latency = new VenueLatency();
  readonly #recorder: Recorder;
  readonly #orders: OrderVenue;
  readonly #taps: readonly SessionTap[];
  #engine: Engine | null = null;
  #remote: RemoteLanes | null = null;
  #commands: Command[] = [];
  #alarm = Number.POSITIVE_INFINITY;
  #due = Number.POSITIVE_INFINITY;
  /** The last packed fact left its frame open: nobody may look at the books before the frame's end. */
  #midFrame = false;
  #factSeq = -1;
  #facts = 0;
  #frames = 0;
  #sinceLink = 0;
  #startedAt = 0;

  constructor(recorder: Recorder, orders: OrderVenue, taps: readonly SessionTap[]) {
    this.#recorder = recorder;
    this.#orders = orders;
    this.#taps = taps;
  }

  /** The engine needs its output before it exists, hence two steps. */
  attach(engine: Engine): void {
    this.#engine = engine;
  }

  /** From now on lanes look elsewhere. To be called before the first fact. */
  delegate(lanes: RemoteLanes): void {
    this.#remote = lanes;
    this.engine.onLookAgain = (book) => lanes.look(book);
  }

  /** What remote lanes found, in the order in which it is to be judged. */
  cycle(results: readonly RemoteFindings[]): void {
    for (const { lane, findings } of results) this.#found(lane, findings);
    this.#carryOut();
  }

  get engine(): Engine {
    if (this.#engine === null) throw new Error("session: no engine attached");
    return this.#engine;
  }

  get facts(): number {
    return this.#facts;
  }

  get frames(): number {
    return this.#frames;
  }

  /** Instant of the first world fact; 0 before it. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Seq of the last world fact. */
  get factSeq(): number {
    return this.#factSeq;
  }

  /** One packed world fact. */
  packed(i32: Int32Array, f64: Float64Array, index: number): void {
    const slot = index * FACT_SLOTS;
    const at = f64[slot + S_RECV]!;
    if (at >= this.#due && !this.#midFrame) this.#runDue(at);
    const seq = this.#recorder.worldPacked(i32, f64, index);
    this.#factSeq = seq;
    const word = index * FACT_WORDS;
    const head = i32[word + W_HEAD]!;
    const kind = head & 0xff;
    if (kind === Kind.LEVEL_CHANGE || kind === Kind.LEVEL_SET) {
      this.#orders.tapeChanged(i32[word + W_BOOK]!, ((head >> 8) & 1) as Side, i32[word + W_PRICE]!);
    }
    this.#midFrame = (head & (FLAG_FRAME_END << 16)) === 0;
    if (!this.#midFrame) {
      this.#frames++;
      const venueAt = f64[slot + S_VENUE_AT]!;
      if (venueAt > 0) this.latency.record(i32[word + W_BOOK]!, at - venueAt, this.engine.replica.view);
    }
    this.#remote?.packed(i32, index, seq);
    if (this.engine.step(i32, f64, index, seq)) this.#scan();
    this.#counted();
  }

  /**
   * Time passed without a fact: what fell due is carried out at its own instant, as it would be before the next fact.
   * No later fact may carry an instant before `at`.
   */
  advance(at: Micros): void {
    this.#reckonDue();
    if (at >= this.#due && !this.#midFrame) this.#runDue(at);
  }

  /** One object world fact. */
  object(fact: ObjectFact, at: Micros): void {
    if (at >= this.#due && !this.#midFrame) this.#runDue(at);
    this.#factSeq = this.#recorder.worldObject(fact, at);
    this.#remote?.object(fact, at, this.#factSeq);
    this.engine.object(fact, at, this.#factSeq);
    if (fact.kind === "market.instruments") this.#closed(fact.instruments);
    this.#carryOut();
    const isLookable = !this.#midFrame && fact.kind !== "market.instruments";
    if (isLookable && this.engine.replica.changedCount > 0) this.#scan();
    this.#counted();
  }

  /** No more world facts: lets orders and deadlines run out, closes what is open, links the digest. */
  finish(graceMicros: number): string {
    this.#runDue(this.engine.now + graceMicros);
    const ended: ObjectFact = { kind: "run.ended", reason: "no more facts" };
    this.#recorder.reply(ended, this.engine.now);
    this.engine.object(ended, this.engine.now, this.#factSeq);
    this.#carryOut();
    return this.#link();
  }

  quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void {
    this.digest.packed(kind, side, book, reasonNumber, this.#factSeq);
    this.#recorder.quote(kind, side, book, reasonNumber, at);
    for (const tap of this.#taps) tap.quote(kind, side, book, reasonNumber, at);
  }

  decision(decision: Decision, at: Micros): void {
    this.digest.object(decision, this.#factSeq);
    this.#recorder.decision(decision, at);
    for (const tap of this.#taps) tap.decision(decision, at, this.#factSeq);
  }

  command(command: Command, at: Micros): void {
    if (command.kind !== "wake") this.decision({ kind: "command.issued", command }, at);
    this.#commands.push(command);
  }

  #closed(instruments: readonly Instrument[]): void {
    for (const { book, status } of instruments) {
      if (status === "closed" || status === "resolved") this.#orders.bookClosed(book);
    }
  }

  #scan(): void {
    if (this.#remote !== null) this.engine.skipScan();
    else for (const { lane, findings } of this.engine.scan()) this.#found(lane, findings);
    this.#carryOut();
  }

  #found(lane: string, findings: readonly Finding[]): void {
    const { engine } = this;
    const fact: ObjectFact = { kind: "lane.result", lane, findings };
    this.#recorder.reply(fact, engine.now);
    engine.object(fact, engine.now, this.#factSeq);
  }

  /** Everything that falls due up to `at`: exchange answers first, then the engine's alarm. */
  #runDue(at: number): void {
    for (let turn = 0; this.#due <= at; turn++) {
      if (turn > DUE_LIMIT) throw new Error(`session: more than ${DUE_LIMIT} events due by ${at}`);
      const answerAt = this.#orders.nextAt() ?? Number.POSITIVE_INFINITY;
      if (answerAt <= this.#alarm) this.#answers(answerAt as Micros);
      else this.#ring(this.#alarm as Micros);
      this.#reckonDue();
    }
  }

  #answers(at: Micros): void {
    const { engine } = this;
    for (const update of this.#orders.advance(at, engine.replica.view)) {
      const fact: ObjectFact = { kind: "order.update", update };
      this.#recorder.reply(fact, update.at);
      engine.object(fact, update.at, this.#factSeq);
      this.#carryOut();
    }
  }

  #ring(at: Micros): void {
    this.#alarm = Number.POSITIVE_INFINITY;
    this.#recorder.tick(at);
    this.engine.tick(at);
    this.#carryOut();
  }

  #carryOut(): void {
    if (this.#commands.length === 0) return;
    const commands = this.#commands;
    this.#commands = [];
    const { now } = this.engine;
    if (commands.some((command) => command.kind === "venue.submit")) this.#recorder.barrier();
    for (const command of commands) {
      if (command.kind === "wake") this.#alarm = command.at;
      else if (command.kind === "venue.submit") this.#orders.submit(command.order, now, command.venue);
      else this.#orders.cancel(command.orderId, now, command.venue);
    }
    this.#reckonDue();
  }

  #reckonDue(): void {
    this.#due = Math.min(this.#alarm, this.#orders.nextAt() ?? Number.POSITIVE_INFINITY);
  }

  #counted(): void {
    if (this.#facts++ === 0) this.#startedAt = this.engine.now;
    if (++this.#sinceLink >= CHECKPOINT_FACTS) this.#link();
  }

  #link(): string {
    this.#sinceLink = 0;
    const [a, b] = this.engine.replica.stateDigest();
    const digest = this.digest.link(this.#factSeq, a, b);
    this.#recorder.checkpoint(this.#factSeq, digest, `${a >>> 0}:${b >>> 0}`);
    return digest;
  }
}
