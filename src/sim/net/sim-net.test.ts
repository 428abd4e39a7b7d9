import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest, Micros, NetSocket } from "../../contracts/index.ts";
import { SeededRng } from "../rng.ts";
import { drawLatency } from "./link-latency.ts";
import { SimNet } from "./sim-net.ts";
import { StepClock } from "./step-clock.ts";
import { outcomeLine, SocketLog } from "./testing-log.ts";
import { EchoServer } from "./testing-server.ts";

const HOSTS = { rest: "https://api.example.com/v2", stream: "wss://ws.example.com/feed" };
const UP = { minMicros: 5_000, typicalMicros: 8_000, maxMicros: 40_000 };
const DOWN = { minMicros: 4_000, typicalMicros: 7_000, maxMicros: 30_000 };
const at = (micros: number): Micros => micros as Micros;

function setup(seed = "a") {
  const clock = new StepClock(at(1_000_000));
  const server = new EchoServer();
  const net = new SimNet({ clock, rng: new SeededRng(seed), up: UP, down: DOWN });
  const bases = net.serve("echo", HOSTS, server);
  const outcomes: string[] = [];
  const ask = (path: string, more: Partial<HttpRequest> = {}) =>
    net.request(
      {
        method: "GET",
        url: `${bases["rest"]}${path}`,
        headers: { "user-agent": "emp" },
        body: null,
        timeoutMicros: 1_000_000,
        maxBytes: 50_000,
        ...more,
      },
      (outcome) => outcomes.push(outcomeLine(outcome)),
    );
  const connect = (path = "", base = bases["stream"]!): { log: SocketLog; socket: NetSocket } => {
    const log = new SocketLog();
    return { log, socket: net.connect(`${base}${path}`, {}, log) };
  };
  const run = (micros: number) => clock.advanceTo(at(clock.now() + micros));
  return { clock, server, net, bases, outcomes, ask, connect, run };
}

describe("SimNet requests", () => {
  it("lead to the host of the address with path, body and headers, after both delays", () => {
    const t = setup();
    expect(t.bases).toEqual({
      rest: "http://echo.rest.embedded/v2",
      stream: "ws://echo.stream.embedded/feed",
    });
    t.ask("/books?x=1", { method: "POST", body: "[1]" });
    t.run(UP.minMicros + DOWN.minMicros - 1);
    expect(t.outcomes).toEqual([]);
    t.run(UP.maxMicros + DOWN.maxMicros);
    expect(t.outcomes).toEqual([
      '200 {"host":"rest","method":"POST","path":"/v2/books?x=1","body":"[1]","agent":"emp"}',
    ]);
    expect(t.net.open()).toEqual({ requests: 0, sockets: 0 });
    expect(t.clock.pending).toBe(0);
  });

  it("end as what went wrong, once each", () => {
    const t = setup();
    t.ask("/silent");
    t.ask("/large");
    t.ask("/late", { timeoutMicros: 1 });
    t.ask("", { url: "http://nobody.embedded/" });
    t.ask("/cancelled")();
    expect(t.outcomes).toEqual([]);
    t.run(2_000_000);
    expect([...t.outcomes].sort()).toEqual([
      "cancelled sent",
      "timeout sent",
      "timeout sent",
      "too_large sent",
      "unreachable unsent",
    ]);
    // Cancelled and timed-out ones had left: the server acted on them.
    expect(t.server.requests.map((request) => request.path).sort()).toEqual([
      "/v2/cancelled",
      "/v2/large",
      "/v2/late",
      "/v2/silent",
    ]);
    expect([t.net.open().requests, t.clock.pending]).toEqual([0, 0]);
  });
});

describe("SimNet sockets", () => {
  it("open, keep order both ways, answer pings and close once", () => {
    const t = setup();
    const { log, socket } = t.connect("/x");
    socket.send("too early");
    expect(log.lines).toEqual([]);
    t.run(200_000);
    expect(log.lines).toEqual(["opened", "hello"]);
    for (let i = 0; i < 20; i++) socket.send(`m${i}`);
    socket.send("ping");
    t.run(200_000);
    expect(log.lines.slice(2)).toEqual([...Array.from({ length: 20 }, (_, i) => `m${i}`), "pinged"]);
    expect(t.server.pongs).toBe(1);
    socket.close();
    socket.close();
    t.run(200_000);
    expect(log.lines.at(-1)).toBe("closed 1000");
    expect([t.server.opened, t.server.ended, t.net.open().sockets, t.clock.pending]).toEqual([1, 1, 0, 0]);
  });

  it("end as the server says: refused, closed, broken, not there", () => {
    const t = setup();
    const refused = t.connect("/refused", "ws://echo.stream.embedded");
    const nobody = t.connect("", "ws://nobody.embedded");
    const closed = t.connect();
    const broken = t.connect();
    t.run(200_000);
    closed.socket.send("close");
    broken.socket.send("break");
    t.run(200_000);
    expect(refused.log.lines).toEqual(["refused 401"]);
    expect(nobody.log.lines).toEqual(["unreachable 0"]);
    expect(closed.log.lines).toEqual(["opened", "hello", "closed 4000"]);
    expect(broken.log.lines).toEqual(["opened", "hello", "closed 1006"]);
    expect([t.server.opened, t.server.ended, t.net.open().sockets]).toEqual([2, 2, 0]);
  });

  it("are ended with the network, those that dial and requests under way too", () => {
    const t = setup();
    const open = t.connect();
    t.run(200_000);
    const dialling = t.connect();
    t.ask("/silent");
    t.net.close();
    const late = t.connect();
    t.ask("/late");
    t.run(2_000_000);
    expect(open.log.lines.at(-1)).toBe("closed 1006");
    expect(dialling.log.lines).toEqual(["closed 1006"]);
    expect(late.log.lines).toEqual(["unreachable 0"]);
    expect(t.outcomes).toEqual(["cancelled sent", "unreachable unsent"]);
    expect([t.net.open(), t.server.opened, t.server.ended]).toEqual([{ requests: 0, sockets: 0 }, 1, 1]);
  });
});

describe("SimNet determinism", () => {
  function trace(seed: string): readonly string[] {
    const t = setup(seed);
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { log, socket } = t.connect();
      log.when(
        (lines) => lines.length === 2,
        () => socket.send(`from ${i}`),
      );
      log.when(
        (lines) => lines.length === 3,
        () => seen.push(`${t.clock.now()} socket ${i}`),
      );
      t.ask(`/${i}`);
    }
    for (let micros = 0; micros < 400_000; micros += 1_000) {
      t.run(1_000);
      seen.push(`${t.clock.now()} ${t.outcomes.splice(0).join()}`);
    }
    return seen;
  }

  it("gives the same trace for the same seed, another for another", () => {
    expect(trace("one")).toEqual(trace("one"));
    expect(trace("one")).not.toEqual(trace("two"));
  });

  it("draws delays within their bounds", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), fc.string(), (min, more, most, seed) => {
        const latency = { minMicros: min, typicalMicros: min + more, maxMicros: min + more + most };
        const micros = drawLatency(latency, new SeededRng(seed));
        expect(Number.isInteger(micros) && micros >= min && micros <= latency.maxMicros).toBe(true);
      }),
    );
    expect(
      () => new SimNet({ ...setupOptions(), up: { minMicros: 2, typicalMicros: 1, maxMicros: 3 } }),
    ).toThrow(RangeError);
  });

  function setupOptions() {
    return { clock: new StepClock(at(0)), rng: new SeededRng(1), up: UP, down: DOWN };
  }
});
