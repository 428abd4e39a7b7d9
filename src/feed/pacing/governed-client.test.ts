import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  Cancel,
  GovernedRequest,
  HttpOutcome,
  HttpRequest,
  Micros,
  Net,
  RateClass,
  RequestPurpose,
  Stress,
} from "../../contracts/index.ts";
import { StepClock } from "../../sim/net/step-clock.ts";
import { SeededRng } from "../../sim/rng.ts";
import { GovernedClient } from "./governed-client.ts";
import type { PacingOptions } from "./rate-queue.ts";

const T0 = 1_700_000_000_000_000 as Micros;
const SECOND = 1_000_000;
const EMPTY = new Uint8Array();

const CLASS: RateClass = {
  id: "books",
  perSecond: 10,
  burst: 5,
  safety: 1,
  reserved: 0,
  excess: "refuses",
  maxInFlight: 50,
  source: "test",
};

interface Sent {
  readonly request: HttpRequest;
  readonly at: Micros;
  readonly done: (outcome: HttpOutcome) => void;
  cancelled: boolean;
}

/** Keeps what it is given until the test answers. */
class OpenNet implements Pick<Net, "request"> {
  readonly sent: Sent[] = [];
  readonly #clock: StepClock;

  constructor(clock: StepClock) {
    this.#clock = clock;
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const sent: Sent = { request, at: this.#clock.now(), done, cancelled: false };
    this.sent.push(sent);
    return () => {
      sent.cancelled = true;
    };
  }

  answer(index: number, status = 200, headers: Record<string, string> = {}): void {
    const { at, done } = this.sent[index]!;
    done({ kind: "answer", status, headers, body: EMPTY, sentAt: at, at: this.#clock.now() });
  }

  urls(): string[] {
    return this.sent.map(({ request }) => request.url);
  }
}

function stress(outcome: HttpOutcome): Stress {
  if (outcome.kind === "none") return outcome.why === "timeout" ? { kind: "timeout" } : { kind: "none" };
  const after = outcome.headers["retry-after"];
  const retryAfterMicros = after === undefined ? null : Number(after) * SECOND;
  if (outcome.status === 429) return { kind: "rate", retryAfterMicros };
  return outcome.status === 503 ? { kind: "maintenance", retryAfterMicros } : { kind: "none" };
}

function scene(rates: readonly RateClass[] = [CLASS], options: PacingOptions = {}) {
  const clock = new StepClock(T0);
  const net = new OpenNet(clock);
  const parts = { net, clock, rng: new SeededRng("client"), rates, stress };
  const client = new GovernedClient({ ...parts, options: { startShare: 1, ...options } });
  const outcomes: { name: string; outcome: HttpOutcome }[] = [];
  const send = (name: string, changes: Partial<GovernedRequest> = {}) =>
    client.send(request(name, changes), (outcome) => {
      outcomes.push({ name, outcome });
    });
  const run = (seconds: number) => clock.advanceTo((clock.now() + seconds * SECOND) as Micros);
  return { clock, net, client, outcomes, send, run };
}

function request(name: string, changes: Partial<GovernedRequest> = {}): GovernedRequest {
  return {
    method: "GET",
    url: name,
    headers: { accept: "json" },
    body: null,
    timeoutMicros: SECOND,
    maxBytes: 1_000,
    rateClass: "books",
    cost: 1,
    purpose: "poll",
    authorise: null,
    ...changes,
  };
}

const whyOf = ({ outcome }: { outcome: HttpOutcome }) => (outcome.kind === "none" ? outcome.why : "answer");

describe("order of leaving", () => {
  test("what may leave leaves before send returns; the rest at its instant", () => {
    const { net, send, run } = scene();
    for (let n = 0; n < 8; n++) send(`${n}`);
    expect(net.sent).toHaveLength(5);
    run(0.1);
    expect(net.sent).toHaveLength(6);
    run(1);
    expect(net.sent.map(({ at }) => at - T0)).toEqual([0, 0, 0, 0, 0, 100_000, 200_000, 300_000]);
  });

  test("cancels, then orders, then the rest", () => {
    const { net, send, run } = scene();
    for (let n = 0; n < 5; n++) send("first");
    for (const purpose of ["discovery", "poll", "order", "cancel"] as const) send(purpose, { purpose });
    send("cancel 2", { purpose: "cancel" });
    run(2);
    expect(net.urls().slice(5, 8)).toEqual(["cancel", "cancel 2", "order"]);
    expect(new Set(net.urls().slice(8))).toEqual(new Set(["poll", "discovery"]));
  });

  test("discovery is served under a flood of polls and resyncs", () => {
    const { net, send, run } = scene();
    for (let n = 0; n < 300; n++) {
      send("poll", { purpose: "poll" });
      send("resync", { purpose: "resync" });
    }
    for (let n = 0; n < 20; n++) send("discovery", { purpose: "discovery" });
    run(6);
    for (let n = net.sent.length - 1; n >= 0; n--) net.answer(n);
    run(6);
    const found = net.urls().slice(5, 105);
    expect(found.filter((url) => url === "discovery").length).toBeGreaterThanOrEqual(11);
    expect(found.filter((url) => url === "resync").length).toBeGreaterThanOrEqual(48);
  });

  test("a purpose with a ceiling keeps to it", () => {
    const shares = { discovery: { perSecond: 1, burst: 2 } };
    const { net, send, run } = scene([{ ...CLASS, burst: 10 }], { shares });
    for (let n = 0; n < 20; n++) send("discovery", { purpose: "discovery" });
    for (let n = 0; n < 10; n++) send("poll");
    run(3);
    expect(net.urls().filter((url) => url === "discovery")).toHaveLength(5);
    expect(net.urls().filter((url) => url === "poll")).toHaveLength(10);
  });

  test("a class that is paused or full in flight holds up no other", () => {
    const orders = { ...CLASS, id: "orders", perSecond: 20 };
    const { net, send, run } = scene([{ ...CLASS, maxInFlight: 1 }, orders]);
    send("stuck");
    send("behind");
    send("other", { rateClass: "orders" });
    expect(net.urls()).toEqual(["stuck", "other"]);
    net.answer(0, 429, { "retry-after": "3" });
    for (let n = 0; n < 30; n++) send("more", { rateClass: "orders" });
    run(2);
    expect(net.urls()).not.toContain("behind");
    expect(net.urls().filter((url) => url === "more")).toHaveLength(30);
    run(2);
    expect(net.urls()).toContain("behind");
  });
});

describe("what leaves", () => {
  test("is authorised at the instant it leaves", () => {
    const { clock, net, send, run } = scene();
    for (let n = 0; n < 6; n++) {
      send(`${n}`, { authorise: () => ({ signed: `${clock.now() - T0}`, accept: "signed" }) });
    }
    run(1);
    expect(net.sent[0]!.request.headers).toEqual({ accept: "signed", signed: "0" });
    expect(net.sent[5]!.request.headers).toEqual({ accept: "signed", signed: "100000" });
    expect(Object.keys(net.sent[0]!.request).toSorted()).toEqual(
      ["body", "headers", "maxBytes", "method", "timeoutMicros", "url"].toSorted(),
    );
  });

  test("does not leave when it cannot be authorised, and frees its place", () => {
    const { net, send, run, outcomes, client } = scene([{ ...CLASS, maxInFlight: 1 }]);
    send("bad", {
      authorise: () => {
        throw new Error("no key");
      },
    });
    send("good");
    run(1);
    expect(net.urls()).toEqual(["good"]);
    expect(outcomes[0]).toMatchObject({
      name: "bad",
      outcome: { kind: "none", sent: false, detail: "not sent: no key" },
    });
    expect(client.stats()[0]).toMatchObject({ inFlight: 1, waiting: 0 });
  });

  test("may send from its own call-back, and that leaves at once", () => {
    const { net, client, send } = scene();
    client.send(request("first"), () => send("cancel", { purpose: "cancel" }));
    net.answer(0);
    expect(net.urls()).toEqual(["first", "cancel"]);
  });

  test("may send from `authorise`", () => {
    const { net, send, run } = scene();
    send("outer", {
      authorise: () => {
        send("inner");
        return {};
      },
    });
    run(0.001);
    expect(net.urls()).toEqual(["outer", "inner"]);
  });
});

describe("refused before it leaves", () => {
  test("over the bound, of its own purpose only", () => {
    const { send, run, outcomes, client } = scene([{ ...CLASS, burst: 1 }], { maxWaiting: 2 });
    for (const name of ["left", "a", "b", "over"]) send(name);
    send("cancel", { purpose: "cancel" });
    expect(outcomes).toEqual([]);
    run(0);
    expect(outcomes.map(({ name }) => name)).toEqual(["over"]);
    expect(outcomes[0]!.outcome).toMatchObject({ kind: "none", why: "queue_full", sent: false });
    expect(client.stats()[0]).toMatchObject({ waiting: 3, dropped: 1 });
  });

  test("an unknown class, and a cost that can never pass", () => {
    const { send, run, outcomes, net } = scene();
    send("class", { rateClass: "nowhere" });
    send("cost", { cost: 6 });
    run(0);
    expect(outcomes.map(whyOf)).toEqual(["queue_full", "queue_full"]);
    expect(net.sent).toEqual([]);
  });
});

describe("Retry-After", () => {
  test("is waited for to the letter, by cancels too", () => {
    const { net, send, run, client } = scene();
    send("first");
    run(0.05);
    net.answer(0, 429, { "retry-after": "2" });
    send("cancel", { purpose: "cancel" });
    send("poll");
    run(1.999);
    expect(net.sent).toHaveLength(1);
    run(2);
    expect(net.urls()).toEqual(["first", "cancel", "poll"]);
    expect(net.sent[1]!.at).toBeGreaterThanOrEqual(T0 + 2_050_000);
    expect(client.stats()[0]).toMatchObject({ refused: 1, insideRetryAfter: 0, cuts: 1 });
  });

  test("of a day is waited for without a busy alarm", () => {
    const { clock, net, send, run } = scene();
    send("first");
    net.answer(0, 503, { "retry-after": "86400" });
    send("later");
    let rings = 0;
    while (net.sent.length < 2 && rings < 10_000) {
      clock.advanceTo(clock.next()!);
      rings++;
    }
    expect(net.sent[1]!.at).toBeGreaterThanOrEqual(T0 + 86_400 * SECOND);
    expect(rings).toBeLessThan(2_000);
    run(0);
  });
});

describe("cancelling", () => {
  test("a waiting request takes it out", () => {
    const { net, send, run, outcomes } = scene([{ ...CLASS, burst: 1 }]);
    send("first");
    const cancel = send("waiting");
    cancel();
    cancel();
    expect(outcomes).toEqual([]);
    run(1);
    expect(net.urls()).toEqual(["first"]);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]!.outcome).toMatchObject({ why: "cancelled", sent: false });
  });

  test("a request in flight aborts it, and frees its place", () => {
    const { net, send, run, outcomes } = scene([{ ...CLASS, maxInFlight: 1 }]);
    const cancel = send("first");
    send("second");
    cancel();
    expect(net.sent[0]!.cancelled).toBe(true);
    run(0);
    expect(net.urls()).toEqual(["first", "second"]);
    net.answer(0);
    run(1);
    expect(outcomes.map(whyOf)).toEqual(["cancelled"]);
    expect(outcomes[0]!.outcome).toMatchObject({ sent: true });
  });

  test("after the answer does nothing", () => {
    const { net, send, run, outcomes } = scene();
    const cancel = send("first");
    net.answer(0);
    cancel();
    run(1);
    expect(outcomes.map(whyOf)).toEqual(["answer"]);
  });

  test("from `authorise` keeps it here", () => {
    const { net, send, run, outcomes, client } = scene();
    for (let n = 0; n < 5; n++) send("before");
    const cancel: Cancel = send("self", {
      authorise: () => {
        cancel();
        return {};
      },
    });
    run(1);
    expect(net.urls()).not.toContain("self");
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]!.outcome).toMatchObject({ why: "cancelled", sent: false });
    expect(client.stats()[0]).toMatchObject({ inFlight: 5 });
  });
});

describe("closing", () => {
  test("answers everything at once and leaves nothing behind", () => {
    const { clock, net, send, client, outcomes } = scene([{ ...CLASS, burst: 1 }]);
    for (const name of ["flying", "waiting", "urgent"]) send(name, { purpose: "order" });
    client.close();
    expect(outcomes.map(({ name }) => name).toSorted()).toEqual(["flying", "urgent", "waiting"]);
    expect(net.sent.map(({ cancelled }) => cancelled)).toEqual([true]);
    expect(clock.pending).toBe(0);
    client.close();
    send("late");
    expect(outcomes).toHaveLength(3);
    clock.advanceTo((clock.now() + 1) as Micros);
    expect(whyOf(outcomes[3]!)).toBe("cancelled");
    expect(clock.pending).toBe(0);
    expect(net.sent).toHaveLength(1);
  });
});

test("a requester or a stress function that throws harms nobody else", () => {
  const { clock, net, client, send, run, outcomes } = scene([{ ...CLASS, maxInFlight: 1, burst: 1 }]);
  client.send(request("thrower"), () => {
    throw new Error("mine");
  });
  send("next");
  expect(() => net.answer(0)).toThrow("mine");
  run(1);
  expect(net.urls()).toEqual(["thrower", "next"]);
  const broken = new GovernedClient({
    net,
    clock,
    rng: new SeededRng("broken"),
    rates: [CLASS],
    stress: () => {
      throw new Error("stress");
    },
  });
  let answers = 0;
  broken.send(request("x"), () => {
    answers++;
  });
  net.answer(2);
  expect(answers).toBe(1);
  expect(outcomes).toEqual([]);
});

test("counts what it did", () => {
  const { net, send, run, client } = scene();
  for (let n = 0; n < 6; n++) send(`${n}`);
  run(0.2);
  for (let n = 0; n < 5; n++) net.answer(n);
  net.answer(5, 429, { "retry-after": "1" });
  const [stats] = client.stats();
  expect(stats).toMatchObject({ id: "books", sent: 6, answered: 6, refused: 1, refusedShare: 1 / 6 });
  expect(stats).toMatchObject({ waiting: 0, inFlight: 0, ceilingPerSecond: 10, pausedUntil: T0 + 1.2e6 });
  expect(stats!.latency).toMatchObject({ count: 6, maxMicros: 200_000 });
  expect(stats!.queued).toMatchObject({ count: 6, maxMicros: 100_000, p50Micros: 0 });
});

test("every request is answered exactly once, whatever happens", () => {
  const purposes: RequestPurpose[] = ["cancel", "order", "account", "resync", "poll", "discovery"];
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), n: fc.nat({ max: 11 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("answer" as const), n: fc.nat() }) },
    fc.record({ do: fc.constant("refuse" as const), n: fc.nat() }),
    fc.record({ do: fc.constant("cancel" as const), n: fc.nat() }),
    fc.record({ do: fc.constant("wait" as const), n: fc.nat({ max: 1_500_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, closes) => {
      const other = { ...CLASS, id: "other", maxInFlight: 2 };
      const { clock, net, client, outcomes, send, run } = scene([CLASS, other], { maxWaiting: 3 });
      const cancels: Cancel[] = [];
      const settled = new Set<number>();
      const settle = (n: number, status: number, headers?: Record<string, string>) => {
        const index = net.sent.length === 0 ? -1 : n % net.sent.length;
        if (index < 0 || settled.has(index)) return;
        settled.add(index);
        net.answer(index, status, headers);
      };
      for (const { do: what, n } of steps) {
        if (what === "send") {
          const name = `${cancels.length}`;
          const before = outcomes.length;
          cancels.push(send(name, { purpose: purposes[n % 6]!, rateClass: n < 6 ? "books" : "other" }));
          expect(outcomes.length).toBe(before);
        } else if (what === "answer") settle(n, 200);
        else if (what === "refuse") settle(n, 429, n % 2 === 0 ? {} : { "retry-after": "1" });
        else if (what === "cancel" && cancels.length > 0) cancels[n % cancels.length]!();
        else if (what === "wait") run(n / SECOND);
      }
      if (closes) client.close();
      else {
        for (let round = 0; round < 100; round++) {
          run(10);
          for (let n = 0; n < net.sent.length; n++) settle(n, 200);
        }
      }
      run(1);
      expect(outcomes.map(({ name }) => Number(name)).toSorted((a, b) => a - b)).toEqual(
        cancels.map((_, n) => n),
      );
      for (const stats of client.stats()) {
        expect(stats).toMatchObject({ waiting: 0, inFlight: 0, insideRetryAfter: 0 });
      }
      expect(clock.pending).toBe(0);
    }),
  );
});
