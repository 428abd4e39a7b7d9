import {
  type Cancel,
  type DiscoveryCache,
  type GovernedRequest,
  type HttpOutcome,
  type ListedBook,
  type MapperEnv,
  type Micros,
  type NetSocket,
  type OrderUpdate,
  POLL_CONNECTION,
  type Rng,
  type SessionEnv,
  type SocketEnd,
  type SocketHandlers,
  type StartStage,
  type Timers,
} from "../../../../src/contracts/index.ts";
import { HOSTS } from "../configure.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const MAX_FRAME = 4 * 1_048_576;

type NoAnswer = Extract<HttpOutcome, { kind: "none" }>["why"];

/** A request that waits for its answer. */
export class FakeRequest {
  readonly request: GovernedRequest;
  /** Headers with those made at the instant of leaving; empty until it left. */
  headers: Readonly<Record<string, string>> = {};
  left = false;
  settled = false;
  readonly #clock: Timers;
  readonly #done: (outcome: HttpOutcome) => void;
  readonly #sentAt: Micros;

  constructor(request: GovernedRequest, clock: Timers, done: (outcome: HttpOutcome) => void) {
    this.request = request;
    this.#clock = clock;
    this.#done = done;
    this.#sentAt = clock.now();
  }

  /** Below the base URL. */
  get path(): string {
    return this.request.url.replace(/^.*\/trade-api\/v2/, "");
  }

  leave(): void {
    if (this.left) return;
    this.left = true;
    this.headers = { ...this.request.headers, ...this.request.authorise?.() };
  }

  /** @param body text, bytes, or anything else as JSON. */
  answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.leave();
    const bytes =
      body instanceof Uint8Array
        ? body
        : ENCODER.encode(typeof body === "string" ? body : JSON.stringify(body));
    this.#settle({
      kind: "answer",
      status,
      headers,
      body: bytes,
      sentAt: this.#sentAt,
      at: this.#clock.now(),
    });
  }

  none(why: NoAnswer, sent = true): void {
    if (sent) this.leave();
    this.#settle({ kind: "none", why, detail: "", sent, sentAt: this.#sentAt, at: this.#clock.now() });
  }

  #settle(outcome: HttpOutcome): void {
    if (this.settled) throw new Error(`answered twice: ${this.path}`);
    this.settled = true;
    this.#done(outcome);
  }
}

/** One websocket as the session opened it, driven from the venue's end. */
export class FakeSocket implements NetSocket {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sent: unknown[] = [];
  /** The session closed it; `closed` is told with the next alarm. */
  closing = false;
  over = false;
  readonly #handlers: SocketHandlers;
  readonly #clock: Timers;
  /** Called with every command, to answer by itself. */
  onCommand: ((command: Record<string, unknown>, socket: FakeSocket) => void) | null = null;

  constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    handlers: SocketHandlers,
    clock: Timers,
  ) {
    this.url = url;
    this.headers = headers;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  open(): void {
    this.#handlers.opened(this.#clock.now());
  }

  /** @param frame text, or anything else as JSON. */
  frame(frame: unknown): void {
    const bytes = ENCODER.encode(`--${typeof frame === "string" ? frame : JSON.stringify(frame)}--`);
    this.#handlers.message(bytes, 2, bytes.length - 2, this.#clock.now());
  }

  pinged(): void {
    this.#handlers.pinged(this.#clock.now());
  }

  end(end: Partial<SocketEnd> = {}): void {
    if (this.over) return;
    this.over = true;
    this.#handlers.closed({ kind: "closed", code: 0, detail: "", ...end }, this.#clock.now());
  }

  send(text: string): void {
    const command = JSON.parse(text) as Record<string, unknown>;
    this.sent.push(command);
    if (this.onCommand !== null) this.#clock.after(0, () => this.onCommand?.(command, this));
  }

  ping(): void {
    // The session never pings.
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    this.#clock.after(0, () => this.end());
  }
}

/** A frame as the feed got it. */
export interface FedFrame {
  readonly connection: number;
  readonly text: string;
}

/** Answers a request; `undefined` leaves it to wait. */
type Responder = (request: FakeRequest) => void;

/** A scripted environment of a session: every request, socket, frame and report is kept. */
export class FakeVenue {
  readonly requests: FakeRequest[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly frames: FedFrame[] = [];
  readonly connections: { readonly connection: number; readonly state: string }[] = [];
  readonly listed = new Map<string, ListedBook>();
  readonly listings: (readonly ListedBook[])[] = [];
  readonly progress: { readonly stage: StartStage; readonly done: number; readonly total: number | null }[] =
    [];
  readonly failed: { readonly stage: StartStage; readonly detail: string }[] = [];
  readonly status: { readonly status: string; readonly reason: string }[] = [];
  readonly refused: { readonly reason: string; readonly detail: string }[] = [];
  readonly subscribed = new Set<string>();
  readonly orders: OrderUpdate[] = [];
  discovered = 0;
  cached: ReturnType<DiscoveryCache["read"]> = null;
  /** Tried in order for every new request; the first one that answers wins. */
  responder: Responder | null = null;
  onSocket: ((socket: FakeSocket) => void) | null = null;
  readonly env: SessionEnv;
  readonly #clock: Timers;

  /** @param feed where frames go besides `frames`: a mapper. */
  constructor(
    clock: Timers,
    rng: Rng,
    mapper: MapperEnv,
    secrets: Readonly<Record<string, string>> = {},
    feed: {
      frame(connection: number, at: number, bytes: Uint8Array, start: number, end: number): void;
    } | null = null,
  ) {
    this.#clock = clock;
    this.env = {
      venue: mapper.venue,
      hosts: HOSTS,
      clock,
      rng,
      http: { send: (request, done) => this.#send(request, done) },
      connect: (url, headers, handlers) => this.#connect(url, headers, handlers),
      feed: {
        frame: (connection, at, bytes, start, end) => {
          this.frames.push({ connection, text: DECODER.decode(bytes.subarray(start, end)) });
          feed?.frame(connection, at, bytes, start, end);
        },
        connection: (connection, state) => this.connections.push({ connection, state }),
        describe: (run) => run(mapper),
      },
      report: this.#report(),
      cache: {
        read: () => this.cached,
        write: (pages, at) => {
          this.cached = { at, pages: [...pages] };
        },
      },
      secrets,
      userAgent: "emp-test/1",
      maxFrameBytes: MAX_FRAME,
    };
  }

  /** Requests without an answer, optionally only those whose path begins so. */
  waiting(prefix = ""): readonly FakeRequest[] {
    return this.requests.filter((request) => !request.settled && request.path.startsWith(prefix));
  }

  /** The only waiting request with such a path. */
  one(prefix: string): FakeRequest {
    const found = this.waiting(prefix);
    if (found.length !== 1) throw new Error(`${found.length} requests wait for ${prefix}`);
    return found[0]!;
  }

  socket(index = this.sockets.length - 1): FakeSocket {
    const socket = this.sockets[index];
    if (socket === undefined) throw new Error(`no socket ${index}`);
    return socket;
  }

  /** Frames that came as poll answers, or on streams. */
  framesOf(kind: "poll" | "stream"): readonly FedFrame[] {
    return this.frames.filter(({ connection }) => connection >= POLL_CONNECTION === (kind === "poll"));
  }

  reasons(): readonly string[] {
    return this.refused.map(({ reason }) => reason);
  }

  #send(request: GovernedRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const fake = new FakeRequest(request, this.#clock, done);
    this.requests.push(fake);
    this.#clock.after(0, () => {
      if (!fake.settled) this.responder?.(fake);
    });
    return () => {
      this.#clock.after(0, () => {
        if (!fake.settled) fake.none("cancelled", fake.left);
      });
    };
  }

  #connect(url: string, headers: Readonly<Record<string, string>>, handlers: SocketHandlers): NetSocket {
    const socket = new FakeSocket(url, headers, handlers, this.#clock);
    this.sockets.push(socket);
    this.#clock.after(0, () => {
      if (!socket.over) this.onSocket?.(socket);
    });
    return socket;
  }

  #report(): SessionEnv["report"] {
    return {
      progress: (stage, done, total) => this.progress.push({ stage, done, total }),
      failed: (stage, detail) => this.failed.push({ stage, detail }),
      listed: (books) => {
        this.listings.push(books);
        for (const book of books) this.listed.set(book.symbol, book);
      },
      discovered: () => {
        this.discovered++;
      },
      status: (status, reason) => this.status.push({ status, reason }),
      refused: (reason, detail) => this.refused.push({ reason, detail }),
      subscribed: (symbols, on) => {
        for (const symbol of symbols)
          if (on) this.subscribed.add(symbol);
          else this.subscribed.delete(symbol);
      },
      order: (update) => this.orders.push(update),
    };
  }
}
