import { describe, expect, it } from "vitest";
import {
  type Command,
  FACT_SLOTS,
  FACT_WORDS,
  FLAG_FRAME_END,
  Kind,
  type Micros,
  type ObjectFact,
  type Order,
  type OrderUpdate,
  S_RECV,
  W_BOOK,
  W_HEAD,
  W_PRICE,
} from "../contracts/index.ts";
import type { Engine, LaneResult } from "../core/engine.ts";
import { CHECKPOINT_FACTS } from "./decision-digest.ts";
import { type OrderVenue, type Recorder, Session } from "./session.ts";

/** An engine, an exchange and a recorder that write down, in one list, what is asked of them. */
class Stage implements Recorder, OrderVenue {
  readonly log: string[] = [];
  readonly session: Session;
  /** What the engine does when a fact, a tick or an answer of that name reaches it. */
  readonly reactions = new Map<string, readonly Command[]>();
  readonly answers: { readonly at: number; readonly id: string }[] = [];
  results: readonly LaneResult[] = [];
  changed = 0;
  diskFails = false;
  #now = 0;
  #seq = 0;

  constructor() {
    const stage = this;
    this.session = new Session(this, this, []);
    const engine = {
      get now() {
        return stage.#now;
      },
      replica: {
        get changedCount() {
          return stage.changed;
        },
        view: { instrument: () => undefined },
        stateDigest: () => [1, 2],
      },
      step: (_i32: Int32Array, f64: Float64Array) => {
        stage.#at(f64[S_RECV]!);
        stage.#react(`step ${f64[S_RECV]}`);
        return stage.changed > 0;
      },
      object: (fact: ObjectFact, at: number) => {
        stage.#at(at);
        stage.#react(fact.kind === "order.update" ? `update ${fact.update.orderId}` : fact.kind);
      },
      tick: (at: number) => {
        stage.#at(at);
        stage.#react("tick");
      },
      scan: () => {
        stage.log.push("scan");
        stage.changed = 0;
        return stage.results;
      },
    };
    this.session.attach(engine as unknown as Engine);
  }

  packed(at: number, isLast = true, kind: Kind = Kind.TRADE): void {
    const i32 = new Int32Array(FACT_WORDS);
    const f64 = new Float64Array(i32.buffer, 0, FACT_SLOTS);
    i32[W_HEAD] = kind | ((isLast ? FLAG_FRAME_END : 0) << 16);
    i32[W_BOOK] = 3;
    i32[W_PRICE] = 44;
    f64[S_RECV] = at;
    this.session.packed(i32, f64, 0);
  }

  worldPacked(_i32: Int32Array, f64: Float64Array): number {
    this.log.push(`fact ${f64[S_RECV]}`);
    return this.#seq++;
  }

  worldObject(fact: ObjectFact): number {
    this.log.push(`fact ${fact.kind}`);
    return this.#seq++;
  }

  reply(fact: ObjectFact, at: Micros): void {
    this.log.push(`reply ${fact.kind} ${at}`);
  }

  /** Of the recorder. */
  tick(at: Micros): void {
    this.log.push(`alarm ${at}`);
  }

  quote(): void {}

  decision(): void {
    this.log.push("decision");
  }

  barrier(): void {
    if (this.diskFails) throw new Error("the disk refuses");
    this.log.push("barrier");
  }

  checkpoint(seq: number): void {
    this.log.push(`checkpoint ${seq}`);
  }

  submit(order: Order, at: Micros): boolean {
    this.log.push(`submit ${order.id} ${at}`);
    return true;
  }

  cancel(orderId: string, at: Micros): void {
    this.log.push(`cancel ${orderId} ${at}`);
  }

  nextAt(): Micros | null {
    const first = Math.min(...this.answers.map(({ at }) => at));
    return Number.isFinite(first) ? (first as Micros) : null;
  }

  tapeChanged(book: number, side: number, ticks: number): void {
    this.log.push(`tape ${book} ${side} ${ticks}`);
  }

  bookClosed(book: number): void {
    this.log.push(`closed ${book}`);
  }

  advance(to: Micros): readonly OrderUpdate[] {
    const due = this.answers.filter(({ at }) => at <= to).sort((a, b) => a.at - b.at);
    for (const each of due) this.answers.splice(this.answers.indexOf(each), 1);
    return due.map(({ at, id }) => ({
      orderId: id,
      state: "filled",
      fills: [],
      reason: null,
      at: at as Micros,
    }));
  }

  #at(at: number): void {
    this.#now = Math.max(this.#now, at);
  }

  #react(what: string): void {
    this.log.push(what);
    for (const command of this.reactions.get(what) ?? []) this.session.command(command, this.#now as Micros);
  }
}

const wake = (at: number): Command => ({ kind: "wake", at: at as Micros });
const submit = (id: string): Command => ({ kind: "venue.submit", venue: "v", order: { id } as Order });

describe("Session", () => {
  it("records a fact before the engine sees it, and recorded lane results before the desk does", () => {
    const stage = new Stage();
    stage.changed = 1;
    stage.results = [{ lane: "l", findings: [] }];
    stage.packed(10);
    expect(stage.log).toEqual(["fact 10", "step 10", "scan", "reply lane.result 10", "lane.result"]);
  });

  it("tells the exchange which levels the tape changed, before anything is judged on them", () => {
    const stage = new Stage();
    stage.packed(10, true, Kind.LEVEL_CHANGE);
    expect(stage.log).toEqual(["fact 10", "tape 3 0 44", "step 10"]);
  });

  it("writes an order's intent through the barrier before it sends the order", () => {
    const stage = new Stage();
    stage.changed = 1;
    stage.reactions.set("step 10", [submit("a"), submit("b")]);
    stage.packed(10);
    expect(stage.log).toEqual([
      "fact 10",
      "step 10",
      "decision",
      "decision",
      "scan",
      "barrier",
      "submit a 10",
      "submit b 10",
    ]);
  });

  it("sends nothing when the journal cannot be written", () => {
    const stage = new Stage();
    stage.diskFails = true;
    stage.changed = 1;
    stage.reactions.set("step 10", [submit("a")]);
    expect(() => stage.packed(10)).toThrow(/disk/);
    expect(stage.log.some((line) => line.startsWith("submit"))).toBe(false);
  });

  it("needs no barrier for a cancel", () => {
    const stage = new Stage();
    stage.reactions.set("operator", [{ kind: "venue.cancel", venue: "v", orderId: "a" }]);
    stage.session.object({ kind: "operator", action: "pause", who: "t", why: "t" }, 5 as Micros);
    expect(stage.log).toEqual(["fact operator", "operator", "decision", "cancel a 5"]);
  });

  it("carries out what fell due before a fact in order of time, answers before alarms at the same instant", () => {
    const stage = new Stage();
    stage.reactions.set("operator", [wake(20), submit("x")]);
    stage.session.object({ kind: "operator", action: "pause", who: "t", why: "t" }, 5 as Micros);
    stage.answers.push({ at: 20, id: "b" }, { at: 15, id: "a" }, { at: 40, id: "c" });
    stage.reactions.set("operator", [wake(20)]);
    stage.session.object({ kind: "operator", action: "pause", who: "t", why: "t" }, 6 as Micros);
    stage.log.length = 0;
    stage.packed(30);
    expect(stage.log).toEqual([
      "reply order.update 15",
      "update a",
      "reply order.update 20",
      "update b",
      "alarm 20",
      "tick",
      "fact 30",
      "step 30",
    ]);
  });

  it("replaces an alarm by the next one", () => {
    const stage = new Stage();
    stage.reactions.set("operator", [wake(20), wake(25)]);
    stage.session.object({ kind: "operator", action: "pause", who: "t", why: "t" }, 5 as Micros);
    stage.log.length = 0;
    stage.packed(24);
    stage.packed(25);
    expect(stage.log).toEqual(["fact 24", "step 24", "alarm 25", "tick", "fact 25", "step 25"]);
  });

  it("never lets anything fall due in the middle of a frame", () => {
    const stage = new Stage();
    stage.reactions.set("market.resolved", [wake(10), submit("a")]);
    stage.packed(10, false);
    stage.session.object({ kind: "market.resolved", market: "m", yesPayout: "1", source: "t" }, 10 as Micros);
    stage.answers.push({ at: 10, id: "a" });
    stage.packed(10, false);
    stage.packed(10);
    expect(stage.log.some((line) => line.startsWith("alarm") || line.startsWith("update"))).toBe(false);
    stage.log.length = 0;
    stage.packed(11);
    expect(stage.log).toEqual([
      "reply order.update 10",
      "update a",
      "alarm 10",
      "tick",
      "fact 11",
      "step 11",
    ]);
  });

  it("never lets a lane look in the middle of a frame", () => {
    const stage = new Stage();
    stage.packed(10, false);
    stage.changed = 1;
    stage.session.object({ kind: "market.resolved", market: "m", yesPayout: "1", source: "t" }, 10 as Micros);
    expect(stage.log).not.toContain("scan");
    stage.packed(10);
    expect(stage.log.filter((line) => line === "scan")).toHaveLength(1);
  });

  it("lets the lanes look when a fact outside of frames moved quotes, but not for mere listings", () => {
    const stage = new Stage();
    stage.changed = 1;
    stage.session.object({ kind: "market.instruments", instruments: [] }, 5 as Micros);
    expect(stage.log).not.toContain("scan");
    stage.session.object({ kind: "market.families", families: [] }, 5 as Micros);
    expect(stage.log).toContain("scan");
  });

  it("links the digest at every checkpoint and at the end", () => {
    const stage = new Stage();
    for (let index = 0; index < CHECKPOINT_FACTS; index++) stage.packed(index + 1);
    expect(stage.log.filter((line) => line.startsWith("checkpoint"))).toEqual([
      `checkpoint ${CHECKPOINT_FACTS - 1}`,
    ]);
    const digest = stage.session.finish(0);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(stage.log.slice(-3)).toEqual([
      `reply run.ended ${CHECKPOINT_FACTS}`,
      "run.ended",
      `checkpoint ${CHECKPOINT_FACTS - 1}`,
    ]);
  });

  it("lets orders run out at the end, up to the grace and no longer", () => {
    const stage = new Stage();
    stage.reactions.set("operator", [submit("a")]);
    stage.packed(100);
    stage.answers.push({ at: 150, id: "in time" }, { at: 999, id: "too late" });
    stage.session.object({ kind: "operator", action: "pause", who: "t", why: "t" }, 100 as Micros);
    stage.session.finish(50);
    expect(stage.log).toContain("update in time");
    expect(stage.log).not.toContain("update too late");
    expect(stage.log.indexOf("update in time")).toBeLessThan(stage.log.indexOf("run.ended"));
  });

  it("counts facts and frames, and remembers when it began", () => {
    const stage = new Stage();
    stage.packed(7, false);
    stage.packed(7);
    stage.session.object({ kind: "market.families", families: [] }, 9 as Micros);
    expect(stage.session).toMatchObject({ facts: 3, frames: 1, startedAt: 7 });
  });
});
