import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  FACT_WORDS,
  type Finding,
  type Micros,
  type ObjectFact,
  type Reason,
} from "../../contracts/index.ts";
import { LANES, VENUES } from "../../registry.gen.ts";
import { StepClock } from "../../sim/net/step-clock.ts";
import { SeededRng } from "../../sim/rng.ts";
import { createWorld } from "../../sim/world/world.ts";
import { assembleEngine, sha256Hex } from "../assemble.ts";
import { Intake, NO_RAW } from "../intake.ts";
import { firewallOptions, worldOptions } from "../profile/core-options.ts";
import { loadProfile } from "../profile/load.ts";
import type { Session } from "../session.ts";
import { WorldFeed } from "../world-feed.ts";
import { LaneReplica } from "./lane-replica.ts";
import { type LaneThreadEvents, type StartLane, startLaneThread, startThread } from "./lane-thread.ts";
import type { LaneAnswer, LaneBatch } from "./messages.ts";
import { LaneSeeder } from "./seed.ts";
import { type LaneFindings, ThreadLanes } from "./thread-lanes.ts";

const ACTIONS = 40_000;
const profile = loadProfile("demo", {}, [join(import.meta.dirname, "..", "..", "..", "profiles")]).profile;
const LANE_IDS = Object.keys(profile.lanes);

type Fed =
  | { readonly packed: Int32Array; readonly seq: number }
  | { readonly object: ObjectFact; readonly at: Micros; readonly seq: number };

/** The facts of some minutes of the simulated market. */
function worldFacts(): readonly Fed[] {
  const facts: Fed[] = [];
  const session = {
    packed: (i32: Int32Array, _f64: Float64Array, index: number) =>
      facts.push({ packed: i32.slice(index * FACT_WORDS, (index + 1) * FACT_WORDS), seq: facts.length }),
    object: (object: ObjectFact, at: Micros) => facts.push({ object, at, seq: facts.length }),
  } as unknown as Session;
  const venues = Object.entries(profile.venues).map(([id, { module }]) => ({
    id,
    module: VENUES.get(module)!,
  }));
  const feed = new WorldFeed(new Intake(session, NO_RAW, venues, profile.limits), venues);
  const world = createWorld(worldOptions(profile, sha256Hex)!, new SeededRng("lanes"));
  for (let i = 0; i < ACTIONS; i++) feed.act(world.next());
  return facts;
}

const SILENT = { quote: () => {}, decision: () => {}, command: () => {} };

function newEngine() {
  return assembleEngine(profile, [{ id: "simk", currency: "USD" }], LANES, SILENT);
}

/** One line per lane and fact. */
function lines(found: readonly { lane: string; seq: number; findings: readonly Finding[] }[]): string[] {
  return found.map(({ lane, seq, findings }) => `${seq} ${lane} ${JSON.stringify(findings)}`);
}

function inlineFindings(facts: readonly Fed[]): string[] {
  const engine = newEngine();
  const found: LaneFindings[] = [];
  let midFrame = false;
  for (const fact of facts) {
    let look: boolean;
    if ("packed" in fact) {
      look = engine.step(fact.packed, new Float64Array(fact.packed.buffer), 0, fact.seq);
      midFrame = (fact.packed[0]! & (1 << 16)) === 0;
    } else {
      engine.object(fact.object, fact.at, fact.seq);
      look = !midFrame && fact.object.kind !== "market.instruments" && engine.replica.changedCount > 0;
    }
    if (look) for (const result of engine.scan()) found.push({ seq: fact.seq, ...result });
  }
  return lines(found);
}

/** A lane that runs in this thread but answers only when asked to. */
class PuppetLane {
  readonly events: LaneThreadEvents;
  readonly #replica: LaneReplica;
  waiting: LaneBatch[] = [];
  stopped = false;

  constructor(lane: string, events: LaneThreadEvents) {
    const module = LANES.get(lane)!;
    const { maxBooks, denseBudgetBytes } = profile.limits;
    this.events = events;
    this.#replica = new LaneReplica(
      { maxBooks, denseBudgetBytes, firewall: firewallOptions(profile) },
      module.create(module.parse(profile.lanes[lane])),
      sha256Hex,
    );
  }

  answer(): void {
    for (const batch of this.waiting.splice(0)) {
      const results = this.#replica.run(batch);
      const answer: LaneAnswer = {
        kind: "answer",
        id: batch.id,
        results,
        diagnoses: this.#replica.takeDiagnoses(),
        tookMicros: 1,
      };
      this.events.answered(answer);
    }
  }
}

function host(start: StartLane, onCycle?: (found: readonly LaneFindings[]) => void) {
  const engine = newEngine();
  const clock = new StepClock(1_000_000 as Micros);
  const found: LaneFindings[] = [];
  const trouble: [string, Reason][] = [];
  const { maxBooks, denseBudgetBytes } = profile.limits;
  const setups = LANE_IDS.map((lane) => ({
    lane,
    options: profile.lanes[lane],
    maxBooks,
    denseBudgetBytes,
    firewall: firewallOptions(profile),
  }));
  const lanes = new ThreadLanes(
    setups,
    { budgetMicros: 50_000, maxFailures: 3, retryMicros: 1_000_000 },
    clock,
    start,
    new LaneSeeder(engine.replica),
    {
      cycle: (cycle) => {
        found.push(...cycle);
        onCycle?.(cycle);
      },
      diagnosed: () => {},
      trouble: (lane, reason) => trouble.push([lane, reason]),
    },
  );
  const feed = (fact: Fed) => {
    if ("packed" in fact) {
      lanes.packed(fact.packed, 0, fact.seq);
      engine.step(fact.packed, new Float64Array(fact.packed.buffer), 0, fact.seq);
    } else {
      lanes.object(fact.object, fact.at, fact.seq);
      engine.object(fact.object, fact.at, fact.seq);
    }
    engine.skipScan();
  };
  return { lanes, clock, found, trouble, feed };
}

let facts: readonly Fed[];
let inline: readonly string[];

beforeAll(() => {
  facts = worldFacts();
  inline = inlineFindings(facts);
});

describe("lanes in threads", () => {
  it("find what inline lanes find, in the same order, however the facts are cut into batches", () => {
    expect(inline.length).toBeGreaterThan(20);
    for (const seed of ["a", "b"]) {
      const rng = new SeededRng(seed);
      const puppets: PuppetLane[] = [];
      const { lanes, found, feed } = host(({ lane }, events) => {
        const puppet = new PuppetLane(lane, events);
        puppets.push(puppet);
        return { post: (batch) => puppet.waiting.push(batch), stop: () => {} };
      });
      for (const fact of facts) {
        feed(fact);
        if (rng.int(20) === 0) lanes.flush();
        if (rng.int(50) === 0) puppets[rng.int(puppets.length)]!.answer();
      }
      lanes.flush();
      for (const puppet of puppets.toReversed()) puppet.answer();
      expect(lines(found)).toEqual(inline);
      expect(lanes.openCycles).toBe(0);
      lanes.close();
    }
  });

  it("find the same in real threads", async () => {
    let done: () => void = () => {};
    const whole = new Promise<void>((resolve) => {
      done = resolve;
    });
    const { lanes, found, feed } = host(startLaneThread, () => {
      if (found.length >= inline.length) done();
    });
    for (const [index, fact] of facts.entries()) {
      feed(fact);
      if (index % 2_000 === 0) lanes.flush();
    }
    lanes.flush();
    await whole;
    expect(lines(found)).toEqual(inline);
    lanes.close();
  });

  it("leave a late lane out of its cycle, and end, restart and re-seed one that hangs", () => {
    const puppets = new Map<string, PuppetLane[]>();
    const { lanes, clock, found, trouble, feed } = host(({ lane }, events) => {
      const puppet = new PuppetLane(lane, events);
      puppets.set(lane, [...(puppets.get(lane) ?? []), puppet]);
      return {
        post: (batch) => puppet.waiting.push(batch),
        stop: () => {
          puppet.stopped = true;
        },
      };
    });
    const [hanging, sound] = ["bucket", "intra"];
    const answerAll = (lane: string) => puppets.get(lane)!.at(-1)!.answer();
    for (const [index, fact] of facts.entries()) {
      feed(fact);
      if (index % 500 !== 499) continue;
      lanes.flush();
      answerAll(sound!);
      // The hanging lane says nothing in the first half, and answers in the second.
      if (index > facts.length / 2) answerAll(hanging!);
      clock.advanceTo((clock.now() + 60_000) as Micros);
    }
    expect(trouble.slice(0, 4).map(([lane, reason]) => `${lane} ${reason}`)).toEqual([
      "bucket lane.late",
      "bucket lane.late",
      "bucket lane.late",
      "bucket lane.paused",
    ]);
    expect(puppets.get(hanging!)!.length).toBeGreaterThan(1);
    expect(puppets.get(hanging!)![0]!.stopped).toBe(true);
    const intraOnly = inline.filter((line) => line.includes(" intra "));
    expect(lines(found).filter((line) => line.includes(" intra "))).toEqual(
      intraOnly.slice(0, lines(found).filter((line) => line.includes(" intra ")).length),
    );
    expect(found.some(({ lane }) => lane === hanging)).toBe(true);
    // After it was told where the books stand it finds nothing that inline lanes do not find.
    for (const line of lines(found)) expect(inline).toContain(line);
    lanes.close();
  });

  it.each(["throws", "leaks", "hangs"])("go on without a lane that %s, in a real thread", async (how) => {
    const program = new URL("./testing-worker.ts", import.meta.url);
    const limits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };
    let over: () => void = () => {};
    const failed = new Promise<void>((resolve) => {
      over = resolve;
    });
    const puppets: PuppetLane[] = [];
    const { lanes, clock, found, trouble, feed } = host((setup, events) => {
      if (setup.lane === "intra")
        return startThread(
          program,
          limits,
          { ...setup, lane: how },
          {
            ...events,
            ended: (detail) => {
              events.ended(detail);
              over();
            },
          },
        );
      const puppet = new PuppetLane(setup.lane, events);
      puppets.push(puppet);
      return { post: (batch) => puppet.waiting.push(batch), stop: () => {} };
    });
    for (const [index, fact] of facts.entries()) {
      feed(fact);
      if (index % 500 !== 499) continue;
      lanes.flush();
      puppets[0]!.answer();
      // What throws or leaks ends by itself, in real time; what hangs is ended by the budget.
      if (how !== "hangs" && index === 499) await failed;
      clock.advanceTo((clock.now() + 60_000) as Micros);
    }
    const reasons = new Set(trouble.filter(([lane]) => lane === "intra").map(([, reason]) => reason));
    expect([...reasons]).toContain(how === "hangs" ? "lane.paused" : "lane.failed");
    expect(lines(found)).toEqual(inline.filter((line) => line.includes(" bucket ")).slice(0, found.length));
    expect(found.length).toBeGreaterThan(10);
    lanes.close();
  });
});
