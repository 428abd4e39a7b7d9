import type { Micros, Reason } from "../../contracts/index.ts";
import { Alarm } from "./alarm.ts";
import { EventWindow } from "./event-window.ts";
import { StreamRate } from "./stream-rate.ts";
import type { StreamWatchOptions } from "./stream-watch-options.ts";

/** What a watchdog watches for. */
export type StreamReason = Extract<
  Reason,
  "feed.frozen" | "feed.heartbeat" | "feed.reconnect_rate" | "feed.gap_rate"
>;

/** What the watchdogs say. `stream` null: the venue as a whole. */
export type WatchAction =
  | {
      readonly kind: "fired" | "recovered";
      readonly reason: StreamReason;
      readonly stream: number | null;
      readonly at: Micros;
      readonly detail: string;
    }
  /** The stream is to be closed and connected anew. */
  | {
      readonly kind: "reconnect";
      readonly reason: StreamReason;
      readonly stream: number;
      readonly at: Micros;
    };

interface Stream {
  readonly rate: StreamRate;
  isOpen: boolean;
  openedAt: Micros;
  lastByteAt: Micros;
  /** Which watchdog barks, and since when the stream was last to be connected anew. */
  verdict: "feed.frozen" | "feed.heartbeat" | null;
  askedAt: Micros;
  /** Frozen verdicts without a sound time since; each doubles the patience with the next connection. */
  strikes: number;
  patience: number;
  soundSince: Micros;
}

const SECOND = 1_000_000;
const RATE_BUCKETS = 20;
const MAX_STRIKES = 4;
/** The others can lower what is expected of a stream to this share, no further. */
const LEAST_ACTIVITY = 0.02;
/** The others are taken to be as active as usual until this many of their messages were due. */
const PRIOR_MESSAGES = 2;
const WINDOW_MICROS = 60 * SECOND;
const WINDOW_BUCKETS = 60;
/** Over this time a stream that was not connected anew must bring more than far too few messages. */
const PROOF_MICROS = 10 * SECOND;
/** Far fewer: below this share of what the learned rate and the others make expected. */
const FAR_FEWER = 0.1;
/** A stream that was sound this long has its strikes forgiven. */
const FORGIVE_MICROS = 600 * SECOND;

/**
 * The watchdogs over the streams of one venue: heartbeat, silence or far too few messages for what the stream usually
 * brings, too many reconnects, too many gaps. A market that goes quiet with all others is not frozen; one that alone
 * goes quiet is. A stream number names a place that stays the same over reconnects.
 */
export class StreamWatch {
  readonly #options: StreamWatchOptions;
  readonly #streams = new Map<number, Stream>();
  readonly #lost: EventWindow;
  readonly #gaps: EventWindow;
  readonly #lostAlarm: Alarm;
  readonly #gapAlarm: Alarm;
  /** Messages of all sound streams, and what they usually bring per second. */
  readonly #messages = new EventWindow(WINDOW_MICROS, WINDOW_BUCKETS);
  #usualPerSecond = 0;
  #tickedAt = -1;

  constructor(options: StreamWatchOptions) {
    this.#options = options;
    this.#lost = new EventWindow(options.rateSpanMicros, RATE_BUCKETS);
    this.#gaps = new EventWindow(options.rateSpanMicros, RATE_BUCKETS);
    this.#lostAlarm = new Alarm(options.reconnects);
    this.#gapAlarm = new Alarm(options.gaps);
  }

  /** Streams with a barking watchdog, of all that are watched. */
  get suspect(): number {
    let count = 0;
    for (const stream of this.#streams.values()) if (stream.verdict !== null) count++;
    return count;
  }

  get size(): number {
    return this.#streams.size;
  }

  isOn(reason: "feed.reconnect_rate" | "feed.gap_rate"): boolean {
    return (reason === "feed.gap_rate" ? this.#gapAlarm : this.#lostAlarm).isOn;
  }

  /** Beyond `maxStreams` further streams are not watched. */
  opened(stream: number, now: Micros): void {
    let state = this.#streams.get(stream);
    if (state === undefined) {
      if (this.#streams.size >= this.#options.maxStreams) return;
      state = {
        rate: new StreamRate(),
        isOpen: true,
        openedAt: now,
        lastByteAt: now,
        verdict: null,
        askedAt: now,
        strikes: 0,
        patience: 1,
        soundSince: now,
      };
      this.#streams.set(stream, state);
    }
    state.isOpen = true;
    state.openedAt = now;
    state.lastByteAt = now;
    state.patience = 2 ** state.strikes;
    state.rate.opened(now);
  }

  /** The stream was lost, or closed on purpose (`wanted`), which counts for nothing. */
  closed(stream: number, now: Micros, wanted: boolean): void {
    const state = this.#streams.get(stream);
    if (state !== undefined) state.isOpen = false;
    if (!wanted) this.#lost.add(now, 1);
  }

  /** The stream is gone for good. */
  forget(stream: number): void {
    this.#streams.delete(stream);
  }

  /** Anything arrived, a keep-alive, too. */
  byte(stream: number, now: Micros): void {
    const state = this.#streams.get(stream);
    if (state !== undefined) state.lastByteAt = now;
  }

  /** Messages with content arrived. O(1), allocates nothing. */
  message(stream: number, now: Micros, count: number): void {
    const state = this.#streams.get(stream);
    if (state === undefined) return;
    state.lastByteAt = now;
    state.rate.message(now, count, state.verdict === null);
  }

  gap(now: Micros): void {
    this.#gaps.add(now, 1);
  }

  /** To be called about once a second. */
  tick(now: Micros): WatchAction[] {
    const actions: WatchAction[] = [];
    const elapsed = this.#tickedAt === -1 ? 0 : now - this.#tickedAt;
    this.#tickedAt = now;
    this.#usualPerSecond = 0;
    for (const state of this.#streams.values()) {
      if (state.isOpen) this.#turn(state, now, elapsed);
    }
    for (const [stream, state] of this.#streams) {
      if (state.isOpen) this.#judge(stream, state, now, actions);
    }
    this.#venueWide("feed.reconnect_rate", this.#lostAlarm, this.#lost.total(now), now, actions);
    this.#venueWide("feed.gap_rate", this.#gapAlarm, this.#gaps.total(now), now, actions);
    return actions;
  }

  /** A stream under suspicion does not teach that silence is usual; one that was connected anew for it does, soon. */
  #turn(state: Stream, now: Micros, elapsed: number): void {
    const { rate } = state;
    const { learnMicros, memoryMicros, evidence } = this.#options;
    const afresh = state.strikes > 0 && state.openedAt >= state.askedAt;
    const trusted = rate.learnedMicros < learnMicros || rate.silenceEvidence(now, 1) < evidence / 2;
    const learns = afresh || (state.verdict === null && trusted);
    const count = rate.turn(now, elapsed, learns, afresh ? 2 * learnMicros : memoryMicros);
    if (state.verdict !== null) return;
    this.#messages.add(now, count);
    this.#usualPerSecond += rate.perSecond;
  }

  #judge(stream: number, state: Stream, now: Micros, actions: WatchAction[]): void {
    const found = this.#diagnose(state, now);
    if (found === null) {
      this.#prove(stream, state, now, actions);
      return;
    }
    const { reason, detail } = found;
    state.soundSince = now;
    if (state.verdict === null) {
      // A verdict keeps the reason it began with, so that what fired is what recovers.
      state.verdict = reason;
      actions.push({ kind: "fired", reason, stream, at: now, detail });
    } else if (now - state.askedAt < this.#options.repeatMicros) return;
    this.#ask(stream, state, now, actions);
  }

  #ask(stream: number, state: Stream, now: Micros, actions: WatchAction[]): void {
    const reason = state.verdict!;
    if (reason === "feed.frozen") state.strikes = Math.min(MAX_STRIKES, state.strikes + 1);
    state.askedAt = now;
    actions.push({ kind: "reconnect", reason, stream, at: now });
  }

  #diagnose(
    state: Stream,
    now: Micros,
  ): { readonly reason: "feed.frozen" | "feed.heartbeat"; readonly detail: string } | null {
    const options = this.#options;
    const lag = now - state.lastByteAt;
    if (lag >= options.heartbeatMicros)
      return { reason: "feed.heartbeat", detail: `no byte for ${seconds(lag)}` };
    const { rate, patience } = state;
    if (rate.learnedMicros < options.learnMicros) return null;
    const needed = options.evidence * patience;
    const silence = rate.silenceMicros(now);
    const usual = `${rate.perSecond.toPrecision(3)} per second are usual`;
    if (silence >= Math.max(options.frozenFloorMicros * patience, 2 * rate.longestGapMicros(now))) {
      // Within its silence nothing was its own: what was counted then came from the others.
      const activity = this.#othersActivity(state, now, silence, 0);
      const excluded = rate.silenceEvidence(now, activity) >= needed;
      const overdue = silence >= options.frozenCapMicros && rate.silenceEvidence(now, 1) >= 4 * needed;
      if (excluded || overdue)
        return { reason: "feed.frozen", detail: `silent for ${seconds(silence)}, ${usual}` };
    }
    const { count, expected } = rate.recent(now);
    const activity = this.#othersActivity(state, now, WINDOW_MICROS, count);
    const longEnough = now - state.openedAt >= options.frozenFloorMicros * patience;
    if (longEnough && count < FAR_FEWER * expected * activity && rate.fewEvidence(now, activity) >= needed)
      return { reason: "feed.frozen", detail: `${count} messages in a minute, ${usual}` };
    return null;
  }

  /** Nothing is wrong: a barking watchdog is quieted once messages have come for long enough. */
  #prove(stream: number, state: Stream, now: Micros, actions: WatchAction[]): void {
    const { verdict } = state;
    if (verdict === null) {
      if (state.strikes > 0 && now - state.soundSince >= FORGIVE_MICROS) {
        state.strikes--;
        state.soundSince = now;
      }
      return;
    }
    const provenFor = now - Math.max(state.soundSince, state.openedAt);
    const { count } = state.rate.recent(now);
    if (provenFor < this.#options.proveMicros || !this.#isProven(state, count, now)) {
      if (now - Math.max(state.askedAt, state.openedAt) >= this.#options.repeatMicros * 2 ** state.strikes)
        this.#ask(stream, state, now, actions);
      return;
    }
    state.verdict = null;
    state.soundSince = now;
    actions.push({ kind: "recovered", reason: verdict, stream, at: now, detail: `${count} messages` });
  }

  /** Only messages prove a stream: that siblings fell quiet took the evidence away, no more. */
  #isProven(state: Stream, count: number, now: Micros): boolean {
    if (state.verdict === "feed.heartbeat") return true;
    if (count === 0 || now - state.rate.silenceMicros(now) <= state.soundSince) return false;
    if (state.openedAt >= state.askedAt) return true;
    const activity = this.#othersActivity(state, now, PROOF_MICROS, 0);
    return state.rate.share(now, PROOF_MICROS) >= FAR_FEWER * activity;
  }

  /** How active the other sound streams were within the last `micros`, 1 = as usual. @param own messages of this one. */
  #othersActivity({ rate, verdict }: Stream, now: Micros, micros: number, own: number): number {
    const span = Math.min(micros, WINDOW_MICROS);
    const isCounted = verdict === null;
    const count = this.#messages.last(now, span) - (isCounted ? own : 0);
    const usual = this.#usualPerSecond - (isCounted ? rate.perSecond : 0);
    const expected = (usual * span) / SECOND;
    const activity = (Math.max(0, count) + PRIOR_MESSAGES) / (expected + PRIOR_MESSAGES);
    return Math.min(1, Math.max(LEAST_ACTIVITY, activity));
  }

  #venueWide(
    reason: "feed.reconnect_rate" | "feed.gap_rate",
    alarm: Alarm,
    total: number,
    now: Micros,
    actions: WatchAction[],
  ): void {
    const change = alarm.update(total, now);
    if (change === null) return;
    const minutes = this.#options.rateSpanMicros / (60 * SECOND);
    const detail = `${total} in ${minutes} minutes`;
    const kind = change === "fired" ? "fired" : "recovered";
    actions.push({ kind, reason, stream: null, at: now, detail });
  }
}

function seconds(micros: number): string {
  return `${(micros / SECOND).toFixed(1)} s`;
}
