import { join } from "node:path";
import {
  type Decision,
  type Finding,
  type Kind,
  type Micros,
  type ObjectFact,
  type OpportunityRow,
  type OrderUpdate,
  reasonOf,
  type Side,
} from "../../src/contracts/index.ts";
import { LANES, VENUES } from "../../src/registry.gen.ts";
import { assembleSession, sha256Hex } from "../../src/runtime/assemble.ts";
import { Intake, NO_RAW } from "../../src/runtime/intake.ts";
import { worldOptions } from "../../src/runtime/profile/core-options.ts";
import { loadProfile } from "../../src/runtime/profile/load.ts";
import type { Profile } from "../../src/runtime/profile/schema.ts";
import { CountingRecorder } from "../../src/runtime/replay/recorders.ts";
import type { Session, SessionTap } from "../../src/runtime/session.ts";
import { WorldFeed } from "../../src/runtime/world-feed.ts";
import { SeededRng } from "../../src/sim/rng.ts";
import type { Plant, WorldAction } from "../../src/sim/world/actions.ts";
import { createWorld } from "../../src/sim/world/world.ts";

const PROFILES = join(import.meta.dirname, "..", "..", "profiles");
const GRACE_MICROS = 60_000_000;

/** A finding and the instant at which a lane gave it. */
export interface Found {
  readonly at: number;
  readonly finding: Finding;
}

export type Approval = Extract<Decision, { kind: "plan.approved" }>;

/** The demo profile with another seed. */
export function demoProfile(seed: string): Profile {
  return { ...loadProfile("demo", {}, [PROFILES]).profile, seed };
}

/** Keeps what a session recorded and decided, for the laws that are checked on it. */
class Ear extends CountingRecorder implements SessionTap {
  readonly found: Found[] = [];
  readonly updates: OrderUpdate[] = [];
  readonly decisions: { readonly decision: Decision; readonly at: number }[] = [];
  readonly quoteReasons = new Map<string, number>();
  /** Instants of replies, ticks and decisions in the order in which they were recorded. */
  readonly instants: number[] = [];
  readonly #onDecision: (decision: Decision) => void;

  constructor(onDecision: (decision: Decision) => void) {
    super();
    this.#onDecision = onDecision;
  }

  override reply(fact: ObjectFact, at: Micros): void {
    this.instants.push(at);
    if (fact.kind === "order.update") this.updates.push(fact.update);
    if (fact.kind === "lane.result") for (const finding of fact.findings) this.found.push({ at, finding });
  }

  override tick(at: Micros): void {
    this.instants.push(at);
  }

  override quote(_kind: Kind, _side: Side, _book: number, reasonNumber: number, at: Micros): void {
    this.instants.push(at);
    const reason = reasonOf(reasonNumber) ?? String(reasonNumber);
    this.quoteReasons.set(reason, (this.quoteReasons.get(reason) ?? 0) + 1);
  }

  override decision(decision: Decision, at: Micros): void {
    this.instants.push(at);
    this.decisions.push({ decision, at });
    this.#onDecision(decision);
  }
}

/** One finished run of the demo world through the whole engine. */
export interface SimulatedSession {
  readonly session: Session;
  readonly digest: string;
  readonly plants: readonly Plant[];
  readonly ear: Pick<Ear, "found" | "updates" | "decisions" | "quoteReasons" | "instants">;
  readonly hazards: Readonly<Record<string, number>>;
  /** Instant of the last action. */
  readonly endedAt: number;
}

export interface Watch {
  /** After every action of the world. */
  readonly after?: (session: Session, action: WorldAction) => void;
  /** While a decision is made: the books are as it saw them. */
  readonly deciding?: (session: Session, decision: Decision) => void;
}

/** Plays `seconds` of simulated time of the profile's world, as fast as possible, without journal or files. */
export function simulate(profile: Profile, seconds: number, watch: Watch = {}): SimulatedSession {
  const venues = Object.entries(profile.venues).map(([id, { module }]) => ({
    id,
    module: VENUES.get(module)!,
  }));
  const ear = new Ear((decision) => watch.deciding?.(session, decision));
  const session: Session = assembleSession(
    profile,
    venues.map(({ id, module }) => ({ id, currency: module.scales.currency })),
    LANES,
    ear,
    [],
  );
  const feed = new WorldFeed(new Intake(session, NO_RAW, venues, profile.limits), venues);
  const options = worldOptions(profile, sha256Hex)!;
  const world = createWorld(options, new SeededRng(profile.seed));
  const end = options.startAt + seconds * 1_000_000;
  for (let action = world.next(); action.at <= end; action = world.next()) {
    feed.act(action);
    watch.after?.(session, action);
  }
  const digest = session.finish(GRACE_MICROS);
  const hazards = feed.hazards as Readonly<Record<string, number>>;
  return { session, digest, plants: world.plants(), ear, hazards, endedAt: end };
}

/** The rows of a run in the order in which they were closed. */
export function rowsOf({ ear }: SimulatedSession): OpportunityRow[] {
  return ear.decisions.flatMap(({ decision }) =>
    decision.kind === "opportunity.closed" ? [decision.row] : [],
  );
}

/** The plan styles that carry out what a plant offers. */
export function carriesOut(plant: Plant, style: string): boolean {
  if (plant.style === "yes_basket") return style === "yes_basket";
  if (plant.style === "no_basket") return style === "no_basket" || style === "no_convert";
  return style === "pair";
}
