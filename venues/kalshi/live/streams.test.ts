import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { KALSHI_SCALES } from "../scales.ts";
import type { FakeSocket } from "./testing/fake-venue.ts";
import { fixture, keepAlive, obedient, series, standing } from "./testing/fixture.ts";

const SECOND = 1_000_000;

interface Command {
  readonly id: number;
  readonly cmd: string;
  readonly params: {
    readonly channels?: readonly string[];
    readonly market_tickers?: readonly string[];
    readonly action?: string;
    readonly sids?: readonly number[];
    readonly use_yes_price?: boolean;
  };
}

interface Setup {
  readonly session?: Readonly<Record<string, unknown>>;
  /** What a new socket does; by default it opens, answers and pings. */
  readonly socket?: (socket: FakeSocket) => void;
  readonly seed?: number;
}

function open(setup: Setup = {}) {
  const mapper = memoryEnv("kalshi", KALSHI_SCALES);
  const opened = fixture(mapper, {
    keyed: true,
    session: { trades: false, ...setup.session },
    ...(setup.seed === undefined ? {} : { seed: setup.seed }),
  });
  const { venue, clock, session } = opened;
  venue.responder = (request) => {
    if (!standing(request, series("KXA"))) request.answer(200, { events: [] });
  };
  venue.onSocket = (socket) => {
    if (setup.socket !== undefined) setup.socket(socket);
    else {
      obedient(socket);
      keepAlive(socket, clock);
      socket.open();
    }
  };
  session.start();
  clock.settle();
  return { ...opened, mapper };
}

const commands = (socket: FakeSocket, cmd?: string): readonly Command[] =>
  (socket.sent as Command[]).filter((command) => cmd === undefined || command.cmd === cmd);
const symbols = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `KXA-${from + i}`);
/** Commands about books: the life-cycle channel has its own. */
const bookCommands = (socket: FakeSocket) =>
  commands(socket).filter(({ params }) => params.channels?.[0] !== "market_lifecycle_v2");

const snapshot = (sid: number, seq: number, symbol: string) => ({
  type: "orderbook_snapshot",
  sid,
  seq,
  msg: { market_ticker: symbol, market_id: "m", yes_dollars_fp: [["0.4000", "1.00"]] },
});

describe("subscriptions", () => {
  it("one subscription carries all markets, filled in batches, with the price convention said", () => {
    const { clock, venue, session } = open({ session: { commandBatch: 3 } });
    session.watch(symbols(8));
    clock.pass(SECOND);
    const socket = venue.socket(0);
    expect(
      bookCommands(socket).map(({ cmd, params }) => [cmd, params.action, params.market_tickers!.length]),
    ).toEqual([
      ["subscribe", undefined, 3],
      ["update_subscription", "add_markets", 3],
      ["update_subscription", "add_markets", 2],
    ]);
    expect(
      commands(socket, "subscribe").map(({ params }) => [params.channels, params.use_yes_price]),
    ).toEqual([
      [["market_lifecycle_v2"], false],
      [["orderbook_delta"], false],
    ]);
    expect([...venue.subscribed].sort()).toEqual(symbols(8).sort());
    expect(session.health().connections).toMatchObject([{ connection: 0, open: true, symbols: 8 }]);
    expect(venue.progress.filter(({ stage }) => stage === "subscribe").at(-1)).toEqual({
      stage: "subscribe",
      done: 8,
      total: 8,
    });
  });

  it("trades are a second subscription of the same markets, and silent towards the shell", () => {
    const { clock, venue, session } = open({ session: { trades: true } });
    session.watch(symbols(2));
    clock.pass(SECOND);
    expect(commands(venue.socket(0), "subscribe").map(({ params }) => params.channels![0])).toEqual([
      "market_lifecycle_v2",
      "orderbook_delta",
      "trade",
    ]);
    expect(session.health().connections[0]!.symbols).toBe(2);
  });

  it("a new list adds and removes only what differs", () => {
    const { clock, venue, session } = open();
    session.watch(symbols(4));
    clock.pass(SECOND);
    venue.socket(0).sent.length = 0;
    session.watch(symbols(4, 2));
    clock.pass(SECOND);
    expect(commands(venue.socket(0)).map(({ params }) => [params.action, params.market_tickers])).toEqual([
      ["delete_markets", ["KXA-0", "KXA-1"]],
      ["add_markets", ["KXA-4", "KXA-5"]],
    ]);
    expect([...venue.subscribed].sort()).toEqual(symbols(4, 2));
    session.watch(symbols(4, 2));
    clock.pass(SECOND);
    expect(commands(venue.socket(0))).toHaveLength(2);
  });

  it("the last market is not deleted but unsubscribed: without a filter every market would come", () => {
    const { clock, venue, session } = open();
    session.watch(["KXA-1"]);
    clock.pass(SECOND);
    session.watch([]);
    clock.pass(SECOND);
    expect(bookCommands(venue.socket(0)).map(({ cmd }) => cmd)).toEqual(["subscribe", "unsubscribe"]);
    expect(venue.subscribed.size).toBe(0);
    session.watch(["KXA-2"]);
    clock.pass(SECOND);
    expect([...venue.subscribed]).toEqual(["KXA-2"]);
  });

  it("markets spread over connections and stay where they are; beyond the room they are not streamed", () => {
    const { clock, venue, session } = open({ session: { symbolsPerConnection: 2, connections: 2 } });
    session.watch(symbols(3));
    clock.pass(SECOND);
    expect(session.health().connections.map((each) => each.symbols)).toEqual([2, 1]);
    expect(commands(venue.socket(1), "subscribe").map(({ params }) => params.channels![0])).toEqual([
      "orderbook_delta",
    ]);
    session.watch(symbols(6));
    clock.pass(SECOND);
    expect(session.health().connections.map((each) => each.symbols)).toEqual([2, 2]);
    expect([...venue.subscribed].sort()).toEqual(symbols(4));
  });

  it("a list that leaves a market out says that it is not carried", () => {
    const { clock, venue, session } = open({ session: { commandBatch: 1 } });
    const socket = venue.socket(0);
    socket.onCommand = (command) => {
      const { id, cmd } = command as unknown as Command;
      if (cmd === "subscribe")
        socket.frame({ id, type: "subscribed", msg: { channel: "orderbook_delta", sid: 2 } });
      else socket.frame({ id, sid: 2, seq: 1, type: "ok", msg: { market_tickers: ["KXA-0"] } });
    };
    session.watch(symbols(2));
    clock.pass(SECOND);
    expect([...venue.subscribed]).toEqual(["KXA-0"]);
    expect(venue.refused).toMatchObject([{ reason: "feed.subscription_refused" }]);
    session.resync(["KXA-1"]);
    expect(venue.waiting("/markets/orderbooks")).toHaveLength(1);
  });
});

describe("frames", () => {
  it("reach the feed as they came and in order, whatever they hold", () => {
    const frame = fc.oneof(
      fc.integer({ min: 1, max: 99 }).map((seq) => JSON.stringify(snapshot(1, seq, "KXA-0"))),
      fc.json(),
      fc.string(),
      fc.constantFrom(
        '{"type":"ok","id":77,"msg":[]}',
        '{"id":1,"type":"error","msg":{"code":5}}',
        '{"type":"event_lifecycle","sid":1,"seq":1,"msg":{}}',
      ),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), (frames) => {
        const { venue } = open();
        const before = venue.frames.length;
        const wellFormed = frames.map((text) => Buffer.from(text).toString());
        for (const text of wellFormed) venue.socket(0).frame(text);
        expect(venue.frames.slice(before).map(({ text }) => text)).toEqual(wellFormed);
      }),
      { numRuns: 100 },
    );
  });

  it("of the account's own channels stay out of it, on whatever connection", () => {
    const { venue } = open();
    const before = venue.frames.length;
    venue.socket(0).frame({ type: "fill", sid: 9, msg: {} });
    venue.socket(0).frame({ sid: 9, msg: {}, type: "user_order" });
    expect(venue.frames).toHaveLength(before);
  });

  it("confirm the subscription to the mapper before its first book: gaps can be judged", () => {
    const { clock, venue, session, mapper } = open();
    session.watch(["KXA-0"]);
    clock.pass(SECOND);
    venue.socket(0).frame(snapshot(2, 1, "KXA-0"));
    expect(mapper.sink.objects).toContainEqual(
      expect.objectContaining({
        kind: "stream.opened",
        judged: true,
        label: "connection 0 sid 2 orderbook_delta",
      }),
    );
  });
});

describe("resync", () => {
  it("asks the stream for snapshots of what it carries, and REST for what it never will", () => {
    const { clock, venue, session } = open({
      session: { commandBatch: 2, connections: 1, symbolsPerConnection: 3 },
    });
    session.watch(symbols(3));
    clock.pass(SECOND);
    venue.socket(0).sent.length = 0;
    session.resync([...symbols(3), "KXOTHER-1"]);
    expect(commands(venue.socket(0)).map(({ params }) => [params.action, params.market_tickers])).toEqual([
      ["get_snapshot", ["KXA-0", "KXA-1"]],
      ["get_snapshot", ["KXA-2"]],
    ]);
    expect(venue.one("/markets/orderbooks").path).toBe("/markets/orderbooks?tickers=KXOTHER-1");
    // Without any reply the snapshots themselves were the answer.
    venue.socket(0).onCommand = null;
    session.resync(["KXA-0"]);
    clock.pass(11 * SECOND);
    expect(venue.socket(0).closing).toBe(false);
  });
});

describe("errors of the websocket", () => {
  /** A socket that answers book commands with this error first, `times` times. */
  function erring(code: number, times = 1, session: Readonly<Record<string, unknown>> = {}) {
    let left = times;
    const opened = open({ session });
    const socket = opened.venue.socket(0);
    obedient(socket);
    const answers = socket.onCommand!;
    socket.onCommand = (command, self) => {
      if (left-- > 0) self.frame({ id: command["id"], type: "error", msg: { code, msg: "said" } });
      else answers(command, self);
    };
    return { ...opened, socket };
  }

  it.each([1, 18, 27])("%i: the same command again, later", (code) => {
    const { clock, venue, session, socket } = erring(code, 3);
    session.watch(symbols(2));
    clock.pass(60 * SECOND);
    expect(venue.subscribed.size).toBe(2);
    expect(commands(socket, "subscribe").length).toBe(5);
    expect(venue.reasons()).toContain("feed.subscription_refused");
  });

  it("26: the rest is left to polling until markets are given back", () => {
    const { clock, venue, session, socket } = erring(0, 0, { commandBatch: 2 });
    const answers = socket.onCommand!;
    socket.onCommand = (command, self) => {
      const { id, params } = command as unknown as Command;
      const full =
        params.action === "add_markets" && venue.subscribed.size + params.market_tickers!.length > 2;
      if (full) self.frame({ id, type: "error", msg: { code: 26, msg: "market limit" } });
      else answers(command, self);
    };
    session.watch(symbols(4));
    clock.pass(60 * SECOND);
    expect([...venue.subscribed]).toEqual(symbols(2));
    const sent = socket.sent.length;
    session.watch(symbols(4));
    clock.pass(60 * SECOND);
    expect(socket.sent).toHaveLength(sent);
    session.resync(["KXA-3"]);
    expect(venue.waiting("/markets/orderbooks")).toHaveLength(1);
    session.watch(symbols(2, 2));
    clock.pass(60 * SECOND);
    expect([...venue.subscribed].sort()).toEqual(symbols(2, 2));
  });

  it.each([10, 25, 7])("%i: the subscription is made anew", (code) => {
    const { clock, venue, session } = open();
    const socket = venue.socket(0);
    session.watch(symbols(3));
    clock.pass(SECOND);
    socket.frame({ type: "error", sid: 2, seq: 9, msg: { code, msg: "buffer overflow" } });
    expect(venue.subscribed.size).toBe(0);
    clock.pass(SECOND);
    expect(venue.subscribed.size).toBe(3);
    expect(bookCommands(socket).map(({ cmd }) => cmd)).toEqual(["subscribe", "subscribe"]);
  });

  it("25 after every subscription does not become a storm", () => {
    const { clock, venue, session } = open();
    const socket = venue.socket(0);
    obedient(socket);
    const answers = socket.onCommand!;
    socket.onCommand = (command, self) => {
      answers(command, self);
      if ((command as unknown as Command).params.channels?.[0] === "orderbook_delta")
        self.frame({ type: "error", sid: socket.sent.length - 1, msg: { code: 25 } });
    };
    session.watch(symbols(3));
    clock.pass(300 * SECOND);
    expect(bookCommands(socket).length).toBeLessThan(40);
  });

  it("a subscription the venue ends by itself is made anew", () => {
    const { clock, venue, session } = open();
    session.watch(symbols(1));
    clock.pass(SECOND);
    venue.socket(0).frame({ type: "unsubscribed", sid: 2, seq: 4 });
    clock.pass(SECOND);
    expect(venue.subscribed.size).toBe(1);
  });

  it.each([8, 3])("%i: books are not streamed, nothing is asked again", (code) => {
    const { clock, venue, session, socket } = erring(code, 1_000);
    session.watch(symbols(3));
    clock.pass(600 * SECOND);
    expect(bookCommands(socket)).toHaveLength(1);
    expect([venue.subscribed.size, venue.failed]).toEqual([0, []]);
  });

  it("2: smaller batches find the one market that is not accepted", () => {
    const { clock, venue, session, socket } = erring(0, 0, { commandBatch: 8 });
    const answers = socket.onCommand!;
    socket.onCommand = (command, self) => {
      const { id, params } = command as unknown as Command;
      if (params.market_tickers?.includes("KXA-5") === true)
        self.frame({ id, type: "error", msg: { code: 2, msg: "bad" } });
      else answers(command, self);
    };
    session.watch(symbols(20));
    clock.pass(10 * SECOND);
    expect([...venue.subscribed].sort()).toEqual(
      symbols(20)
        .filter((symbol) => symbol !== "KXA-5")
        .sort(),
    );
    expect(bookCommands(socket).length).toBeLessThan(20);
  });

  it("9: start-up ends", () => {
    const { clock, venue, session, socket } = erring(9, 1);
    session.watch(symbols(1));
    clock.pass(60 * SECOND);
    expect(venue.failed).toMatchObject([{ stage: "auth", detail: "orderbook_delta: error 9 said" }]);
    expect(bookCommands(socket)).toHaveLength(1);
  });

  it("one about nothing known is counted", () => {
    const { venue } = open();
    venue.socket(0).frame({ type: "error", msg: { code: 5, msg: "what" } });
    expect(venue.refused).toEqual([{ reason: "wire.venue_error", detail: "error 5 what" }]);
  });

  it("a command without an answer ends the connection", () => {
    const { clock, venue, session } = open();
    venue.socket(0).onCommand = null;
    session.watch(symbols(1));
    clock.pass(12 * SECOND);
    expect(venue.reasons()).toContain("feed.timeout");
    expect(venue.sockets.length).toBeGreaterThan(1);
    expect(venue.subscribed.size).toBe(1);
  });
});

describe("connections", () => {
  it("are signed for, each handshake anew", () => {
    const { venue } = open();
    expect(venue.socket(0).url).toBe("wss://external-api-ws.kalshi.com/trade-api/ws/v2");
    expect(venue.socket(0).headers).toMatchObject({
      "kalshi-access-key": "key-1",
      "user-agent": "emp-test/1",
    });
  });

  it("come back with every market after a loss, and say so", () => {
    const { clock, venue, session } = open();
    session.watch(symbols(5));
    clock.pass(SECOND);
    venue.socket(0).end({ kind: "closed", code: 1006 });
    expect([venue.subscribed.size, venue.status.at(-1)?.status]).toEqual([0, "degraded"]);
    clock.pass(SECOND);
    expect([venue.subscribed.size, venue.status.at(-1)?.status]).toEqual([5, "up"]);
    expect(venue.connections).toEqual([
      { connection: 0, state: "opened" },
      { connection: 0, state: "lost" },
      { connection: 0, state: "opened" },
    ]);
    expect(session.health().reconnects).toBe(1);
  });

  it("silence is an end: without a ping for 25 s a new one is made, and the old one says nothing more", () => {
    const { clock, venue, session } = open({
      socket: (socket) => {
        obedient(socket);
        socket.open();
      },
    });
    session.watch(symbols(1));
    clock.pass(24 * SECOND);
    expect(venue.sockets).toHaveLength(1);
    clock.pass(2 * SECOND);
    expect(venue.reasons()).toContain("feed.heartbeat");
    expect(venue.sockets).toHaveLength(2);
    const frames = venue.frames.length;
    venue.socket(0).frame(snapshot(2, 2, "KXA-0"));
    expect(venue.frames).toHaveLength(frames);
    expect(venue.subscribed.size).toBe(1);
  });

  it("a handshake that hangs is given up", () => {
    const { clock, venue } = open({ socket: () => undefined });
    clock.pass(11 * SECOND);
    expect(venue.sockets.length).toBe(2);
  });

  it("storms are bounded: attempts thin out to one in 30 s and spread", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { clock, venue } = open({ seed, socket: (socket) => socket.end({ kind: "unreachable" }) });
      clock.pass(600 * SECOND);
      expect(venue.sockets.length).toBeGreaterThan(20);
      expect(venue.sockets.length).toBeLessThan(100);
    }
  });

  it("a connection that opens and dies at once does not begin the back-off anew", () => {
    const { clock, venue } = open({
      socket: (socket) => {
        socket.open();
        socket.end({ code: 1011 });
      },
    });
    clock.pass(600 * SECOND);
    expect(venue.sockets.length).toBeLessThan(100);
  });

  it("input that was not read in time is named", () => {
    const { venue } = open();
    venue.socket(0).end({ kind: "overflow" });
    expect(venue.reasons()).toContain("feed.overflow");
  });

  it("a refused key ends start-up once, and no connection is tried again", () => {
    const { clock, venue } = open({ socket: (socket) => socket.end({ kind: "refused", code: 401 }) });
    expect(venue.failed).toEqual([]);
    clock.pass(600 * SECOND);
    // REST had accepted the key before: the refusal may pass.
    expect(venue.failed).toEqual([]);
    expect(venue.reasons()).toContain("feed.auth");
  });
});
