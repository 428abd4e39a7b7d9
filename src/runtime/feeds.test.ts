import { describe, expect, it } from "vitest";
import { MemorySink } from "../../tests/memory-sink.ts";
import type { Micros } from "../contracts/index.ts";
import { Feeds } from "./feeds.ts";
import { testFrame, testVenue } from "./test-venue.ts";

const AT = 1_000 as Micros;

describe("Feeds", () => {
  it("shares book and stream numbers over venues, and keeps their symbols apart", () => {
    const sink = new MemorySink();
    const feeds = new Feeds(sink);
    const [a, b] = [feeds.open(testVenue, "a"), feeds.open(testVenue, "b")];
    for (const feed of [a, b]) {
      const bytes = testFrame(["stream", "s"], ["level", "X", 1]);
      feed.mapper.frame(0, AT, bytes, 0, bytes.length);
    }
    expect(sink.records.map(({ book }) => book)).toEqual([0, 1]);
    const streams = sink.objects.flatMap((fact) =>
      fact.kind === "stream.opened" ? [[fact.stream, fact.venue]] : [],
    );
    expect(streams).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
    const keys = sink.objects.flatMap((fact) =>
      fact.kind === "market.instruments" ? fact.instruments.map(({ key }) => key) : [],
    );
    expect(keys).toEqual(["a:X", "b:X"]);
  });

  it("makes one feed a venue", () => {
    const feeds = new Feeds(new MemorySink());
    expect(feeds.open(testVenue)).toBe(feeds.open(testVenue));
    expect(feeds.open(testVenue, "other")).not.toBe(feeds.open(testVenue));
    expect(feeds.all().map(({ id }) => id)).toEqual(["test", "other"]);
  });

  it("bounds the books of all venues together", () => {
    const feeds = new Feeds(new MemorySink(), { maxBooks: 2, maxFrameBytes: 1_024 });
    const hits = ["a", "b", "c"].map((id) => feeds.open(testVenue, id).env.symbols.learn("X", AT));
    expect(hits).toEqual([0, 2, -1]);
    expect(feeds.counter.used).toBe(2);
    expect(feeds.open(testVenue, "a").env.maxFrameBytes).toBe(1_024);
  });
});
