import { describe, expect, it } from "vitest";
import type { Micros, PollOutcome, VenueSession } from "../../contracts/index.ts";
import { PollRound } from "./poll-round.ts";

const at = (ms: number) => (ms * 1000) as Micros;

function round() {
  const asked: { symbols: readonly string[]; done: (outcome: PollOutcome) => void }[] = [];
  const refused: string[] = [];
  const session = {
    pollBatch: 2,
    minPollMicros: 1_000_000,
    poll: (symbols: readonly string[], _purpose: string, done: (outcome: PollOutcome) => void) =>
      asked.push({ symbols, done }),
  } as unknown as VenueSession;
  const polls = new PollRound({
    session,
    maxBooks: 100,
    maxAgeMicros: 60_000_000,
    symbolOf: (book) => `B${book}`,
    refused: (reason) => refused.push(reason),
  });
  for (let book = 0; book < 8; book++) polls.add(book, 1_000 * (book + 1), at(0));
  return { polls, asked, refused };
}

describe("polling", () => {
  it("asks for batches of different books, a few at a time, and goes on as answers come", () => {
    const { polls, asked } = round();
    polls.tick(at(10));
    expect(asked.map(({ symbols }) => symbols.length)).toEqual([2, 2, 2]);
    expect(new Set(asked.flatMap(({ symbols }) => symbols)).size).toBe(6);
    polls.tick(at(20));
    expect(asked).toHaveLength(3);
    asked[0]!.done({ ok: true, books: 2 });
    polls.tick(at(30));
    expect(asked).toHaveLength(4);
    expect(polls).toMatchObject({ open: 3, answered: 1, books: 2 });
  });

  it("pauses as long as the venue asks, and counts the refusal", () => {
    const { polls, asked, refused } = round();
    polls.tick(at(10));
    for (const { done } of asked.splice(0))
      done({ ok: false, reason: "feed.rate_limited", retryAfterMicros: 2_000_000 });
    expect(refused).toEqual(["feed.rate_limited", "feed.rate_limited", "feed.rate_limited"]);
    polls.tick(at(1_999));
    expect(asked).toHaveLength(0);
    polls.tick(at(2_010));
    expect(asked).toHaveLength(3);
  });

  it("keeps the least distance of two polls, longer when capacity is short", () => {
    const { polls, asked } = round();
    const drain = (ms: number) => {
      polls.tick(at(ms));
      for (let more = asked.splice(0); more.length > 0; more = asked.splice(0)) {
        for (const { done } of more) done({ ok: true, books: 2 });
        polls.tick(at(ms));
      }
    };
    drain(10);
    polls.tick(at(900));
    expect(asked).toHaveLength(0);
    polls.share = 0.5;
    polls.tick(at(1_500));
    expect(asked).toHaveLength(0);
    polls.tick(at(2_100));
    expect(asked.length).toBeGreaterThan(0);
  });
});
