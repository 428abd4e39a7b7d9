import { describe, expect, it } from "vitest";
import type { HttpRequest, Micros, NetSocket } from "../../../contracts/index.ts";
import { SimNet } from "../../net/sim-net.ts";
import { StepClock } from "../../net/step-clock.ts";
import { outcomeLine, SocketLog } from "../../net/testing-log.ts";
import { EchoServer } from "../../net/testing-server.ts";
import { SeededRng } from "../../rng.ts";
import type { Fault } from "./fault.ts";
import { FaultGate } from "./fault-gate.ts";

const SECOND = 1_000_000;
const DELAY = { minMicros: 1_000, typicalMicros: 2_000, maxMicros: 3_000 };

function setup(seed = "faults") {
  const clock = new StepClock(SECOND as Micros);
  const server = new EchoServer();
  const gate = new FaultGate(server, { clock, rng: new SeededRng(seed) });
  const net = new SimNet({ clock, rng: new SeededRng("net"), up: DELAY, down: DELAY });
  const bases = net.serve("echo", { rest: "https://a", other: "https://b", stream: "wss://c" }, gate);
  const run = (seconds: number) => clock.advanceTo((clock.now() + seconds * SECOND) as Micros);
  const ask = (path: string, more: Partial<HttpRequest> = {}, host = "rest"): string[] => {
    const answers: string[] = [];
    const url = `${bases[host]}${path}`;
    const request: HttpRequest = {
      method: "GET",
      url,
      headers: {},
      body: null,
      timeoutMicros: 5 * SECOND,
      maxBytes: 1e6,
      ...more,
    };
    net.request(request, (outcome) => answers.push(outcomeLine(outcome)));
    return answers;
  };
  const connect = (): { lines: string[]; socket: NetSocket } => {
    const log = new SocketLog();
    const socket = net.connect(bases["stream"]!, {}, log);
    run(0.1);
    return { lines: log.lines, socket };
  };
  const say = (socket: NetSocket, ...texts: string[]) => {
    for (const text of texts) socket.send(text);
    run(0.1);
  };
  return { clock, server, gate, net, run, ask, connect, say };
}

describe("FaultGate, requests", () => {
  const ANSWERS: readonly [Fault, number][] = [
    ["rate_limited", 429],
    ["rate_limited_retry_after", 429],
    ["cloudflare_html", 429],
    ["restarting", 425],
    ["forbidden", 403],
    ["unavailable", 503],
  ];

  it.each(ANSWERS)(
    "%s answers in the venue's words and keeps the server out of it, upgrades too",
    (fault, status) => {
      const t = setup();
      t.gate.begin(fault, { durationMicros: SECOND });
      const struck = t.ask("/x");
      const { lines } = t.connect();
      expect([struck, lines]).toEqual([[`${status} ${fault}`], [`refused ${status}`]]);
      expect([t.server.requests.length, t.server.opened]).toEqual([0, 0]);
      t.run(1);
      const after = t.ask("/x");
      t.run(1);
      expect(after[0]).toContain("200");
      expect(t.gate.injected()).toEqual({ [fault]: 2 });
      expect(t.gate.active()).toEqual([]);
    },
  );

  it("timeout_executed acts and never answers, timeout_lost does neither", () => {
    const t = setup();
    t.gate.begin("timeout_executed", { match: "POST /order", count: 1 });
    const other = t.ask("/order");
    const executed = t.ask("/order", { method: "POST" });
    t.run(6);
    t.gate.begin("timeout_lost", { count: 1 });
    const lost = t.ask("/lost");
    t.run(6);
    const after = t.ask("/after");
    t.run(1);
    expect([executed, lost]).toEqual([["timeout sent"], ["timeout sent"]]);
    expect([other[0], after[0]]).toEqual([expect.stringContaining("200"), expect.stringContaining("200")]);
    expect(t.server.requests.map((each) => `${each.method} ${each.path}`)).toEqual([
      "GET /order",
      "POST /order",
      "GET /after",
    ]);
    expect(t.gate.injected()).toEqual({ timeout_executed: 1, timeout_lost: 1 });
  });

  it("slow answers late, refuse_connect finds nobody, a host is struck alone", () => {
    const t = setup();
    t.gate.begin("slow", { delayMicros: 3 * SECOND, durationMicros: SECOND });
    const slow = t.ask("/slow");
    t.run(2.9);
    expect(slow).toEqual([]);
    t.run(0.2);
    expect(slow[0]).toContain("200");
    t.gate.begin("refuse_connect", { host: "rest", durationMicros: SECOND });
    const refused = t.ask("/x");
    const other = t.ask("/x", {}, "other");
    t.run(0.1);
    expect(refused).toEqual(["reset sent"]);
    expect(other[0]).toContain("200");
    t.gate.begin("refuse_connect", { durationMicros: SECOND });
    expect(t.connect().lines).toEqual(["unreachable 0"]);
  });
});

describe("FaultGate, sockets", () => {
  it("disconnect breaks the open ones at once and no later one", () => {
    const t = setup();
    const one = t.connect();
    const two = t.connect();
    t.gate.begin("disconnect");
    t.run(0.1);
    expect([one.lines.at(-1), two.lines.at(-1), t.server.ended]).toEqual(["closed 1006", "closed 1006", 2]);
    expect(t.connect().lines).toEqual(["opened", "hello"]);
    expect([t.gate.injected(), t.gate.open().sockets]).toEqual([{ disconnect: 2 }, 1]);
  });

  it("resubscribe_loop gives every socket one data frame, for its time", () => {
    const t = setup();
    const open = t.connect();
    t.gate.begin("resubscribe_loop", { durationMicros: SECOND });
    t.run(0.1);
    expect(open.lines.at(-1)).toBe("closed 1001");
    for (let i = 0; i < 2; i++) expect(t.connect().lines).toEqual(["opened", "hello", "closed 1001"]);
    t.run(1);
    expect(t.connect().lines).toEqual(["opened", "hello"]);
    expect(t.gate.injected()).toEqual({ resubscribe_loop: 3 });
  });

  it("frozen swallows data and lets pings through; a new socket works", () => {
    const t = setup();
    const { lines, socket } = t.connect();
    t.gate.begin("frozen", { durationMicros: 5 * SECOND });
    t.say(socket, "a", "PONG", "ping");
    expect(lines).toEqual(["opened", "hello", "PONG", "pinged"]);
    expect([t.server.received.includes("a"), t.server.pongs]).toEqual([true, 1]);
    const fresh = t.connect();
    t.say(fresh.socket, "b");
    expect(fresh.lines).toEqual(["opened", "hello", "b"]);
    t.run(5);
    t.say(socket, "c");
    expect(lines.at(-1)).toBe("c");
  });

  it("silent swallows everything both ways, the server's close too", () => {
    const t = setup();
    const { lines, socket } = t.connect();
    t.gate.begin("silent", { durationMicros: 5 * SECOND });
    t.say(socket, "a", "PONG", "ping");
    for (const peer of t.server.peers) {
      peer.ping("");
      peer.send("data");
      peer.close(1000, "");
    }
    t.run(0.1);
    expect([lines, t.server.received, t.server.pongs]).toEqual([["opened", "hello"], [], 0]);
    socket.close();
    t.run(0.1);
    expect([lines.at(-1), t.server.ended, t.gate.open().sockets]).toEqual(["closed 1000", 1, 0]);
  });
});

describe("FaultGate, frames", () => {
  it("gap, duplicate and reorder strike one data frame and no heartbeat", () => {
    const t = setup();
    const { lines, socket } = t.connect();
    t.gate.begin("gap");
    t.say(socket, "PONG", "lost", "kept");
    t.gate.begin("duplicate");
    t.say(socket, "twice", "once");
    t.gate.begin("reorder");
    t.say(socket, "second", "PONG", "first", "third");
    expect(lines.slice(2)).toEqual([
      "PONG",
      "kept",
      "twice",
      "twice",
      "once",
      "PONG",
      "first",
      "second",
      "third",
    ]);
    expect(t.gate.injected()).toEqual({ gap: 1, duplicate: 1, reorder: 1 });
    expect(t.gate.active()).toEqual([]);
  });

  it("reorder lets the frame go when no other comes, and before a close", () => {
    const t = setup();
    const { lines, socket } = t.connect();
    t.gate.begin("reorder", { delayMicros: SECOND, count: 2 });
    t.say(socket, "alone");
    expect(lines).toEqual(["opened", "hello"]);
    t.run(1);
    expect(lines.at(-1)).toBe("alone");
    t.say(socket, "last", "close");
    expect(lines.slice(-2)).toEqual(["last", "closed 4000"]);
    expect(t.clock.pending).toBe(0);
  });

  it("malformed makes frames unreadable, as often as said", () => {
    const t = setup();
    const { lines, socket } = t.connect();
    t.gate.begin("malformed", { count: 20 });
    const frame = JSON.stringify({ type: "book", levels: [[1, 2]], note: "x" });
    t.say(socket, ...Array.from({ length: 21 }, () => frame));
    const struck = lines.slice(2, 22);
    expect(struck.length).toBe(20);
    for (const line of struck) expect(() => JSON.parse(line), line).toThrow(SyntaxError);
    expect(lines[22]).toBe(frame);
  });

  it("burst brings everything at once, in order", () => {
    const t = setup();
    const { lines, socket } = t.connect();
    t.gate.begin("burst", { durationMicros: 2 * SECOND, delayMicros: SECOND });
    t.say(socket, "1", "2");
    t.say(socket, "3", "4");
    expect(lines).toEqual(["opened", "hello"]);
    t.run(1);
    expect(lines.slice(2)).toEqual(["1", "2", "3", "4"]);
    t.run(1);
    t.say(socket, "5");
    expect(lines.at(-1)).toBe("5");
  });

  it("drop_some and double_some strike a share of the frames", () => {
    const t = setup();
    const { lines, socket } = t.connect();
    const texts = Array.from({ length: 1_000 }, (_, i) => String(i));
    const stop = t.gate.begin("drop_some", { durationMicros: null, chance: 0.1 });
    t.say(socket, ...texts);
    stop();
    const dropped = 1_000 - (lines.length - 2);
    expect(dropped).toBe(t.gate.injected()["drop_some"]);
    expect(dropped > 60 && dropped < 140).toBe(true);
    t.gate.begin("double_some", { chance: 0.1 });
    const before = lines.length;
    t.say(socket, ...texts);
    expect(lines.length - before - 1_000).toBe(t.gate.injected()["double_some"]);
  });
});

describe("FaultGate, plans and ends", () => {
  it("carries out a plan in time and gives the same for the same seed", () => {
    const trace = () => {
      const t = setup();
      const { lines, socket } = t.connect();
      t.gate.run([
        { afterMicros: SECOND, fault: "drop_some", chance: 0.5, durationMicros: SECOND },
        { afterMicros: 3 * SECOND, fault: "malformed", count: 3, durationMicros: SECOND },
        { afterMicros: 5 * SECOND, fault: "disconnect" },
      ]);
      for (let i = 0; i < 60; i++) t.say(socket, JSON.stringify({ i }));
      return { lines, injected: t.gate.injected(), pending: t.clock.pending };
    };
    const once = trace();
    expect(once).toEqual(trace());
    expect(once.injected).toEqual({ drop_some: expect.any(Number), malformed: 3, disconnect: 1 });
    expect([once.lines.at(-1), once.pending]).toEqual(["closed 1006", 0]);
  });

  it("takes back what has not begun, and leaves no alarm behind when closed", () => {
    const t = setup();
    const { socket } = t.connect();
    const cancel = t.gate.run([{ afterMicros: SECOND, fault: "unavailable" }]);
    cancel();
    t.run(2);
    expect(t.gate.active()).toEqual([]);
    t.gate.begin("slow", { delayMicros: 60 * SECOND });
    t.gate.begin("burst", { delayMicros: 60 * SECOND });
    t.gate.run([{ afterMicros: 60 * SECOND, fault: "gap" }]);
    t.ask("/slow", { timeoutMicros: SECOND / 10 });
    t.say(socket, "held");
    t.run(1);
    socket.close();
    t.run(1);
    t.gate.close();
    expect(t.server.closed).toBe(true);
    expect([t.clock.pending, t.gate.open()]).toEqual([0, { sockets: 0, late: 0 }]);
    t.gate.begin("gap");
    expect(t.gate.active()).toEqual([]);
  });
});
