import { describe, expect, it } from "vitest";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { KALSHI_SCALES } from "../scales.ts";
import { event, fixture, keepAlive, market, obedient, SECRETS, series, standing } from "./testing/fixture.ts";

const SECOND = 1_000_000;

function open(options: Parameters<typeof fixture>[1] = {}) {
  const opened = fixture(memoryEnv("kalshi", KALSHI_SCALES), options);
  opened.venue.responder = (request) => {
    if (!standing(request, series("KXA")))
      request.answer(200, { events: [event("KXA-26", [market("KXA-26-X")])] });
  };
  opened.venue.onSocket = (socket) => {
    obedient(socket);
    keepAlive(socket, opened.clock);
    socket.open();
  };
  return opened;
}

describe("keys", () => {
  it("without one everything is polled and no socket is opened", () => {
    const { clock, venue, session } = open();
    session.start();
    session.watch(["KXA-26-X"]);
    clock.pass(SECOND);
    expect([session.streams, session.gateway, venue.sockets.length]).toEqual([false, null, 0]);
    expect(session.health()).toEqual({ connections: [], clockSkewMicros: null, reconnects: 0 });
  });

  it("with one the key is tried at once, over REST and over the websocket", () => {
    const { clock, venue, session } = open({ keyed: true });
    session.start();
    clock.pass(SECOND);
    expect(venue.progress.filter(({ stage }) => stage === "auth" || stage === "connect")).toEqual([
      { stage: "auth", done: 1, total: 1 },
      { stage: "connect", done: 1, total: 1 },
    ]);
    expect(venue.failed).toEqual([]);
  });

  it.each([
    [{ KALSHI_API_KEY_ID: "k" }, "off", "KALSHI_API_KEY_ID is set, KALSHI_PRIVATE_KEY is not"],
    [{ KALSHI_PRIVATE_KEY: "k" }, "off", "KALSHI_PRIVATE_KEY is set, KALSHI_API_KEY_ID is not"],
    [
      { ...SECRETS, KALSHI_PRIVATE_KEY: "k" },
      "off",
      "KALSHI_PRIVATE_KEY: expected a private key in PEM form",
    ],
    [{}, "on", "orders need KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY"],
  ] as const)("%o with orders %s: start-up ends with a line", (secrets, orders, detail) => {
    const { clock, venue, session } = open({ secrets, orders });
    session.start();
    clock.pass(SECOND);
    expect(venue.failed).toEqual([{ stage: "auth", detail }]);
    expect([venue.requests.length, venue.sockets.length, session.gateway]).toEqual([0, 0, null]);
  });

  it("a refused key ends start-up with one line that says how far the clocks are apart", () => {
    const { clock, venue, session } = open({ keyed: true });
    const date = new Date(clock.now() / 1_000 - 42_000).toUTCString();
    const answers = venue.responder!;
    venue.responder = (request) => {
      if (request.path === "/portfolio/balance")
        request.answer(401, { error: { code: "authentication_error" } }, { date });
      else answers(request);
    };
    venue.onSocket = () => undefined;
    session.start();
    clock.pass(5 * SECOND);
    expect(venue.failed).toHaveLength(1);
    expect(venue.failed[0]!.detail).toMatch(
      /^HTTP 401: authentication_error; the venue's clock is 4[12]\.\d s behind this machine's: set this machine's clock$/,
    );
    expect(JSON.stringify(venue.refused)).not.toMatch(/kalshi-access|BEGIN/);
  });

  it("when only the clocks were apart, signatures are dated by the venue's and all goes on", () => {
    const { clock, venue, session } = open({ keyed: true });
    const venueMillis = () => clock.now() / 1_000 + 42_000;
    const answers = venue.responder!;
    venue.responder = (request) => {
      if (request.path !== "/portfolio/balance") {
        answers(request);
        return;
      }
      request.leave();
      const age = venueMillis() - Number(request.headers["kalshi-access-timestamp"]);
      const date = new Date(venueMillis()).toUTCString();
      if (Math.abs(age) > 15_000)
        request.answer(401, { error: { code: "header_timestamp_expired" } }, { date });
      else request.answer(200, { balance: 1 }, { date });
    };
    session.start();
    clock.pass(5 * SECOND);
    expect([venue.failed, venue.progress.some(({ stage }) => stage === "auth")]).toEqual([[], true]);
    expect(venue.reasons()).toEqual(["feed.clock_skew"]);
    expect(Math.abs(session.health().clockSkewMicros! - 42_000_000)).toBeLessThan(1_000_000);
    clock.pass(61 * SECOND);
    expect(venue.reasons().filter((reason) => reason === "feed.clock_skew").length).toBeGreaterThan(1);
  });

  it("a key refused by the websocket alone ends start-up; later refusals may pass", () => {
    const { clock, venue, session } = open({ keyed: true });
    venue.responder = (request) => request.none("timeout");
    venue.onSocket = (socket) => socket.end({ kind: "refused", code: 401, detail: "Unauthorized" });
    session.start();
    clock.settle();
    expect(venue.failed).toEqual([{ stage: "auth", detail: "websocket refused 401: Unauthorized" }]);
    clock.pass(100 * SECOND);
    expect(venue.sockets).toHaveLength(1);
  });

  it("the demo system has its own addresses", () => {
    const { clock, venue, session } = open({ keyed: true, session: { environment: "demo" } });
    session.start();
    clock.settle();
    expect(venue.requests[0]!.request.url).toMatch(
      /^https:\/\/external-api\.demo\.kalshi\.co\/trade-api\/v2\//,
    );
    expect(venue.sockets[0]!.url).toBe("wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2");
  });
});

describe("watching", () => {
  it("before the start opens nothing; it is carried out with it", () => {
    const { clock, venue, session } = open({ keyed: true, session: { trades: false } });
    session.watch(["KXA-26-X"]);
    clock.pass(SECOND);
    expect(venue.sockets).toHaveLength(0);
    session.start();
    clock.pass(SECOND);
    expect([venue.sockets.length, [...venue.subscribed]]).toEqual([1, ["KXA-26-X"]]);
  });
});

describe("closing", () => {
  it.each([
    ["before it started", 0, false],
    ["while it starts", 0, true],
    ["in full swing", 5 * SECOND, true],
    ["while it reconnects", 30 * SECOND, true],
  ] as const)("%s leaves no alarm, no request and no socket", (name, micros, started) => {
    const { clock, venue, session } = open({ keyed: true, orders: "on" });
    if (started) session.start();
    session.watch(["KXA-26-X"]);
    clock.pass(micros);
    session.resync(["KXA-26-X"]);
    session.rediscover();
    if (name === "while it reconnects") for (const socket of venue.sockets) socket.end({ code: 1006 });
    let closed = 0;
    session.close(() => closed++);
    clock.settle();
    expect(closed).toBe(1);
    const [requests, sockets] = [venue.requests.length, venue.sockets.length];
    // What is left are the pings of the scripted sockets.
    clock.pass(3_600 * SECOND);
    expect([clock.pending, venue.requests.length, venue.sockets.length]).toEqual([0, requests, sockets]);
    expect(venue.waiting()).toEqual([]);
    expect(venue.sockets.every(({ over }) => over)).toBe(true);
    expect([...venue.subscribed]).toEqual([]);
  });

  it("waits for the last socket", () => {
    const { clock, venue, session } = open({ keyed: true });
    session.start();
    clock.pass(SECOND);
    let closed = 0;
    session.close(() => closed++);
    expect([closed, venue.sockets[0]!.closing]).toEqual([0, true]);
    clock.settle();
    expect(closed).toBe(1);
    expect(venue.failed).toEqual([]);
  });
});
