import type { ConnectionHealth, SessionEnv, SocketEnd } from "../../../../src/contracts/index.ts";
import type { Scope } from "../../../../src/venue-kit/scope.ts";
import { Link } from "../link.ts";
import { readBody } from "../rest.ts";
import type { ApiKey } from "../signing/clob-auth.ts";

/** Number of the user connection in health reports; its frames are nobody else's business and go to no feed. */
const USER_CONNECTION = 1_000;
/** What the venue closes with when it does not take the key. */
const POLICY_VIOLATION = 1008;
const UNAUTHORISED = 401;

export interface UserStreamEvents {
  order(message: unknown): void;
  trade(message: unknown): void;
  /** It is carried (again): what happened meanwhile has to be asked for. */
  opened(): void;
  refusedKey(detail: string): void;
  ended(end: SocketEnd): void;
}

/** The account's own channel: orders and trades of every market. The key travels in its first frame. */
export class UserStream {
  readonly #link: Link;
  readonly #env: SessionEnv;
  readonly #events: UserStreamEvents;

  constructor(
    env: SessionEnv,
    scope: Scope,
    url: string,
    key: () => ApiKey | null,
    events: UserStreamEvents,
  ) {
    this.#env = env;
    this.#events = events;
    this.#link = new Link(env, scope, url, {
      opened: () => {
        const { apiKey, secret, passphrase } = key() ?? { apiKey: "", secret: "", passphrase: "" };
        this.#link.send(JSON.stringify({ auth: { apiKey, secret, passphrase }, type: "user" }));
        events.opened();
      },
      message: (bytes, start, end) => this.#message(bytes.subarray(start, end)),
      lost: () => {},
      again: (end) => {
        events.ended(end);
        const refused = end.code === POLICY_VIOLATION || end.code === UNAUTHORISED;
        if (refused) events.refusedKey(`user channel: ${end.code} ${end.detail}`);
        return !refused;
      },
    });
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  get reconnects(): number {
    return this.#link.reconnects;
  }

  start(): void {
    this.#link.start();
  }

  stop(done: () => void): void {
    this.#link.stop(done);
  }

  health(): ConnectionHealth {
    const { isOpen, openedAt, lastByteAt } = this.#link;
    return { connection: USER_CONNECTION, open: isOpen, openedAt, lastByteAt, symbols: 0 };
  }

  #message(frame: Uint8Array): void {
    // PONG, and words about subscriptions, are no JSON.
    const value = readBody(frame);
    for (const message of Array.isArray(value) ? (value as unknown[]) : [value]) this.#one(message);
  }

  #one(message: unknown): void {
    if (typeof message !== "object" || message === null) return;
    const { event_type: event, type } = message as { readonly event_type?: unknown; readonly type?: unknown };
    // Recorded frames of 2024 leave the event's type out.
    if (event === "trade" || (event === undefined && type === "TRADE")) this.#events.trade(message);
    else if (event === "order" || (event === undefined && typeof type === "string"))
      this.#events.order(message);
    else this.#env.report.refused("feed.shape", "a message of the user channel");
  }
}
