import { type BookId, type Decision, Kind, type Micros, reasonOf, type Side } from "../../contracts/index.ts";
import { RateWindow } from "../../observe/counters.ts";
import type { Count, ScreenOpportunity, ScreenState, ScreenVenue } from "../../observe/screen-state.ts";
import { LatencyHistogram } from "../latency.ts";
import type { LoadedProfile } from "../profile/load.ts";
import type { RunVenue } from "../replay/journal-venues.ts";
import type { Session, SessionTap } from "../session.ts";

const RATE_WINDOW_MICROS = 5_000_000;
const LAST_OPPORTUNITIES = 12;

/** Watches a session for the live view. Read-only: it changes nothing that is judged. */
export class RunScreen implements SessionTap {
  readonly #loaded: LoadedProfile;
  readonly #venues: readonly RunVenue[];
  readonly #journal: string;
  readonly #speed: number | null;
  readonly #wallMicros: () => Micros;
  readonly #startedWall: Micros;
  readonly #frames = new RateWindow(RATE_WINDOW_MICROS);
  readonly #facts = new RateWindow(RATE_WINDOW_MICROS);
  readonly #venueFrames: readonly RateWindow[];
  readonly #decision = new LatencyHistogram();
  readonly #standing = new Map<number, number>();
  readonly #findings = new Map<string, number>();
  readonly #opportunities: ScreenOpportunity[] = [];
  readonly #funnel = { detected: 0, refused: 0, approved: 0, filled: 0, partial: 0, missed: 0 };
  #session: Session | null = null;
  #health: ScreenState["health"] = { level: "ok", text: "running" };

  constructor(
    loaded: LoadedProfile,
    venues: readonly RunVenue[],
    journal: string,
    speed: number | null,
    wallMicros: () => Micros,
  ) {
    this.#loaded = loaded;
    this.#venues = venues;
    this.#journal = journal;
    this.#speed = speed;
    this.#wallMicros = wallMicros;
    this.#startedWall = wallMicros();
    this.#venueFrames = venues.map(() => new RateWindow(RATE_WINDOW_MICROS));
  }

  attach(session: Session): void {
    this.#session = session;
  }

  /** One frame of a venue was judged in `judgedMicros`, giving `facts` facts. */
  frame(venue: number, facts: number, judgedMicros: number): void {
    const now = this.#wallMicros();
    this.#frames.add(1, now);
    this.#facts.add(facts, now);
    this.#venueFrames[venue]?.add(1, now);
    this.#decision.record(judgedMicros);
  }

  health(level: ScreenState["health"]["level"], text: string): void {
    this.#health = { level, text };
  }

  quote(kind: Kind, side: Side, book: number, reasonNumber: number, _at: Micros): void {
    if (kind === Kind.QUARANTINE) this.#standing.set(book * 2 + side, reasonNumber);
    else if (kind === Kind.RELEASE) this.#standing.delete(book * 2 + side);
  }

  decision(decision: Decision): void {
    if (decision.kind === "opportunity.detected") {
      this.#funnel.detected++;
      this.#findings.set(decision.lane, (this.#findings.get(decision.lane) ?? 0) + 1);
    } else if (decision.kind === "plan.approved") this.#funnel.approved++;
    else if (decision.kind === "opportunity.closed") {
      const { row } = decision;
      if (row.outcome !== "open") this.#funnel[row.outcome]++;
      this.#opportunities.unshift({
        at: row.closedAt as Micros,
        id: row.id,
        lane: row.lane,
        style: row.style,
        family: row.familyTitle,
        guaranteed: row.planned === "0" ? row.detected : row.planned,
        capital: row.capital,
        outcome: row.outcome,
        reason: row.refusal,
      });
      if (this.#opportunities.length > LAST_OPPORTUNITIES) this.#opportunities.pop();
    }
  }

  snapshot(): ScreenState {
    const session = this.#session;
    if (session === null) throw new Error("screen: no session attached");
    const now = this.#wallMicros();
    const { engine } = session;
    const counters = engine.replica.counters();
    const { p50Micros, p99Micros } = this.#decision.summary();
    return {
      profile: this.#loaded.profile.name,
      profileHash: this.#loaded.hash,
      mode: "paper",
      journal: this.#journal,
      uptimeMs: (now - this.#startedWall) / 1000,
      marketAt: engine.now === 0 ? null : engine.now,
      speed: this.#speed,
      books: {
        listed: counters.booksListed,
        valid: counters.booksValid,
        quarantined: this.#standing.size,
        reasons: byCount(this.#standing.values()),
      },
      rates: {
        framesPerSecond: this.#frames.perSecond(now),
        factsPerSecond: this.#facts.perSecond(now),
        frames: this.#frames.total,
        facts: this.#facts.total,
      },
      venues: this.#venueStates(now, counters.reasons),
      lanes: engine.lanes.map(({ id }) => this.#laneState(id)),
      funnel: { ...this.#funnel },
      opportunities: [...this.#opportunities],
      money: { currency: "USD", ...engine.desk.summary() },
      decision: { p50Micros, p99Micros },
      health:
        engine.desk.paused === null
          ? this.#health
          : { level: "halted", text: `trading off: ${engine.desk.paused}` },
    };
  }

  #laneState(id: string): ScreenState["lanes"][number] {
    const diagnoses = this.#session?.engine.diagnosisCounts()[id] ?? {};
    const list = Object.entries(diagnoses).map(([name, count]) => ({ name, count }));
    return {
      id,
      families: list.reduce((sum, { count }) => sum + count, 0),
      findings: this.#findings.get(id) ?? 0,
      diagnoses: list.sort((a, b) => b.count - a.count),
    };
  }

  #venueStates(
    now: Micros,
    reasons: Readonly<Record<string, Readonly<Record<string, number>>>>,
  ): ScreenVenue[] {
    const view = this.#session!.engine.replica.view;
    const books = new Map<string, { listed: number; valid: number }>();
    for (let book = 0; ; book++) {
      const instrument = view.instrument(book as BookId);
      if (instrument === undefined) break;
      const entry = books.get(instrument.venue) ?? { listed: 0, valid: 0 };
      entry.listed++;
      if (this.#session!.engine.replica.validity(book)?.valid === true) entry.valid++;
      books.set(instrument.venue, entry);
    }
    const latency = this.#session!.latency.summary();
    return this.#venues.map(({ id }, index) => {
      const counts = reasons[id] ?? {};
      const { listed, valid } = books.get(id) ?? { listed: 0, valid: 0 };
      const rejects = Object.entries(counts).filter(
        ([code]) => code.startsWith("wire.") && code !== "wire.no_content" && code !== "wire.mirror",
      );
      const delay = latency[id];
      return {
        id,
        status: listed > 0 && valid * 2 < listed ? "degraded" : "up",
        books: listed,
        valid,
        framesPerSecond: this.#venueFrames[index]!.perSecond(now),
        rejects: rejects.reduce((sum, [, count]) => sum + count, 0),
        gaps: counts["book.gap"] ?? 0,
        delay:
          delay === undefined || delay.count === 0
            ? null
            : { p50Micros: delay.p50Micros, p99Micros: delay.p99Micros },
      };
    });
  }
}

function byCount(reasons: Iterable<number>): Count[] {
  const counts = new Map<string, number>();
  for (const number of reasons) {
    const name = reasonOf(number) ?? String(number);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}
