import { describe, expect, it } from "vitest";
import {
  FACT_SLOTS,
  FACT_WORDS,
  type Family,
  type Finding,
  FLAG_FRAME_END,
  Kind,
  type Lane,
  type Micros,
  type ObjectFact,
  reasonNumber,
  S_LOTS,
  S_RECV,
  S_VENUE_SEQ,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../contracts/index.ts";
import type { Desk } from "./desk.ts";
import { Engine } from "./engine.ts";
import { TestFeed, testInstrument } from "./market/test-feed.ts";

const evidence = { label: "unknown", source: "test", hash: "h", expiresAt: null } as const;

function family(id: string, members: readonly number[]): Family {
  const rest = { unquoted: [], exclusive: evidence, exhaustive: evidence, atMost: null, transforms: [] };
  return { id, kind: "event", venue: "test", title: id, members: members as Family["members"], ...rest };
}

/** Writes down what the desk was asked. */
class DeskLog {
  readonly calls: string[] = [];
  waiting = 0;
  waitsFor = -1;
  readonly desk = new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === "waiting") return this.waiting;
        return (...args: unknown[]) => {
          this.calls.push(`${String(name)} ${String(args.at(-1))}`);
          return name === "frameEnded" ? args[0] === this.waitsFor : undefined;
        };
      },
    },
  ) as Desk;
}

/** An engine over a real replica with lanes that say which families they were shown. */
class Bench {
  readonly log = new DeskLog();
  readonly shown: string[] = [];
  readonly engine: Engine;
  findings: Finding[] = [];
  #seq = 0;
  #fact = 0;

  constructor() {
    const watching: Lane = {
      scan: (view, changed, count, out) => {
        for (let at = 0; at < count; at++) {
          this.shown.push(view.family(changed[at]!).id);
          out.diagnose(
            changed[at]!,
            reasonNumber(this.findings.length > 0 ? "lane.emitted" : "lane.no_edge_gross"),
          );
        }
        for (const finding of this.findings) out.finding(finding);
      },
    };
    const quiet: Lane = {
      scan: (_view, changed, _count, out) => out.diagnose(changed[0]!, reasonNumber("lane.unified")),
    };
    this.engine = new Engine(
      new TestFeed().replica,
      [
        { id: "watching", lane: watching },
        { id: "quiet", lane: quiet },
      ],
      this.log.desk,
    );
    const list: ObjectFact = {
      kind: "market.instruments",
      instruments: [0, 1, 2].map((book) => testInstrument(book)),
    };
    this.object(list);
    this.object({ kind: "stream.opened", stream: 0, venue: "test", label: "t", judged: true, why: "" });
    this.object({ kind: "market.families", families: [family("a", [0, 1]), family("b", [1, 2])] });
    this.engine.scan();
    this.shown.length = 0;
    this.log.calls.length = 0;
  }

  object(fact: ObjectFact, at = 1_000): void {
    this.engine.object(fact, at as Micros, this.#fact++);
  }

  /** One record; a frame of its own unless `open`. */
  put(kind: Kind, book: number, side: 0 | 1, ticks: number, lots: number, at: number, open = false): boolean {
    const i32 = new Int32Array(FACT_WORDS);
    const f64 = new Float64Array(i32.buffer, 0, FACT_SLOTS);
    i32[W_HEAD] = kind | (side << 8) | ((open ? 0 : FLAG_FRAME_END) << 16);
    i32[W_BOOK] = book;
    i32[W_PRICE] = ticks;
    i32[W_STREAM] = 0;
    f64[S_LOTS] = lots;
    f64[S_RECV] = at;
    f64[S_VENUE_SEQ] = open ? this.#seq + 1 : ++this.#seq;
    return this.engine.step(i32, f64, 0, this.#fact++);
  }

  snapshot(book: number, at: number): boolean {
    this.put(Kind.SNAPSHOT_BEGIN, book, 0, -1, -1, at, true);
    this.put(Kind.SNAPSHOT_LEVEL, book, 0, 4_000, 100, at, true);
    this.put(Kind.SNAPSHOT_LEVEL, book, 1, 4_200, 100, at, true);
    return this.put(Kind.SNAPSHOT_END, book, 0, -1, -1, at);
  }
}

describe("Engine", () => {
  it("asks for a look only when a frame ended and quotes moved, and shows the lanes exactly the families concerned", () => {
    const bench = new Bench();
    expect(bench.snapshot(0, 2_000)).toBe(true);
    bench.engine.scan();
    expect(bench.shown).toEqual(["a"]);
    bench.shown.length = 0;
    expect(bench.put(Kind.LEVEL_CHANGE, 0, 0, 3_500, 10, 3_000)).toBe(false);
    expect(bench.put(Kind.LEVEL_CHANGE, 0, 0, 4_100, 10, 4_000, true)).toBe(false);
    expect(bench.snapshot(1, 4_000)).toBe(true);
    bench.engine.scan();
    expect(bench.shown.toSorted()).toEqual(["a", "b"]);
  });

  it("shows a change once", () => {
    const bench = new Bench();
    bench.snapshot(0, 2_000);
    bench.engine.scan();
    bench.engine.scan();
    expect(bench.shown).toEqual(["a"]);
    bench.snapshot(0, 3_000);
    bench.engine.skipScan();
    bench.engine.scan();
    expect(bench.shown).toEqual(["a"]);
  });

  it("leaves lanes that found nothing out of the results, and keeps the results of one scan apart from the next", () => {
    const bench = new Bench();
    bench.snapshot(0, 2_000);
    expect(bench.engine.scan()).toEqual([]);
    const finding = { lane: "watching", family: "a" } as Finding;
    bench.findings = [finding];
    bench.snapshot(0, 3_000);
    const first = bench.engine.scan();
    expect(first).toEqual([{ lane: "watching", findings: [finding] }]);
    bench.findings = [];
    bench.snapshot(0, 4_000);
    bench.engine.scan();
    expect(first).toEqual([{ lane: "watching", findings: [finding] }]);
  });

  it("keeps the last diagnosis of each family by lane", () => {
    const bench = new Bench();
    expect(bench.engine.diagnosisCounts()).toEqual({
      watching: { "lane.no_edge_gross": 2 },
      quiet: { "lane.unified": 1 },
    });
    bench.findings = [{ lane: "watching", family: "a" } as Finding];
    bench.snapshot(0, 2_000);
    bench.engine.scan();
    expect(bench.engine.diagnosisCounts()["watching"]).toEqual({
      "lane.emitted": 1,
      "lane.no_edge_gross": 1,
    });
  });

  it("never lets its clock go back", () => {
    const bench = new Bench();
    bench.snapshot(0, 9_000);
    bench.snapshot(0, 5_000);
    bench.object({ kind: "operator", action: "pause", who: "t", why: "t" }, 6_000);
    bench.engine.tick(7_000 as Micros);
    expect(bench.engine.now).toBe(9_000);
    expect(bench.log.calls).toEqual(["operator 9000", "tick 9000"]);
  });

  it("tells the desk that a frame ended only while something waits, and looks again at the book it waits for", () => {
    const bench = new Bench();
    bench.snapshot(0, 2_000);
    bench.engine.scan();
    expect(bench.log.calls).toEqual([]);
    bench.log.waiting = 1;
    expect(bench.put(Kind.LEVEL_CHANGE, 0, 0, 3_500, 10, 3_000)).toBe(false);
    bench.log.waitsFor = 0;
    expect(bench.put(Kind.LEVEL_CHANGE, 0, 0, 3_500, 10, 4_000)).toBe(true);
    expect(bench.log.calls).toEqual(["frameEnded 3000", "frameEnded 4000"]);
  });

  it("hands each fact to the part of the desk that it concerns", () => {
    const bench = new Bench();
    const update = { orderId: "o", state: "filled", fills: [], reason: null, at: 1_000 as Micros } as const;
    const facts: ObjectFact[] = [
      { kind: "lane.result", lane: "watching", findings: [{} as Finding, {} as Finding] },
      { kind: "order.update", update },
      { kind: "market.resolved", market: "test:M0", yesPayout: "1", source: "t" },
      { kind: "operator", action: "kill", who: "t", why: "t" },
      { kind: "market.families", families: [] },
      { kind: "venue.status", venue: "test", status: "down", reason: "t" },
      { kind: "run.ended", reason: "t" },
    ];
    for (const fact of facts) bench.object(fact);
    const names = bench.log.calls.map((call) => call.split(" ")[0]);
    expect(names).toEqual([
      "finding",
      "finding",
      "orderUpdate",
      "resolved",
      "operator",
      "listingsChanged",
      "closeAll",
    ]);
  });
});
