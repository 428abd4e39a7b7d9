import type {
  Cancel,
  EmbeddedServer,
  HttpOutcome,
  HttpRequest,
  Net,
  NetSocket,
  Rng,
  ServedAnswer,
  SocketHandlers,
  Timers,
} from "../../contracts/index.ts";
import { checkLatency, drawLatency, type LinkLatency } from "./link-latency.ts";
import { SimSocket } from "./sim-socket.ts";

/** How the simulated network behaves. */
export interface SimNetOptions {
  /** The clients' clock; every delivery is an alarm of it. */
  readonly clock: Timers;
  readonly rng: Rng;
  /** Client to server, and server to client. */
  readonly up: LinkLatency;
  readonly down: LinkLatency;
}

interface Route {
  readonly server: EmbeddedServer;
  readonly host: string;
}

type WhyNone = Extract<HttpOutcome, { kind: "none" }>["why"];

interface Target {
  readonly route: Route | undefined;
  readonly path: string;
}

/** Requests without an answer at once, and sockets open at once; more is a leak of the caller. */
const MAX_OPEN = 10_000;
const ENCODER = new TextEncoder();

/**
 * The network in simulated time: URLs lead to embedded servers, delays come from a seed, messages of a socket stay in
 * order. The same seed and calls give the same deliveries at the same instants.
 */
export class SimNet implements Net {
  readonly #options: SimNetOptions;
  readonly #routes = new Map<string, Route>();
  readonly #requests = new Set<() => void>();
  readonly #sockets = new Set<SimSocket>();
  #closed = false;

  /** @throws RangeError for a latency that is not ordered. */
  constructor(options: SimNetOptions) {
    checkLatency(options.up);
    checkLatency(options.down);
    this.#options = options;
  }

  /**
   * Puts a server behind addresses of its own, one per host.
   * @param hosts live base URLs by name. @returns the base URLs of the same names, with the same paths.
   */
  serve(
    name: string,
    hosts: Readonly<Record<string, string>>,
    server: EmbeddedServer,
  ): Readonly<Record<string, string>> {
    const bases: Record<string, string> = {};
    for (const [host, url] of Object.entries(hosts)) {
      const authority = `${name}.${host}.embedded`;
      this.#routes.set(authority, { server, host });
      const live = splitUrl(url);
      bases[host] =
        `${live.scheme === "wss" || live.scheme === "ws" ? "ws" : "http"}://${authority}${live.path}`;
    }
    return bases;
  }

  /** What is open now, for leak checks. */
  open(): { readonly requests: number; readonly sockets: number } {
    return { requests: this.#requests.size, sockets: this.#sockets.size };
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const { clock } = this.#options;
    const sentAt = clock.now();
    const target = this.#target(request.url);
    const refusal: WhyNone | null =
      target.route === undefined || this.#closed
        ? "unreachable"
        : this.#requests.size >= MAX_OPEN
          ? "queue_full"
          : null;
    let finished = false;
    const finish = (outcome: HttpOutcome) => {
      if (finished) return;
      finished = true;
      cancelTimeout();
      this.#requests.delete(cancel);
      done(outcome);
    };
    const none = (why: WhyNone, sent: boolean) =>
      finish({ kind: "none", why, detail: `${why}: ${request.url}`, sent, sentAt, at: clock.now() });
    const cancelTimeout = clock.after(request.timeoutMicros, () => none("timeout", refusal === null));
    const cancel = () => {
      if (!finished) clock.after(0, () => none("cancelled", refusal === null));
    };
    if (refusal !== null) {
      clock.after(refusal === "unreachable" ? this.#delay("up") : 0, () => none(refusal, false));
      return cancel;
    }
    this.#requests.add(cancel);
    const { server, host } = target.route!;
    const served = {
      method: request.method,
      path: target.path,
      headers: request.headers,
      body: request.body ?? "",
    };
    const reply = (answer: ServedAnswer) => {
      clock.after(this.#delay("down"), () => {
        if (answer.status === 0) return none("reset", true);
        const body = ENCODER.encode(answer.body);
        if (body.length > request.maxBytes) return none("too_large", true);
        const { status, headers } = answer;
        finish({ kind: "answer", status, headers, body, sentAt, at: clock.now() });
      });
    };
    clock.after(this.#delay("up"), () => server.request(host, served, once(reply)));
    return cancel;
  }

  connect(url: string, headers: Readonly<Record<string, string>>, handlers: SocketHandlers): NetSocket {
    const { clock } = this.#options;
    const { route, path } = this.#target(url);
    const socket = new SimSocket({
      clock,
      handlers,
      upMicros: () => this.#delay("up"),
      downMicros: () => this.#delay("down"),
      gone: () => this.#sockets.delete(socket),
    });
    const reachable = route !== undefined && !this.#closed && this.#sockets.size < MAX_OPEN;
    this.#sockets.add(socket);
    if (reachable)
      socket.dial((peer) =>
        route.server.socket(route.host, { method: "GET", path, headers, body: "" }, peer),
      );
    else socket.dial(() => ({ status: 0, headers: {}, body: "" }));
    return socket;
  }

  /** Ends every request and socket; nothing new gets through. Their last callbacks come with the next alarms. */
  close(): void {
    this.#closed = true;
    for (const cancel of [...this.#requests]) cancel();
    for (const socket of [...this.#sockets]) socket.drop("the network was closed");
  }

  #delay(direction: "up" | "down"): number {
    return drawLatency(this.#options[direction], this.#options.rng);
  }

  #target(url: string): Target {
    const { authority, path } = splitUrl(url);
    return { route: this.#routes.get(authority), path: path === "" ? "/" : path };
  }
}

function splitUrl(url: string): {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
} {
  const parts = /^([a-z]+):\/\/([^/?#]*)(.*)$/.exec(url);
  return { scheme: parts?.[1] ?? "", authority: parts?.[2] ?? "", path: parts?.[3] ?? "" };
}

function once(reply: (answer: ServedAnswer) => void): (answer: ServedAnswer) => void {
  let replied = false;
  return (answer) => {
    if (replied) return;
    replied = true;
    reply(answer);
  };
}
