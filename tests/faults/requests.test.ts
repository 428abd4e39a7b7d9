import { describe, expect, it } from "vitest";
import type { Reason } from "../../src/contracts/index.ts";
import type { Fault } from "../../src/sim/embedded/faults/fault.ts";
import type { FaultRunOptions } from "./harness.ts";
import { endsWell, order, othersAreWell, runs, told } from "./scene.ts";
import { FAULT_VENUES, type FaultVenue } from "./venues.ts";

/** Catalogue and status are asked for every second, so that faults of requests meet some. */
const ASKING: FaultRunOptions = {
  speed: 10,
  feed: { rediscoverMs: 1_000 },
  sessions: { kalshi: { rediscoverMs: 1_000, statusMs: 1_000 } },
};

/** What the venue says while a fault strikes, and the reason it is counted with. */
const REFUSALS: readonly [Fault, Readonly<Record<string, Reason>>][] = [
  ["rate_limited", { kalshi: "feed.rate_limited", polymarket: "feed.rate_limited" }],
  ["rate_limited_retry_after", { kalshi: "feed.rate_limited", polymarket: "feed.rate_limited" }],
  ["cloudflare_html", { kalshi: "feed.rate_limited", polymarket: "feed.rate_limited" }],
  ["restarting", { kalshi: "feed.html", polymarket: "feed.maintenance" }],
  ["forbidden", { kalshi: "feed.auth", polymarket: "feed.geo" }],
  ["unavailable", { kalshi: "feed.maintenance", polymarket: "feed.maintenance" }],
  ["refuse_connect", { kalshi: "feed.unreachable", polymarket: "feed.unreachable" }],
];

const SILENCES: readonly Fault[] = ["timeout_lost", "timeout_executed"];

const by = <T>(each: (venue: FaultVenue) => readonly T[]): readonly T[] => FAULT_VENUES.flatMap(each);

describe("requests and upgrades that are refused", { retry: 2 }, () => {
  const start = runs();

  it.each(by((venue) => REFUSALS.map(([fault, reasons]) => [venue.id, fault, reasons[venue.id]!] as const)))(
    "%s: %s",
    async (id, fault, reason) => {
      const run = await start(ASKING);
      const gate = run.gate(id);
      const before = run.count(id, reason);
      const end = gate.begin(fault, { durationMicros: null });
      gate.begin("disconnect");
      order(run, id);
      const detected = await run.until(`${fault} is counted`, () => run.count(id, reason) > before);
      await run.until(`${id} is not up`, () => run.link(id).status !== "up");
      expect(run.coverage(id).usable).toBe(0);
      othersAreWell(run, id);
      end();
      const healed = await run.until(`${id} is whole again`, () => run.isWhole(id));
      // Who is told that this region may not trade does not try again; market data goes on.
      if (reason !== "feed.geo") await run.until(`${id} is up`, () => run.link(id).status === "up");
      await endsWell(run, id, [reason]);
      told(`${id} ${fault}: ${reason} after ${detected} ms, healed in ${healed} ms`);
    },
  );

  it.each(by((venue) => SILENCES.map((fault) => [venue.id, fault] as const)))(
    "%s: %s: requests end unanswered, streams go on",
    async (id, fault) => {
      const run = await start(ASKING);
      const end = run.gate(id).begin(fault, { durationMicros: null });
      const reason = "feed.timeout";
      const detected = await run.until(`${fault} is counted`, () => run.count(id, reason) > 0);
      expect(run.isWhole(id)).toBe(true);
      othersAreWell(run, id);
      end();
      const answered = () =>
        run
          .link(id)
          .client.stats()
          .reduce((sum, stats) => sum + stats.answered, 0);
      const before = answered();
      const healed = await run.until("requests are answered again", () => answered() > before);
      order(run, id);
      await endsWell(run, id, [reason]);
      told(`${id} ${fault}: ${reason} after ${detected} ms, healed in ${healed} ms`);
    },
  );
});

describe("a wait that the venue states", { retry: 2 }, () => {
  const start = runs();

  it.each(FAULT_VENUES)(
    "$id: no request of the class leaves within it",
    async ({ id, catalogue, catalogueClass }) => {
      const run = await start(ASKING);
      const end = run.gate(id).begin("rate_limited_retry_after", { durationMicros: null, match: catalogue });
      const stats = () =>
        run
          .link(id)
          .client.stats()
          .find((each) => each.id === catalogueClass)!;
      await run.until("it was refused three times", () => stats().refused >= 3);
      end();
      const answered = stats().answered;
      await run.until("it is answered again", () => stats().answered > answered + 2);
      expect(stats().insideRetryAfter).toBe(0);
      const own = run.traffic.of(id, `GET`).filter(({ request }) => request.url.includes(catalogue));
      for (const { outcome } of own) {
        if (outcome?.kind !== "answer" || outcome.status !== 429) continue;
        const waitMicros = Number(outcome.headers["retry-after"]) * 1_000_000;
        expect(waitMicros).toBeGreaterThan(0);
        const inside = own.filter(({ sentAt }) => sentAt > outcome.at && sentAt < outcome.at + waitMicros);
        expect(inside).toEqual([]);
      }
      othersAreWell(run, id);
      await endsWell(run, id, []);
    },
  );
});

describe("polled books", { retry: 2 }, () => {
  const start = runs();

  it("kalshi without a key: refused polls age the books, and pass", async () => {
    const run = await start({
      ...ASKING,
      orders: "off",
      embedded: { keys: false },
      feed: { rediscoverMs: 3_600_000 },
    });
    const id = "kalshi";
    const end = run
      .gate(id)
      .begin("rate_limited_retry_after", { durationMicros: null, match: "/markets/orderbooks" });
    const detected = await run.until("it is counted", () => run.count(id, "feed.rate_limited") > 0);
    await run.until("its quotes are stale", () => run.coverage(id).usable === 0);
    othersAreWell(run, id);
    end();
    const healed = await run.until("its quotes are fresh", () => run.isWhole(id));
    expect(
      Math.max(
        ...run
          .link(id)
          .client.stats()
          .map(({ insideRetryAfter }) => insideRetryAfter),
      ),
    ).toBe(0);
    const { summary } = await run.close();
    expect([run.leaks(), summary.reasons[id]?.["feed.rate_limited"]]).toEqual([[], expect.any(Number)]);
    told(
      `${id} (polled) rate_limited_retry_after: feed.rate_limited after ${detected} ms, healed in ${healed} ms`,
    );
  });
});
