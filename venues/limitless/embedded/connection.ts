import { z } from "zod";
import {
  type Cancel,
  cancelAllOf,
  type ServedPeer,
  type ServedSocket,
  type Timers,
} from "../../../src/contracts/index.ts";
import { CONNECT, eventPacket, NAMESPACE, PING, readPacket } from "../packets.ts";

/** Defaults of engine.io 4 and socket.io. */
const PING_INTERVAL_MS = 25_000;
const PING_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 45_000;
const MAX_PAYLOAD = 1_000_000;
/** More slugs than any session asks for. */
const MAX_SLUGS = 2_000;
const NORMAL = 1000;

const subscription = z.object({
  marketSlugs: z.array(z.string()).max(MAX_SLUGS).optional(),
  marketAddresses: z.array(z.string()).max(MAX_SLUGS).optional(),
});

export interface ConnectionEvents {
  /** A new set of slugs replaced the earlier one. */
  subscribed(connection: Connection): void;
  closed(connection: Connection): void;
}

/** One client: the engine.io handshake and heartbeat, the namespace, and what it is subscribed to. */
export class Connection implements ServedSocket {
  readonly #peer: ServedPeer;
  readonly #clock: Timers;
  readonly #sid: string;
  readonly #events: ConnectionEvents;
  #alarms: Cancel[] = [];
  #joined = false;
  #ended = false;
  lifecycle = false;
  slugs: ReadonlySet<string> = new Set();

  constructor(peer: ServedPeer, clock: Timers, sid: string, events: ConnectionEvents) {
    this.#peer = peer;
    this.#clock = clock;
    this.#sid = sid;
    this.#events = events;
    const handshake = { sid, upgrades: [], pingInterval: PING_INTERVAL_MS, pingTimeout: PING_TIMEOUT_MS };
    peer.send(`0${JSON.stringify({ ...handshake, maxPayload: MAX_PAYLOAD })}`);
    this.#alarms = [
      clock.after(CONNECT_TIMEOUT_MS * 1_000, () => {
        if (!this.#joined) this.end(NORMAL, "connect timeout");
      }),
    ];
    this.#beat();
  }

  event(name: string, payload: unknown): void {
    this.packet(eventPacket(name, payload));
  }

  /** Sends a packet to a client that joined the namespace. */
  packet(text: string): void {
    if (this.#joined && !this.#ended) this.#peer.send(text);
  }

  message(text: string): void {
    if (this.#ended) return;
    if (text.startsWith("40") && !text.startsWith(CONNECT) && text !== CONNECT.slice(0, -1)) {
      const namespace = /^40(\/[^,]*)/.exec(text)?.[1];
      this.#peer.send(`44${namespace === undefined ? "" : `${namespace},`}{"message":"Invalid namespace"}`);
      return;
    }
    const packet = readPacket(text);
    if (typeof packet === "string") this.end(NORMAL, "parse error");
    else if (packet.kind === "pong") this.#beat();
    else if (packet.kind === "connected") this.#join();
    else if (packet.kind === "disconnected" || packet.kind === "close") this.end(NORMAL, "client disconnect");
    else if (packet.kind === "event") this.#command(packet.name, packet.payload);
  }

  pong(): void {
    // Keep-alives of this wire are its own packets.
  }

  closed(): void {
    this.#forget();
  }

  end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#forget();
    this.#peer.close(code, reason);
  }

  #join(): void {
    this.#joined = true;
    this.#peer.send(`40${NAMESPACE},{"sid":"${this.#sid}-m"}`);
  }

  #command(name: string, payload: unknown): void {
    if (!this.#joined) return;
    if (name === "subscribe_market_lifecycle") this.lifecycle = true;
    else if (name === "subscribe_market_prices") {
      const { marketSlugs = [], marketAddresses = [] } = subscription.safeParse(payload ?? {}).data ?? {};
      this.slugs = new Set(marketSlugs);
      const markets = { addresses: marketAddresses, slugs: marketSlugs };
      this.event("system", { message: "Successfully subscribed to market prices", markets });
      this.#events.subscribed(this);
    } else this.event("exception", { status: "error", message: "Unauthorized" });
  }

  /** The next ping, and the end of a client that does not answer it. */
  #beat(): void {
    const [connect] = this.#alarms;
    cancelAllOf(this.#alarms.slice(1));
    const ping = this.#clock.after(PING_INTERVAL_MS * 1_000, () => this.#peer.send(PING));
    const silence = this.#clock.after((PING_INTERVAL_MS + PING_TIMEOUT_MS) * 1_000, () =>
      this.end(NORMAL, "ping timeout"),
    );
    this.#alarms = [connect!, ping, silence];
  }

  #forget(): void {
    if (this.#ended) return;
    this.#ended = true;
    cancelAllOf(this.#alarms);
    this.#events.closed(this);
  }
}
