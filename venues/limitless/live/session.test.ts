import { describe, expect, it } from "vitest";
import type {
  GovernedRequest,
  HttpOutcome,
  ListedBook,
  Micros,
  SessionEnv,
  SocketEnd,
  SocketHandlers,
} from "../../../src/contracts/index.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { SCALES } from "../scales.ts";
import { limitlessLive } from "./live.ts";

const SECOND = 1_000_000;
const ENCODER = new TextEncoder();
const HANDSHAKE = '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
const JOINED = '40/markets,{"sid":"b"}';

function market(slug: string, number: number, changes: Readonly<Record<string, unknown>> = {}) {
  const tokens = { yes: `1${number}`, no: `2${number}` };
  const terms = { tradeType: "clob", metadata: { fee: false }, volumeFormatted: "5.0" };
  return { slug, title: slug, status: "FUNDED", tokens, ...terms, ...changes };
}

const page = (...entries: readonly unknown[]) => ({ data: entries, totalMarketsCount: entries.length });

/** A socket as the session opened it, driven from the venue's end. */
class Socket {
  readonly url: string;
  readonly sent: string[] = [];
  closing = false;
  readonly #handlers: SocketHandlers;
  readonly #clock: StepClock;

  constructor(url: string, handlers: SocketHandlers, clock: StepClock) {
    this.url = url;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  open(...packets: readonly string[]): void {
    this.#handlers.opened(this.#clock.now());
    this.say(...packets);
  }

  say(...packets: readonly string[]): void {
    for (const packet of packets) {
      const bytes = ENCODER.encode(`#${packet}#`);
      this.#handlers.message(bytes, 1, bytes.length - 1, this.#clock.now());
    }
  }

  end(end: Partial<SocketEnd> = {}): void {
    this.#handlers.closed({ kind: "closed", code: 1006, detail: "", ...end }, this.#clock.now());
  }
}

/** Answers by path; what is not there waits. */
type Script = Readonly<Record<string, unknown>>;

function scripted(options: unknown = {}, cachedPages: readonly unknown[] = [], orders: "off" | "on" = "off") {
  const clock = new StepClock(1_790_000_000_000_000 as Micros);
  const mapperEnv = memoryEnv("limitless", SCALES);
  const requests: { readonly path: string; readonly done: (outcome: HttpOutcome) => void }[] = [];
  const sockets: Socket[] = [];
  const listed = new Map<string, ListedBook>();
  const said = { refused: [] as string[], failed: [] as string[], status: [] as string[], discovered: 0 };
  const frames: string[] = [];
  const connections: string[] = [];
  const subscribed: string[] = [];
  let kept: readonly Uint8Array[] = cachedPages.map((each) => ENCODER.encode(JSON.stringify(each)));
  const env: SessionEnv = {
    venue: "limitless",
    hosts: { rest: "http://rest", ws: "ws://ws" },
    clock,
    rng: new SeededRng("session"),
    http: {
      send: (request: GovernedRequest, done) => {
        requests.push({ path: request.url.replace("http://rest", ""), done });
        return () => {};
      },
    },
    connect: (url, _, handlers) => {
      const socket = new Socket(url, handlers, clock);
      sockets.push(socket);
      return {
        send: (text) => socket.sent.push(text),
        ping: () => {},
        close: () => {
          socket.closing = true;
          clock.after(1_000, () => socket.end({ code: 1000 }));
        },
      };
    },
    feed: {
      frame: (connection, _, bytes, start, end) =>
        frames.push(`${connection} ${new TextDecoder().decode(bytes.subarray(start, end))}`),
      connection: (connection, state) => connections.push(`${connection} ${state}`),
      describe: (run) => run(mapperEnv),
    },
    report: {
      progress: () => {},
      failed: (stage, detail) => said.failed.push(`${stage}: ${detail}`),
      listed: (books) => {
        for (const book of books) listed.set(book.symbol, book);
      },
      discovered: () => {
        said.discovered++;
      },
      status: (status) => said.status.push(status),
      refused: (reason, detail) => said.refused.push(`${reason}: ${detail}`),
      subscribed: (symbols, on) => subscribed.push(`${on ? "+" : "-"}${symbols.join()}`),
      order: () => {},
    },
    cache: {
      read: () => (kept.length === 0 ? null : { at: clock.now(), pages: kept }),
      write: (pages) => {
        kept = pages;
      },
    },
    secrets: {},
    userAgent: "emp-test/1",
    maxFrameBytes: 1_048_576,
  };
  const session = limitlessLive.configure(options)(env, orders);
  const pass = (micros: number) => clock.advanceTo((clock.now() + micros) as Micros);
  const answer = (script: Script) => {
    for (const { path, done } of requests.splice(0)) {
      const value = script[path];
      if (value === undefined) throw new Error(`nobody answers ${path}`);
      const body = ENCODER.encode(typeof value === "string" ? value : JSON.stringify(value));
      const headers = { date: new Date(clock.now() / 1_000 + 5_000).toUTCString() };
      const status = value === "" ? 404 : 200;
      done({ kind: "answer", status, headers, body, sentAt: clock.now(), at: clock.now() });
    }
  };
  const started = (...entries: readonly unknown[]) => {
    session.start();
    answer({ "/markets/active?page=1&limit=25": page(...entries) });
  };
  const cached = () => kept.length;
  return {
    clock,
    session,
    requests,
    sockets,
    listed,
    said,
    frames,
    connections,
    subscribed,
    mapperEnv,
    pass,
    answer,
    started,
    cached,
  };
}

const A = market("a", 1);
const B = market("b", 2);
const update = (slug: string, tokenId: string) =>
  `42/markets,["orderbookUpdate",{"marketSlug":"${slug}","orderbook":{"bids":[],"asks":[],"tokenId":"${tokenId}"}}]`;
const subscribe = (...slugs: readonly string[]) =>
  `42/markets,["subscribe_market_prices",${JSON.stringify({ marketSlugs: slugs })}]`;
const LIFECYCLE = '42/markets,["subscribe_market_lifecycle",{}]';

describe("the handshake", () => {
  it("joins the namespace, subscribes to the whole set once, answers pings, and feeds every packet", () => {
    const t = scripted();
    t.started(A, B);
    t.session.watch(["11", "12"]);
    const [socket] = t.sockets;
    expect(socket!.url).toBe("ws://ws/socket.io/?EIO=4&transport=websocket");
    socket!.open(HANDSHAKE);
    expect(socket!.sent).toEqual(["40/markets,"]);
    socket!.say(JOINED, "2");
    t.pass(0);
    expect(socket!.sent.slice(1)).toEqual([LIFECYCLE, subscribe("a", "b"), "3", subscribe("a", "b")]);
    socket!.say(update("a", "11"));
    expect(t.subscribed).toEqual(["+11"]);
    expect(t.frames).toEqual([`0 ${HANDSHAKE}`, `0 ${JOINED}`, "0 2", `0 ${update("a", "11")}`]);
    expect([t.connections, t.said.status]).toEqual([["0 opened"], ["up"]]);
  });

  it("each later subscription replaces the one before: it is always whole, once a turn", () => {
    const t = scripted({ lifecycle: false });
    t.started(A, B);
    t.session.watch(["11"]);
    t.sockets[0]!.open(HANDSHAKE, JOINED);
    t.pass(0);
    t.sockets[0]!.sent.length = 0;
    t.session.watch(["11", "12"]);
    t.session.watch(["12"]);
    t.session.watch(["12", "unknown"]);
    t.pass(0);
    expect(t.sockets[0]!.sent).toEqual([subscribe("b")]);
    expect(t.said.refused).toEqual([expect.stringMatching(/^feed\.shed: 1 books/)]);
    t.session.watch([]);
    expect(t.sockets[0]!.closing).toBe(true);
  });

  it.each([
    ["never finishes", [], 16 * SECOND, null],
    [
      "is refused by the namespace",
      [HANDSHAKE, '44/markets,{"message":"no"}'],
      0,
      "feed.subscription_refused",
    ],
    ["is ended by the venue", [HANDSHAKE, JOINED, "41/markets,"], 0, "feed.unreachable"],
    ["falls silent", [HANDSHAKE, JOINED], 46 * SECOND, "feed.heartbeat"],
    [
      "falls silent after another heartbeat was agreed",
      ['0{"pingInterval":1000,"pingTimeout":1000}', JOINED],
      3 * SECOND,
      "feed.heartbeat",
    ],
    [
      "states a heartbeat that cannot be",
      ['0{"pingInterval":0,"pingTimeout":-1}', JOINED],
      46 * SECOND,
      "feed.heartbeat",
    ],
  ] as const)("a connection that %s is given up and made again", (_, packets, micros, reason) => {
    const t = scripted({ awaitBookMs: 600_000 });
    t.started(A);
    t.session.watch(["11"]);
    t.sockets[0]!.open(...packets);
    t.pass(micros);
    expect(t.sockets[0]!.closing).toBe(true);
    t.pass(SECOND);
    expect(t.sockets).toHaveLength(2);
    if (reason !== null) expect(t.said.refused.join()).toContain(reason);
    expect(t.connections).toEqual(["0 opened", "0 lost"]);
    t.sockets[0]!.say(update("a", "11"));
    expect(t.frames).toHaveLength(packets.length);
  });

  it("waits longer after each failure, at most half a minute, and as long as the venue states", () => {
    const t = scripted();
    t.started(A);
    t.session.watch(["11"]);
    for (let i = 0; i < 20; i++) {
      t.sockets.at(-1)!.end({ kind: "unreachable" });
      const next = t.sockets.length + 1;
      const from = t.clock.now();
      while (t.sockets.length < next) t.pass(SECOND / 10);
      expect(t.clock.now() - from).toBeLessThanOrEqual(Math.min(31, 2 ** i) * SECOND);
    }
    t.sockets
      .at(-1)!
      .end({ kind: "refused", code: 429, detail: "upgrade refused with 429, retry after 120 s" });
    t.pass(119 * SECOND);
    expect(t.sockets).toHaveLength(21);
    t.pass(2 * SECOND);
    expect([t.sockets.length, t.session.health().reconnects]).toEqual([22, 21]);
  });
});

describe("books that do not come", () => {
  it("are fetched one by one, later and later while the venue does not have them", () => {
    const t = scripted({ awaitBookMs: 1_000 });
    t.started(A, B);
    t.session.watch(["11", "12"]);
    t.sockets[0]!.open(HANDSHAKE, JOINED);
    t.sockets[0]!.say(update("a", "11"));
    t.pass(2 * SECOND);
    expect(t.requests.map(({ path }) => path)).toEqual(["/markets/b/orderbook"]);
    t.answer({ "/markets/b/orderbook": "" });
    expect(t.said.refused.at(-1)).toContain("feed.not_found");
    const waits = [0, 1, 2].map(() => {
      const from = t.clock.now();
      while (t.requests.length === 0) t.pass(SECOND);
      t.answer({ "/markets/b/orderbook": "" });
      return Math.round((t.clock.now() - from) / SECOND);
    });
    expect(waits).toEqual([2, 4, 8]);
    while (t.requests.length === 0) t.pass(SECOND);
    t.answer({ "/markets/b/orderbook": { bids: [], asks: [], tokenId: "12" } });
    expect(t.subscribed).toEqual(["+11", "+12"]);
    expect(t.frames.at(-1)).toMatch(/^50000001 /);
    t.pass(600 * SECOND);
    expect(t.requests).toEqual([]);
  });
});

describe("the catalogue", () => {
  it("is announced from the cache first, kept anew, and read page by page to its stated end", () => {
    const t = scripted({ pageLimit: 1 }, [page(A), { data: 1 }]);
    t.session.start();
    expect([...t.listed.keys()]).toEqual(["11"]);
    expect(t.said.refused).toEqual(["feed.shape: a page of the discovery cache"]);
    t.answer({ "/markets/active?page=1&limit=1": { data: [A], totalMarketsCount: 2 } });
    expect(t.said.discovered).toBe(0);
    t.answer({ "/markets/active?page=2&limit=1": { data: [B], totalMarketsCount: 2 } });
    expect([t.said.discovered, [...t.listed.keys()], t.cached()]).toEqual([1, ["11", "12"], 2]);
  });

  it("ends a page early, passes over what it cannot read, and bounds what it keeps", () => {
    const t = scripted({ maxMarkets: 1 });
    t.session.start();
    t.answer({ "/markets/active?page=1&limit=25": { data: [A, { slug: 1 }, B], totalMarketsCount: 99 } });
    t.answer({ "/markets/active?page=2&limit=25": { data: [], totalMarketsCount: 99 } });
    expect([t.said.discovered, [...t.listed.keys()]]).toEqual([1, ["11"]]);
    expect(t.said.refused.map((line) => line.split(":")[0])).toEqual(["feed.shape", "book.overflow"]);
  });

  it("closes what a later reading does not show and asks how it ended; new markets are asked for by name", () => {
    const t = scripted();
    t.started(A, B);
    t.session.rediscover();
    t.session.rediscover();
    t.answer({ "/markets/active?page=1&limit=25": page(B) });
    expect(t.listed.get("11")).toMatchObject({ open: false });
    t.answer({ "/markets/active?page=1&limit=25": page(B) });
    t.pass(3 * SECOND);
    t.answer({ "/markets/a": { ...A, status: "RESOLVED", winningOutcomeIndex: 0 } });
    expect(t.mapperEnv.sink.objects.at(-1)).toMatchObject({ kind: "market.resolved", yesPayout: "1" });
    t.session.watch(["12"]);
    const [socket] = t.sockets;
    socket!.open(HANDSHAKE, JOINED);
    socket!.say(
      '42/markets,["marketCreated",{"slug":"c"}]',
      '42/markets,["marketResolved",{"slug":"b","winningIndex":1}]',
      '42/markets,["exception",{"message":"too many"}]',
    );
    expect(t.listed.get("12")).toMatchObject({ open: false });
    t.pass(3 * SECOND);
    t.answer({ "/markets/c": market("c", 3) });
    t.answer({ "/markets/b": "" });
    expect(t.listed.get("13")).toMatchObject({ open: true, weight: 5 });
    expect(t.said.refused).toEqual([
      'feed.subscription_refused: {"message":"too many"}',
      "feed.not_found: market b: HTTP 404",
    ]);
  });

  it("of another shape fails the start with a line, later it is only said", () => {
    const t = scripted();
    t.session.start();
    t.answer({ "/markets/active?page=1&limit=25": { markets: [] } });
    expect(t.said.failed).toEqual([
      "discovery: active markets, page 1: not the shape this adapter reads; run the probe",
    ]);
    const later = scripted();
    later.started(A);
    later.session.rediscover();
    later.answer({ "/markets/active?page=1&limit=25": "[]" });
    expect([later.said.failed, later.said.refused[0]]).toEqual([
      [],
      expect.stringContaining("feed.shape: discovery"),
    ]);
    expect(later.listed.get("11")).toMatchObject({ open: true });
  });
});

describe("settings and ends", () => {
  it.each([
    [{ pageLimit: 26 }, "session.pageLimit: expected a whole number from 1 to 25, found 26"],
    [{ assumedTakerFeeBps: 150 }, "session.assumedTakerFeeBps: "],
    [{ assumedTakerFeeBps: "1,5" }, 'such as "150", found "1,5"'],
    [{ fee: 1 }, "session: "],
  ])("%o is refused by name", (options, message) => {
    expect(() => limitlessLive.configure(options)).toThrow(message);
  });

  it("orders are not built: start-up says so", () => {
    const t = scripted({}, [], "on");
    t.session.start();
    expect([t.session.gateway, t.said.failed.length]).toEqual([null, 1]);
  });

  it("says that the clocks differ, and by how much", () => {
    const t = scripted();
    t.started(A);
    t.pass(61 * SECOND);
    expect(t.said.refused).toEqual([
      "feed.clock_skew: the venue's clock is 5.5 s off ours; set this machine's clock",
    ]);
    expect(t.session.health().clockSkewMicros).toBe(5_500_000);
  });

  it("close ends everything once, whatever is under way, also when a socket never answers", () => {
    const t = scripted();
    t.started(A);
    t.session.watch(["11"]);
    t.sockets[0]!.open(HANDSHAKE, JOINED);
    const outcomes: unknown[] = [];
    t.session.poll(["11"], "poll", (outcome) => outcomes.push(outcome));
    t.session.observe(["11"], (books) => outcomes.push(books));
    let closed = 0;
    t.session.close(() => {
      closed++;
    });
    t.session.poll(["11"], "poll", (outcome) => outcomes.push(outcome));
    t.session.watch(["11"]);
    t.session.rediscover();
    t.pass(3 * SECOND);
    const shed = { ok: false, reason: "feed.shed", retryAfterMicros: null };
    expect([closed, outcomes, t.clock.pending]).toEqual([1, [shed, null, shed], 0]);
    expect(t.connections).toEqual(["0 opened", "0 lost"]);
  });
});
