import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { HttpOutcome, HttpRequest, SocketEnd } from "../../contracts/index.ts";
import { outcomeLine, SocketLog } from "../../sim/net/testing-log.ts";
import { EchoServer } from "../../sim/net/testing-server.ts";
import { EmbeddedHost } from "../embedded/host.ts";
import { LiveNet, type LiveNetOptions } from "./live-net.ts";
import { WallTimers } from "./wall-timers.ts";

const HOSTS = { rest: "https://api.example.com/v2", stream: "wss://ws.example.com/feed" };

let clock: WallTimers;
let server: EchoServer;
let host: EmbeddedHost;
let net: LiveNet;
let bases: Readonly<Record<string, string>>;
const nets: LiveNet[] = [];

beforeEach(async () => {
  clock = new WallTimers();
  server = new EchoServer();
  host = new EmbeddedHost({ server, hosts: HOSTS });
  bases = await host.start();
  net = open({});
});

afterEach(async () => {
  await Promise.all(nets.splice(0).map((each) => each.close()));
  await host.stop();
  clock.close();
  expect(host.open()).toEqual({ connections: 0, sockets: 0 });
});

function open(options: Omit<LiveNetOptions, "clock">): LiveNet {
  const opened = new LiveNet({ clock, ...options });
  nets.push(opened);
  return opened;
}

function request(path: string, more: Partial<HttpRequest> = {}): HttpRequest {
  const url = `${bases["rest"]}${path}`;
  return {
    method: "GET",
    url,
    headers: { "user-agent": "emp" },
    body: null,
    timeoutMicros: 5e6,
    maxBytes: 50_000,
    ...more,
  };
}

function ask(path: string, more: Partial<HttpRequest> = {}, through = net): Promise<HttpOutcome> {
  return new Promise((resolve) => through.request(request(path, more), resolve));
}

function until(log: SocketLog, lines: number): Promise<void> {
  return new Promise((resolve) => log.when((seen) => seen.length >= lines, resolve));
}

describe("LiveNet requests", () => {
  it("carry method, path, headers and body, and bring back status, headers and bytes", async () => {
    const asked = request("/books?x=1", { method: "POST", body: '["é"]' });
    let returned = false;
    const outcome = await new Promise<HttpOutcome>((resolve) => {
      net.request(asked, (each) => {
        expect(returned).toBe(true);
        resolve(each);
      });
      returned = true;
    });
    if (outcome.kind !== "answer") throw new Error(outcome.detail);
    expect([outcome.status, outcome.headers["x-host"]]).toEqual([200, "rest"]);
    expect(JSON.parse(new TextDecoder().decode(outcome.body))).toEqual({
      host: "rest",
      method: "POST",
      path: "/v2/books?x=1",
      body: '["é"]',
      agent: "emp",
    });
    expect(outcome.at).toBeGreaterThanOrEqual(outcome.sentAt);
    expect(net.open().requests).toBe(0);
  });

  it("end as what went wrong", async () => {
    const closedPort = await freePort();
    const nobody = ask("", { url: `http://127.0.0.1:${closedPort}/` });
    const outcomes = await Promise.all([
      ask("/large"),
      ask("/silent", { timeoutMicros: 400_000 }),
      nobody,
      ask("", { url: "no address" }),
      ask("", { url: "ftp://127.0.0.1/" }),
      ask("/x", { headers: { "bad header": "\n" } }),
    ]);
    expect(outcomes.map(outcomeLine)).toEqual([
      "too_large sent",
      "timeout sent",
      "unreachable unsent",
      "unreachable unsent",
      "unreachable unsent",
      "unreachable unsent",
    ]);
  });

  it("are cancelled before they leave or under way, and answered once", async () => {
    const narrow = open({ limits: { maxInFlight: 1 } });
    const outcomes: string[] = [];
    await new Promise<void>((resolve) => {
      const note = (outcome: HttpOutcome) => {
        outcomes.push(outcomeLine(outcome));
        if (outcomes.length === 2) resolve();
      };
      const cancelFirst = narrow.request(request("/silent"), note);
      const cancelSecond = narrow.request(request("/never"), note);
      cancelSecond();
      cancelSecond();
      whenServed(1, cancelFirst);
    });
    expect(outcomes).toEqual(["cancelled unsent", "cancelled sent"]);
    expect(await ask("/after", {}, narrow).then(outcomeLine)).toContain("/v2/after");
    expect(server.requests.map((each) => each.path)).toEqual(["/v2/silent", "/v2/after"]);
  });

  it("wait for a place, but no cancel waits for a poll, and are refused when too many wait", async () => {
    const narrow = open({ limits: { maxInFlight: 1, maxWaiting: 1 } });
    const polls = [
      ask("/silent", { timeoutMicros: 400_000 }, narrow),
      ask("/poll", {}, narrow),
      ask("/x", {}, narrow),
    ];
    await ask("/order", { method: "DELETE" }, narrow);
    expect(server.requests.map((each) => each.path).sort()).toEqual(["/v2/order", "/v2/silent"]);
    const outcomes = (await Promise.all(polls)).map(outcomeLine);
    expect([outcomes[0], outcomes[2]]).toEqual(["timeout sent", "queue_full unsent"]);
    expect(outcomes[1]).toContain("/v2/poll");
  });

  it("never leave faster than the ceiling", async () => {
    const origin = new URL(bases["rest"]!).origin;
    const capped = open({ ceilings: { [origin]: { perSecond: 100, burst: 3, maxWaiting: 4 } } });
    const outcomes = await Promise.all(Array.from({ length: 9 }, (_, i) => ask(`/${i}`, {}, capped)));
    const lines = outcomes.map(outcomeLine);
    expect(lines.filter((line) => line === "queue_full unsent").length).toBe(2);
    const sent = outcomes
      .flatMap((each) => (each.kind === "answer" ? [each.sentAt] : []))
      .sort((a, b) => a - b);
    expect(sent.length).toBe(7);
    // One may go with the burst, then one per 10 ms; timers may be a millisecond early.
    expect(sent.at(-1)! - sent[0]!).toBeGreaterThan(2 * 10_000);
  });

  it("keep connections and give back every handle", async () => {
    for (let i = 0; i < 100; i++) await ask(`/${i}`);
    expect(net.open().requests).toBe(0);
    expect(net.open().connections).toBeLessThanOrEqual(2);
    const pending = ask("/silent");
    whenServed(101, () => void net.close());
    expect(outcomeLine(await pending)).toBe("cancelled sent");
    await net.close();
    expect(net.open()).toEqual({ requests: 0, sockets: 0, connections: 0 });
    expect(outcomeLine(await ask("/late"))).toBe("unreachable unsent");
  });
});

describe("LiveNet sockets", () => {
  it("open, carry messages both ways in order, answer pings and close once", async () => {
    const log = new SocketLog();
    const socket = net.connect(`${bases["stream"]}/x`, { "x-key": "1" }, log);
    socket.send("too early");
    expect(log.lines).toEqual([]);
    await until(log, 2);
    for (const text of ["one", "x".repeat(200_000), "é", "ping"]) socket.send(text);
    await until(log, 6);
    expect(log.lines).toEqual(["opened", "hello", "one", "x".repeat(200_000), "é", "pinged"]);
    socket.ping();
    socket.close();
    socket.close();
    await until(log, 7);
    expect(log.lines.at(-1)).toBe("closed 1000");
    expect([server.pongs, server.opened, net.open().sockets]).toEqual([1, 1, 0]);
    socket.send("too late");
    socket.ping();
  });

  it("end as the server says: refused, closed, broken, not there, no address, too long", async () => {
    const port = await freePort();
    const short = open({ limits: { maxMessageBytes: 10 } });
    const cases: [string, LiveNet, string | null, string[]][] = [
      [`${bases["stream"]}/refused`, net, null, ["refused 401"]],
      [`ws://127.0.0.1:${port}`, net, null, ["unreachable 0"]],
      ["no address", net, null, ["unreachable 0"]],
      [bases["stream"]!, net, "close", ["opened", "hello", "closed 4000"]],
      [bases["stream"]!, net, "break", ["opened", "hello", "closed 1006"]],
      [bases["stream"]!, short, "longer than ten bytes", ["opened", "hello", "closed 1006"]],
    ];
    for (const [url, through, say, expected] of cases) {
      const log = new SocketLog();
      const socket = through.connect(url, {}, log);
      if (say !== null) {
        await until(log, 2);
        socket.send(say);
      }
      await until(log, expected.length);
      expect(log.lines, url).toEqual(expected);
    }
    expect(net.open().sockets).toBe(0);
  });

  it("say why an upgrade was refused", async () => {
    const end = await new Promise<SocketEnd>((resolve) => {
      const handlers = { opened() {}, message() {}, pinged() {}, closed: resolve };
      net.connect(`${bases["stream"]}/refused`, {}, handlers);
    });
    expect(end).toEqual({ kind: "refused", code: 401, detail: "401 Unauthorized, retry after 7" });
  });

  it("give up a handshake that is not answered", async () => {
    const mute = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const hasty = open({ limits: { handshakeTimeoutMs: 30 } });
    const log = new SocketLog();
    hasty.connect(`ws://127.0.0.1:${(mute.address() as { port: number }).port}`, {}, log);
    await until(log, 1);
    expect(log.lines).toEqual(["unreachable 0"]);
    await new Promise<void>((resolve) => mute.close(() => resolve()));
  });

  it("read fragmented and binary messages", async () => {
    const fragments = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise<void>((resolve) => fragments.once("listening", resolve));
    fragments.on("connection", (peer) => {
      peer.send("frag", { fin: false });
      peer.send("mented", { fin: true });
      peer.send(new Uint8Array([0x62, 0x69, 0x6e]));
    });
    const log = new SocketLog();
    net.connect(`ws://127.0.0.1:${(fragments.address() as { port: number }).port}`, {}, log);
    await until(log, 3);
    expect(log.lines).toEqual(["opened", "fragmented", "bin"]);
    await net.close();
    await new Promise<void>((resolve) => fragments.close(() => resolve()));
  });

  it("are broken when too much waits to be sent", async () => {
    const deaf = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await new Promise<void>((resolve) => deaf.once("listening", resolve));
    deaf.on("connection", (peer) => peer.pause());
    const small = open({ limits: { maxSendBytes: 1_000_000 } });
    const log = new SocketLog();
    const socket = small.connect(`ws://127.0.0.1:${(deaf.address() as { port: number }).port}`, {}, log);
    await until(log, 1);
    for (let i = 0; i < 100; i++) socket.send("x".repeat(1_000_000));
    await until(log, 2);
    expect(log.lines).toEqual(["opened", "closed 1006"]);
    for (const peer of deaf.clients) peer.terminate();
    await new Promise<void>((resolve) => deaf.close(() => resolve()));
  });

  it("are not opened beyond the bound; nor are origins", async () => {
    const narrow = open({ limits: { maxSockets: 1, maxOrigins: 1 } });
    const first = new SocketLog();
    narrow.connect(bases["stream"]!, {}, first);
    const second = new SocketLog();
    narrow.connect(bases["stream"]!, {}, second);
    await until(first, 2);
    await until(second, 1);
    expect(second.lines).toEqual(["unreachable 0"]);
    expect(outcomeLine(await ask("/x", {}, narrow))).toContain("200");
    const elsewhere = bases["stream"]!.replace("ws:", "http:");
    expect(outcomeLine(await ask("", { url: elsewhere }, narrow))).toBe("unreachable unsent");
  });

  it("leave nothing behind after 100 openings, closings and breaks", async () => {
    for (let i = 0; i < 100; i++) {
      const log = new SocketLog();
      const socket = net.connect(bases["stream"]!, {}, log);
      if (i % 4 !== 0) await until(log, 2);
      if (i % 4 === 1) socket.send("close");
      else if (i % 4 === 2) socket.send("break");
      else socket.close();
      await until(log, i % 4 === 0 ? 1 : 3);
    }
    expect(net.open()).toEqual({ requests: 0, sockets: 0, connections: 0 });
    expect(clock.pending).toBe(0);
  });

  it("are ended with the network, open or dialling", async () => {
    const log = new SocketLog();
    net.connect(bases["stream"]!, {}, log);
    await until(log, 2);
    const dialling = new SocketLog();
    net.connect(bases["stream"]!, {}, dialling);
    await net.close();
    await until(log, 3);
    await until(dialling, 1);
    expect(log.lines.at(-1)).toBe("closed 1006");
    expect(dialling.lines).toEqual(["closed 1006"]);
    const late = new SocketLog();
    net.connect(bases["stream"]!, {}, late);
    await until(late, 1);
    expect(late.lines).toEqual(["unreachable 0"]);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

/** Calls `then` once the server has seen `count` requests. */
function whenServed(count: number, then: () => void): void {
  if (server.requests.length >= count) then();
  else setImmediate(() => whenServed(count, then));
}
