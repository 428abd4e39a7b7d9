import { afterEach, beforeEach, expect, it } from "vitest";
import type { HttpRequest, NetSocket } from "../../contracts/index.ts";
import type { Fault, FaultOptions } from "../../sim/embedded/faults/fault.ts";
import { FaultGate } from "../../sim/embedded/faults/fault-gate.ts";
import { outcomeLine, SocketLog } from "../../sim/net/testing-log.ts";
import { EchoServer } from "../../sim/net/testing-server.ts";
import { SeededRng } from "../../sim/rng.ts";
import { LiveNet } from "../net/live-net.ts";
import { WallTimers } from "../net/wall-timers.ts";
import { EmbeddedHost } from "./host.ts";

const FRAME = '{"type":"book","levels":[[1,2]]}';

let clock: WallTimers;
let server: EchoServer;
let gate: FaultGate;
let host: EmbeddedHost;
let net: LiveNet;
let bases: Readonly<Record<string, string>>;

beforeEach(async () => {
  clock = new WallTimers();
  server = new EchoServer();
  gate = new FaultGate(server, { clock, rng: new SeededRng("sockets") });
  host = new EmbeddedHost({ server: gate, hosts: { rest: "https://a/v2", stream: "wss://b/feed" } });
  bases = await host.start();
  net = new LiveNet({ clock });
});

afterEach(async () => {
  await net.close();
  await host.stop();
  expect([net.open(), host.open()]).toEqual([
    { requests: 0, sockets: 0, connections: 0 },
    { connections: 0, sockets: 0 },
  ]);
  expect([gate.open(), clock.pending]).toEqual([{ sockets: 0, late: 0 }, 0]);
  clock.close();
});

function ask(timeoutMs: number): Promise<string> {
  const request: HttpRequest = {
    method: "POST",
    url: `${bases["rest"]}/order`,
    headers: {},
    body: "{}",
    timeoutMicros: timeoutMs * 1_000,
    maxBytes: 1e6,
  };
  return new Promise((resolve) => net.request(request, (outcome) => resolve(outcomeLine(outcome))));
}

function lines(log: SocketLog, count: number): Promise<readonly string[]> {
  return new Promise((resolve) =>
    log.when(
      (seen) => seen.length >= count,
      () => resolve(log.lines),
    ),
  );
}

async function connect(): Promise<{ readonly log: SocketLog; readonly socket: NetSocket }> {
  const log = new SocketLog();
  const socket = net.connect(bases["stream"]!, {}, log);
  await lines(log, 2);
  return { log, socket };
}

const REQUESTS: readonly [Fault, string, number][] = [
  ["rate_limited", "429 rate_limited", 0],
  ["rate_limited_retry_after", "429 rate_limited_retry_after", 0],
  ["cloudflare_html", "429 cloudflare_html", 0],
  ["restarting", "425 restarting", 0],
  ["forbidden", "403 forbidden", 0],
  ["unavailable", "503 unavailable", 0],
  ["timeout_executed", "timeout sent", 1],
  ["timeout_lost", "timeout sent", 0],
  ["refuse_connect", "reset sent", 0],
];

it.each(REQUESTS)("%s: a request ends as %s, then all is well", async (fault, outcome, reached) => {
  gate.begin(fault, { count: 1 });
  expect(await ask(400)).toBe(outcome);
  expect(server.requests.length).toBe(reached);
  expect(await ask(5_000)).toContain("200");
  expect(gate.injected()).toEqual({ [fault]: 1 });
});

it("slow: the answer comes late, or too late", async () => {
  gate.begin("slow", { count: 2, delayMicros: 400_000 });
  const asked = clock.now();
  expect(await ask(5_000)).toContain("200");
  expect(clock.now() - asked).toBeGreaterThanOrEqual(400_000);
  expect(await ask(200)).toBe("timeout sent");
  expect(await ask(5_000)).toContain("200");
  await new Promise<void>((resolve) => clock.after(400_000, resolve));
});

const UPGRADES: readonly [Fault, string][] = [
  ["unavailable", "refused 503"],
  ["cloudflare_html", "refused 429"],
  ["refuse_connect", "unreachable 0"],
];

it.each(UPGRADES)("%s: a socket ends as %s", async (fault, end) => {
  gate.begin(fault, { count: 1 });
  const log = new SocketLog();
  net.connect(bases["stream"]!, {}, log);
  expect(await lines(log, 1)).toEqual([end]);
  await connect();
});

/** What a client sees that says `a` and `b` as JSON texts, and a heartbeat, while the fault strikes. */
const FRAMES: readonly [Fault, FaultOptions, readonly string[]][] = [
  ["gap", {}, ["opened", "hello", "b", "PONG"]],
  ["duplicate", {}, ["opened", "hello", "a", "a", "b", "PONG"]],
  ["reorder", {}, ["opened", "hello", "b", "a", "PONG"]],
  ["frozen", { durationMicros: null }, ["opened", "hello", "PONG"]],
  ["drop_some", { durationMicros: null, chance: 1 }, ["opened", "hello", "PONG"]],
  ["double_some", { durationMicros: null, chance: 1 }, ["opened", "hello", "a", "a", "b", "b", "PONG"]],
  ["burst", { count: 1, delayMicros: 20_000 }, ["opened", "hello", "PONG", "a", "b"]],
];

it.each(FRAMES)("%s: frames arrive as it leaves them", async (fault, options, expected) => {
  const { log, socket } = await connect();
  const stop = gate.begin(fault, options);
  for (const text of ["a", "b", "PONG"]) socket.send(text);
  expect(await lines(log, expected.length)).toEqual(expected);
  stop();
  socket.send("after");
  expect((await lines(log, expected.length + 1)).at(-1)).toBe("after");
});

it("malformed: the frame cannot be read, the next can", async () => {
  const { log, socket } = await connect();
  gate.begin("malformed");
  socket.send(FRAME);
  socket.send(FRAME);
  const [, , struck, whole] = await lines(log, 4);
  expect(() => JSON.parse(struck!)).toThrow(SyntaxError);
  expect(whole).toBe(FRAME);
});

it("disconnect, resubscribe_loop: sockets end, new ones are as said", async () => {
  const { log } = await connect();
  gate.begin("disconnect");
  expect((await lines(log, 3)).at(-1)).toBe("closed 1006");
  const stop = gate.begin("resubscribe_loop", { durationMicros: null });
  for (let i = 0; i < 3; i++) {
    const looped = new SocketLog();
    net.connect(bases["stream"]!, {}, looped);
    expect(await lines(looped, 3)).toEqual(["opened", "hello", "closed 1001"]);
  }
  stop();
  await connect();
  expect(gate.injected()).toEqual({ disconnect: 1, resubscribe_loop: 3 });
});

it("silent: open, and nothing at all passes either way, until the client leaves", async () => {
  const { log, socket } = await connect();
  gate.begin("silent", { durationMicros: null });
  for (const text of ["a", "PONG", "ping", "close"]) socket.send(text);
  const other = await connect();
  other.socket.send("b");
  await lines(other.log, 3);
  expect([log.lines, server.received]).toEqual([["opened", "hello"], ["b"]]);
  socket.close();
  expect((await lines(log, 3)).at(-1)).toBe("closed 1000");
});
