import type {
  Cancel,
  GovernedRequest,
  HttpOutcome,
  ListedBook,
  MapperEnv,
  Micros,
  NetSocket,
  OrderUpdate,
  Rng,
  SessionEnv,
  SocketEnd,
  SocketHandlers,
} from "../../../../src/contracts/index.ts";
import { ManualClock } from "./manual-clock.ts";

type NoAnswer = Extract<HttpOutcome, { kind: "none" }>;

/** What a script makes of a request: an answer, no answer, or null = it never answers. */
export type Scripted =
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly none: NoAnswer["why"]; readonly sent: boolean }
  | null;

/** One request as it left, its path below the host. */
export interface SentRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: GovernedRequest;
}

const ENCODER = new TextEncoder();
const LATENCY_MICROS = 10_000;
const NORMAL = 1000;

/** For tests: the network and the shell around one session, scripted, in manual time. */
export class ScriptedVenue {
  readonly clock = new ManualClock(1_778_480_000_000_000);
  readonly sent: SentRequest[] = [];
  readonly sockets: ScriptedSocket[] = [];
  readonly frames: { readonly connection: number; readonly text: string }[] = [];
  readonly connections: string[] = [];
  readonly listed = new Map<string, ListedBook>();
  readonly refusals: string[] = [];
  readonly failures: string[] = [];
  readonly statuses: string[] = [];
  readonly progress: string[] = [];
  readonly subscribed = new Set<string>();
  readonly orders: OrderUpdate[] = [];
  readonly written: Uint8Array[][] = [];
  readonly secrets: Record<string, string> = {};
  cached: readonly Uint8Array[] = [];
  discoveries = 0;
  /** Sockets open by themselves. */
  opens = true;
  /** Chance for jitter: the middle unless said. */
  chance = 0.5;
  answer: (request: SentRequest) => Scripted = () => ({ status: 404, body: { error: "not scripted" } });
  readonly #waiting = new Set<Cancel>();

  /** @param mapperEnv where metadata goes. */
  env(mapperEnv: MapperEnv, hosts = HOSTS): SessionEnv {
    return {
      venue: mapperEnv.venue,
      hosts,
      clock: this.clock,
      rng: new FixedRng(this),
      http: { send: (request, done) => this.#send(request, done) },
      connect: (url, headers, handlers) => this.#connect(url, headers, handlers),
      feed: {
        frame: (connection, _at, bytes, start, end) => {
          this.frames.push({ connection, text: new TextDecoder().decode(bytes.subarray(start, end)) });
        },
        connection: (connection, state) => this.connections.push(`${connection} ${state}`),
        describe: (run) => run(mapperEnv),
      },
      report: this.#report(),
      cache: {
        read: () => (this.cached.length === 0 ? null : { at: this.clock.now(), pages: this.cached }),
        write: (pages) => this.written.push([...pages]),
      },
      secrets: this.secrets,
      userAgent: "emp-test/1",
      maxFrameBytes: 4 * 1024 * 1024,
    };
  }

  /** Requests to a path, by what it begins with. */
  to(path: string): SentRequest[] {
    return this.sent.filter((request) => request.path.startsWith(path));
  }

  /** Reasons reported so far, without their details. */
  reasons(): string[] {
    return this.refusals.map((line) => line.split(" ", 1)[0]!);
  }

  /** Lets time pass. */
  run(micros: number): void {
    this.clock.advance(micros);
  }

  #send(request: GovernedRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const sentAt = this.clock.now();
    const headers = { ...request.headers, ...request.authorise?.() };
    const [host = "", url = ""] =
      Object.entries(HOSTS).find(([, base]) => request.url.startsWith(base)) ?? [];
    const body: unknown = request.body === null ? null : JSON.parse(request.body);
    const sent = {
      host,
      method: request.method,
      path: request.url.slice(url.length),
      body,
      headers,
      request,
    };
    this.sent.push(sent);
    let finished = false;
    const finish = (outcome: HttpOutcome): void => {
      if (finished) return;
      finished = true;
      this.#waiting.delete(cancel);
      done(outcome);
    };
    const none = (why: NoAnswer["why"], left: boolean): void =>
      finish({ kind: "none", why, detail: "", sent: left, sentAt, at: this.clock.now() });
    const stop = this.clock.after(LATENCY_MICROS, () => {
      const scripted = this.answer(sent);
      if (scripted === null) return;
      if ("none" in scripted) none(scripted.none, scripted.sent);
      else finish(answerOf(scripted, sentAt, this.clock.now()));
    });
    const cancel = (): void => {
      stop();
      this.clock.after(0, () => none("cancelled", true));
    };
    this.#waiting.add(cancel);
    return cancel;
  }

  #connect(url: string, headers: Readonly<Record<string, string>>, handlers: SocketHandlers): NetSocket {
    const socket = new ScriptedSocket(this.clock, url, headers, handlers);
    this.sockets.push(socket);
    if (this.opens) this.clock.after(LATENCY_MICROS, () => socket.open());
    return socket;
  }

  #report(): SessionEnv["report"] {
    return {
      progress: (stage, done, total) => this.progress.push(`${stage} ${done}/${total ?? "?"}`),
      failed: (stage, detail) => this.failures.push(`${stage}: ${detail}`),
      listed: (books) => {
        for (const book of books) this.listed.set(book.symbol, book);
      },
      discovered: () => {
        this.discoveries++;
      },
      status: (status, reason) => this.statuses.push(`${status} ${reason}`),
      refused: (reason, detail) => this.refusals.push(`${reason} ${detail}`),
      subscribed: (symbols, on) => {
        for (const symbol of symbols) {
          if (on) this.subscribed.add(symbol);
          else this.subscribed.delete(symbol);
        }
      },
      order: (update) => this.orders.push(update),
    };
  }
}

const HOSTS: Readonly<Record<string, string>> = {
  gamma: "https://gamma.test",
  clob: "https://clob.test",
  ws: "wss://ws.test/ws",
  geo: "https://geo.test",
};

function answerOf(scripted: Extract<Scripted, { status: number }>, sentAt: Micros, at: Micros): HttpOutcome {
  const { status, body, headers = {} } = scripted;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "answer", status, headers, body: ENCODER.encode(text), sentAt, at };
}

/** The venue's end of a socket. */
export class ScriptedSocket implements NetSocket {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the session sent, in order. */
  readonly texts: string[] = [];
  state: "dialling" | "open" | "closed" = "dialling";
  /** Answers a close; false: the other end is gone and says nothing. */
  answersClose = true;
  answersPing = true;
  readonly #clock: ManualClock;
  readonly #handlers: SocketHandlers;

  constructor(
    clock: ManualClock,
    url: string,
    headers: Readonly<Record<string, string>>,
    handlers: SocketHandlers,
  ) {
    this.#clock = clock;
    this.url = url;
    this.headers = headers;
    this.#handlers = handlers;
  }

  /** Sent frames that are JSON. */
  get messages(): unknown[] {
    return this.texts.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text) as unknown);
  }

  open(): void {
    if (this.state !== "dialling") return;
    this.state = "open";
    this.#handlers.opened(this.#clock.now());
  }

  /** The venue says something; the bytes lie in the middle of a larger buffer. */
  say(message: unknown): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const bytes = ENCODER.encode(`xx${text}yy`);
    this.#handlers.message(bytes, 2, bytes.length - 2, this.#clock.now());
  }

  end(end: Partial<SocketEnd> = {}): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.#handlers.closed({ kind: "closed", code: 1006, detail: "", ...end }, this.#clock.now());
  }

  send(text: string): void {
    if (this.state !== "open") return;
    this.texts.push(text);
    if (text !== "PING" || !this.answersPing) return;
    this.#clock.after(LATENCY_MICROS, () => {
      if (this.state === "open") this.say("PONG");
    });
  }

  ping(): void {}

  close(): void {
    if (this.answersClose) this.#clock.after(0, () => this.end({ code: NORMAL }));
  }
}

class FixedRng implements Rng {
  readonly #venue: ScriptedVenue;

  constructor(venue: ScriptedVenue) {
    this.#venue = venue;
  }

  next(): number {
    return this.#venue.chance;
  }

  int(bound: number): number {
    return Math.floor(this.#venue.chance * bound);
  }

  fork(): Rng {
    return this;
  }
}
