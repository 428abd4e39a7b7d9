import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { SeededRng } from "../../sim/rng.ts";
import { StreamWatch, type WatchAction } from "./stream-watch.ts";
import { DEFAULT_STREAM_WATCH, type StreamWatchOptions } from "./stream-watch-options.ts";

const SECOND = 1_000_000;
const START = 1_700_000_000 * SECOND;

function at(seconds: number): Micros {
  return (START + Math.round(seconds * SECOND)) as Micros;
}

/** Streams with Poisson bursts of messages, watched second by second. */
class Feed {
  readonly watch: StreamWatch;
  readonly actions: (WatchAction & { readonly second: number })[] = [];
  /** Messages per second of each stream; 0 = silent. */
  readonly rates: number[];
  burst = 1;
  /** Connects anew what the watch wants connected anew. */
  obeys = true;
  keepAlive = true;
  now = 0;
  readonly #rng: SeededRng;

  constructor(rates: readonly number[], options: Partial<StreamWatchOptions> = {}, seed = 1) {
    this.watch = new StreamWatch({ ...DEFAULT_STREAM_WATCH, ...options });
    this.rates = [...rates];
    this.#rng = new SeededRng(`feed-${seed}`);
    rates.forEach((_, stream) => {
      this.watch.opened(stream, at(0));
    });
  }

  run(seconds: number): this {
    for (let i = 0; i < seconds; i++) {
      this.rates.forEach((rate, stream) => {
        const bursts = poisson(this.#rng, rate / this.burst);
        for (let k = 0; k < bursts; k++)
          this.watch.message(stream, at(this.now + k / (bursts + 1)), this.burst);
        if (this.keepAlive) this.watch.byte(stream, at(this.now + 0.9));
      });
      this.now++;
      for (const action of this.watch.tick(at(this.now))) {
        this.actions.push({ ...action, second: this.now });
        if (action.kind !== "reconnect" || !this.obeys) continue;
        this.watch.closed(action.stream, at(this.now), true);
        this.watch.opened(action.stream, at(this.now));
      }
    }
    return this;
  }

  /** What fired and recovered, as `kind reason stream`. */
  get changes(): string[] {
    return this.actions
      .filter(({ kind }) => kind !== "reconnect")
      .map(({ kind, reason, stream }) => `${kind} ${reason} ${stream}`);
  }

  secondOf(kind: string): number {
    return this.actions.find((action) => action.kind === kind)?.second ?? -1;
  }
}

function poisson(rng: SeededRng, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = rng.next(); product > limit; product *= rng.next()) count++;
  return count;
}

describe("a frozen stream that stays open", () => {
  it("fires soon on a busy stream, is connected anew, and recovers", () => {
    const feed = new Feed([20, 20, 20]).run(300);
    expect(feed.actions).toEqual([]);
    feed.rates[1] = 0;
    feed.obeys = false;
    feed.run(20);
    expect(feed.changes).toEqual(["fired feed.frozen 1"]);
    expect(feed.secondOf("fired") - 300).toBeLessThanOrEqual(10);
    feed.rates[1] = 20;
    feed.watch.opened(1, at(feed.now));
    feed.run(20);
    expect(feed.changes).toEqual(["fired feed.frozen 1", "recovered feed.frozen 1"]);
    expect(feed.watch.suspect).toBe(0);
  });

  it("takes the time its own rate asks for on a slow stream", () => {
    const feed = new Feed([0.5, 20]).run(1_200);
    expect(feed.actions).toEqual([]);
    feed.rates[0] = 0;
    feed.run(20);
    expect(feed.changes).toEqual([]);
    feed.run(100);
    expect(feed.changes).toEqual(["fired feed.frozen 0"]);
  });

  it("is asked for again while nobody connects it anew, and does not recover by itself", () => {
    const feed = new Feed([20, 20]).run(200);
    feed.obeys = false;
    feed.rates[0] = 0;
    feed.run(200);
    expect(feed.changes).toEqual(["fired feed.frozen 0"]);
    const asked = feed.actions.filter(({ kind }) => kind === "reconnect").length;
    expect(asked).toBeGreaterThanOrEqual(6);
    expect(asked).toBeLessThanOrEqual(8);
  });

  it("is found when a trickle still comes", () => {
    const feed = new Feed([20, 20]).run(300);
    feed.rates[0] = 0.2;
    feed.obeys = false;
    feed.run(120);
    expect(feed.changes).toEqual(["fired feed.frozen 0"]);
  });

  it("is found in the end when all streams freeze together", () => {
    const feed = new Feed([20, 20]).run(300);
    feed.rates.fill(0);
    feed.obeys = false;
    feed.run(150);
    expect(feed.changes.sort()).toEqual(["fired feed.frozen 0", "fired feed.frozen 1"]);
  });

  it("recovers without a reconnect when messages come again", () => {
    const feed = new Feed([20, 20]).run(300);
    feed.obeys = false;
    feed.rates[0] = 0;
    feed.run(30);
    feed.rates[0] = 20;
    feed.run(70);
    expect(feed.changes).toEqual(["fired feed.frozen 0", "recovered feed.frozen 0"]);
  });
});

describe("a quiet stream that is not frozen", () => {
  it("never fires on steady streams of any rate and burst", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0.02, 0.2, 2, 30), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 5, 20),
        fc.nat(1_000),
        (rates, burst, seed) => {
          const feed = new Feed(rates, {}, seed);
          feed.burst = burst;
          expect(feed.run(1_500).changes).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is spared while its siblings are as quiet", () => {
    const feed = new Feed([4, 4, 4]).run(600);
    feed.rates.fill(0.15);
    feed.run(100);
    expect(feed.changes).toEqual([]);
  });

  it("is connected anew a few times at most when it really calmed down for good", () => {
    const feed = new Feed([20, 20]).run(300);
    feed.rates[0] = 0.05;
    feed.run(3_600);
    const asked = feed.actions.filter(({ kind }) => kind === "reconnect");
    expect(asked.length).toBeGreaterThanOrEqual(1);
    expect(asked.length).toBeLessThanOrEqual(8);
    expect(asked.filter(({ second }) => second > 2_700)).toEqual([]);
  });

  it("is not judged before anything was learned", () => {
    expect(new Feed([0, 0]).run(300).changes).toEqual([]);
  });
});

describe("the heartbeat", () => {
  it("fires when not even keep-alives come, and recovers with them", () => {
    const feed = new Feed([0, 0]).run(10);
    feed.keepAlive = false;
    feed.obeys = false;
    feed.run(29);
    expect(feed.changes).toEqual([]);
    feed.run(3);
    expect(feed.changes).toEqual(["fired feed.heartbeat 0", "fired feed.heartbeat 1"]);
    feed.keepAlive = true;
    feed.run(10);
    expect(feed.changes.slice(2)).toEqual(["recovered feed.heartbeat 0", "recovered feed.heartbeat 1"]);
  });

  it("does not watch a closed stream", () => {
    const feed = new Feed([0]).run(5);
    feed.keepAlive = false;
    feed.watch.closed(0, at(5), true);
    expect(feed.run(100).changes).toEqual([]);
  });
});

describe("rates of a venue", () => {
  it("too many reconnects fire once and recover once they are over", () => {
    const feed = new Feed([1]);
    for (let i = 0; i < 7; i++) {
      feed.run(5);
      feed.watch.closed(0, at(feed.now), false);
      feed.watch.opened(0, at(feed.now));
    }
    feed.run(1);
    expect(feed.changes).toEqual(["fired feed.reconnect_rate null"]);
    expect(feed.watch.isOn("feed.reconnect_rate")).toBe(true);
    feed.run(900);
    expect(feed.changes).toEqual(["fired feed.reconnect_rate null", "recovered feed.reconnect_rate null"]);
  });

  it("too many gaps fire once and recover", () => {
    const feed = new Feed([1]);
    for (let i = 0; i < 25; i++) {
      feed.run(1);
      feed.watch.gap(at(feed.now));
    }
    feed.run(2);
    expect(feed.changes).toEqual(["fired feed.gap_rate null"]);
    feed.run(900);
    expect(feed.changes).toEqual(["fired feed.gap_rate null", "recovered feed.gap_rate null"]);
    expect(feed.watch.isOn("feed.gap_rate")).toBe(false);
  });

  it("streams closed on purpose count for nothing", () => {
    const feed = new Feed([1]);
    for (let i = 0; i < 20; i++) feed.watch.closed(0, at(i), true);
    expect(feed.run(5).changes).toEqual([]);
  });
});

describe("bounds", () => {
  it("watches no more streams than it may, and forgets what is gone", () => {
    const watch = new StreamWatch({ ...DEFAULT_STREAM_WATCH, maxStreams: 2 });
    for (let stream = 0; stream < 5; stream++) watch.opened(stream, at(0));
    expect(watch.size).toBe(2);
    watch.message(4, at(1), 1);
    watch.byte(4, at(1));
    watch.forget(0);
    watch.opened(4, at(2));
    expect(watch.size).toBe(2);
  });
});
