import {
  type BookId,
  type Decision,
  type Micros,
  PICO_DIGITS,
  parseDecimal,
  reasonOf,
} from "../../contracts/index.ts";
import type { EmbeddedMarket } from "../../sim/embedded/market.ts";
import type { Plant } from "../../sim/embedded/plant.ts";
import type { Profile } from "../profile/schema.ts";
import type { Session, SessionTap } from "../session.ts";

/** A finding may be recorded a little after its plant is gone: frames were on their way. */
const AFTER_MICROS = 1_000_000;
const SAMPLE_EVERY_MICROS = 200_000;
/** Answers and sightings remembered; a plant lives for seconds. */
const MAX_OPEN = 20_000;
const MAX_LISTED = 200;
const MAX_GENUINE = 16;
const COOLING = "dedupe.cooldown";

/** A genuine plant that was not found, or a trap that was taken. */
export interface MissedPlant {
  readonly plant: number;
  readonly venue: string;
  readonly event: string;
  readonly style: string;
  readonly profit: string;
  readonly reason: string;
}

/** How many of the planted arbitrages were found, and why the others were not. */
export interface Recall {
  /** Genuine ones within one venue, above the profile's edge, that ended during the run. */
  readonly planted: number;
  readonly found: number;
  /** Not found, by reason; together with `found` they are all. */
  readonly missed: Readonly<Record<string, number>>;
  /** Traps that stood, and traps on which a plan of their style was approved: none should be. */
  readonly decoys: number;
  readonly decoysTaken: number;
  readonly examples: readonly MissedPlant[];
}

/** What was seen of a family while a plant stood in it. */
interface Sighting {
  readonly plant: Plant;
  readonly family: string | null;
  found: boolean;
  approved: boolean;
  /** Why the lanes, or the desk, gave nothing when last looked at. */
  reason: string;
}

/**
 * Compares what the engine detects with the embedded market's answer key while both run. It only reads, and only after
 * the engine has judged.
 */
export class RecallAudit implements SessionTap {
  readonly #market: EmbeddedMarket;
  readonly #minEdge: bigint;
  readonly #open = new Map<number, Sighting>();
  readonly #byFamily = new Map<string, Set<Sighting>>();
  /** When each family last gave an opportunity, and when each family and style gave one that was taken. */
  readonly #detectedAt = new Map<string, number>();
  readonly #takenAt = new Map<string, number>();
  /** The last genuine plants of each family. */
  readonly #genuine = new Map<string, readonly Plant[]>();
  readonly #missed: Record<string, number> = {};
  readonly #examples: MissedPlant[] = [];
  #planted = 0;
  #found = 0;
  #decoys = 0;
  #decoysTaken = 0;
  #lastPlant = 0;
  #sampledAt = 0;

  constructor(market: EmbeddedMarket, profile: Profile) {
    this.#market = market;
    this.#minEdge = parseDecimal(profile.risk.minEdge, PICO_DIGITS) ?? 0n;
  }

  quote(): void {}

  decision(decision: Decision, at: Micros): void {
    if (decision.kind === "opportunity.detected") {
      remember(this.#detectedAt, decision.family, at);
      for (const sighting of this.#byFamily.get(decision.family) ?? []) sighting.found = true;
    } else if (decision.kind === "opportunity.closed" && decision.row.refusal === null) {
      const { family, style, foundAt } = decision.row;
      remember(this.#takenAt, `${family} ${style}`, foundAt);
      for (const sighting of this.#byFamily.get(family) ?? [])
        if (foundAt >= sighting.plant.from && style === sighting.plant.style) sighting.approved = true;
    }
  }

  /** Looks at new, standing and ended plants; cheap, a few times a second. */
  round(session: Session, now: Micros): void {
    if (now - this.#sampledAt < SAMPLE_EVERY_MICROS) return;
    this.#sampledAt = now;
    const labels = this.#market.labels();
    for (let i = labels.length - 1; i >= 0 && labels[i]!.id > this.#lastPlant; i--)
      this.#begin(labels[i]!, session);
    this.#lastPlant = labels.at(-1)?.id ?? this.#lastPlant;
    const current = new Map(labels.map((plant) => [plant.id, plant]));
    for (const sighting of this.#open.values()) {
      const plant = current.get(sighting.plant.id) ?? sighting.plant;
      if (now > plant.until + AFTER_MICROS) this.#end(sighting, plant);
      else if (!sighting.found && now <= plant.until && sighting.reason !== COOLING)
        sighting.reason = this.#diagnosis(session, sighting);
    }
  }

  result(): Recall {
    return {
      planted: this.#planted,
      found: this.#found,
      missed: { ...this.#missed },
      decoys: this.#decoys,
      decoysTaken: this.#decoysTaken,
      examples: [...this.#examples],
    };
  }

  #begin(plant: Plant, session: Session): void {
    if (plant.style === "cross" || this.#open.size >= MAX_OPEN) return;
    const book = bookOf(session, plant);
    const { view } = session.engine.replica;
    const index =
      book === null ? undefined : view.familiesOf(book).find((i) => view.family(i).kind === "event");
    const family = index === undefined ? null : view.family(index).id;
    const reason = book === null ? "not listed yet" : family === null ? "no family" : "not looked at";
    // The engine is often faster than this look.
    const found = (this.#detectedAt.get(family ?? "") ?? 0) >= plant.from;
    const approved = (this.#takenAt.get(`${family} ${plant.style}`) ?? 0) >= plant.from;
    const sighting: Sighting = { plant, family, found, approved, reason };
    this.#open.set(plant.id, sighting);
    if (family === null) return;
    if (plant.decoy === null)
      this.#genuine.set(family, [...(this.#genuine.get(family) ?? []), plant].slice(-MAX_GENUINE));
    const set = this.#byFamily.get(family) ?? new Set();
    set.add(sighting);
    this.#byFamily.set(family, set);
  }

  #end(sighting: Sighting, plant: Plant): void {
    this.#open.delete(plant.id);
    if (sighting.family !== null) {
      const set = this.#byFamily.get(sighting.family);
      set?.delete(sighting);
      if (set?.size === 0) this.#byFamily.delete(sighting.family);
    }
    if (plant.decoy !== null) {
      this.#decoys++;
      // A genuine plant of the same family and style at the same time: what was taken was that one.
      const isGenuine = (this.#genuine.get(sighting.family ?? "") ?? []).some(
        (other) => other.style === plant.style && other.from <= plant.until && plant.from <= other.until,
      );
      if (sighting.approved && !isGenuine) {
        this.#decoysTaken++;
        this.#example(plant, `trap taken: ${plant.decoy}`);
      }
      return;
    }
    if ((parseDecimal(plant.profit, PICO_DIGITS) ?? 0n) < this.#minEdge) return;
    this.#planted++;
    if (sighting.found) this.#found++;
    else this.#miss(sighting, plant);
  }

  #miss(sighting: Sighting, plant: Plant): void {
    const reason = plant.disturbed ? `disturbed by a fault: ${sighting.reason}` : sighting.reason;
    this.#missed[reason] = (this.#missed[reason] ?? 0) + 1;
    this.#example(plant, reason);
  }

  #example(plant: Plant, reason: string): void {
    if (this.#examples.length >= MAX_LISTED) return;
    const { id, venue, event, style, profit } = plant;
    this.#examples.push({ plant: id, venue, event, style, profit, reason });
  }

  /** The first reason among the lanes that is not "nothing to find": what stood in the way. */
  #diagnosis(session: Session, { family, plant, reason }: Sighting): string {
    const { engine } = session;
    const { view } = engine.replica;
    if (family === null) return reason;
    const book = bookOf(session, plant);
    const index = book === null ? undefined : view.familiesOf(book).find((i) => view.family(i).id === family);
    if (index === undefined) return reason;
    const barred = plant.legs
      .map((leg) => ({ book: symbolBook(session, plant.venue, leg.symbol), side: leg.side }))
      .map((leg) => (leg.book === null ? 0 : view.barred(leg.book, leg.side)))
      .find((number) => number !== 0);
    if (barred !== undefined) return reasonOf(barred) ?? String(barred);
    for (let lane = 0; lane < engine.lanes.length; lane++) {
      const code = reasonOf(engine.diagnoses.get(lane, index));
      // A lane that emits while nothing is detected: the family was taken a moment ago and cools down.
      if (code === "lane.emitted") return COOLING;
      if (code !== undefined && code !== "lane.unified") return code;
    }
    return reason;
  }
}

/** The newest instants; families that gave nothing for longest are forgotten first. */
function remember(seen: Map<string, number>, family: string, at: number): void {
  seen.delete(family);
  seen.set(family, at);
  if (seen.size <= MAX_OPEN) return;
  const [oldest] = seen.keys();
  if (oldest !== undefined) seen.delete(oldest);
}

function bookOf(session: Session, plant: Plant): BookId | null {
  const first = plant.legs[0];
  return first === undefined ? null : symbolBook(session, plant.venue, first.symbol);
}

/** Books by key, filled as they are asked for. */
const KEYS = new WeakMap<Session, { readonly byKey: Map<string, BookId>; next: number }>();

function symbolBook(session: Session, venue: string, symbol: string): BookId | null {
  const known = KEYS.get(session) ?? { byKey: new Map<string, BookId>(), next: 0 };
  KEYS.set(session, known);
  const { view } = session.engine.replica;
  for (
    let i = view.instrument(known.next as BookId);
    i !== undefined;
    i = view.instrument(known.next as BookId)
  ) {
    known.byKey.set(i.key, i.book);
    known.next++;
  }
  return known.byKey.get(`${venue}:${symbol}`) ?? null;
}
