import type { ConnectionHealth, Micros, SessionEnv, SocketEnd } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { Link } from "./link.ts";

/** Ids of one frame; a token id has up to 78 digits. */
const IDS_PER_FRAME = 200;

export interface ShardEvents {
  message(bytes: Uint8Array, start: number, end: number, at: Micros): void;
  /** Its subscription was sent anew: books of these tokens are under way. */
  asked(tokens: readonly string[]): void;
  opened(at: Micros): void;
  lost(tokens: readonly string[], at: Micros): void;
  again(end: SocketEnd, opened: boolean): boolean;
}

/** One market connection and the tokens it carries. */
export class MarketShard {
  readonly number: number;
  readonly link: Link;
  readonly #events: ShardEvents;
  readonly #customFeatures: boolean;
  readonly #tokens = new Set<string>();
  /** Tokens that the venue was told of on this connection: it refuses to hear of them twice. */
  readonly #told = new Set<string>();
  /** The first frame has a form of its own. */
  #begun = false;

  constructor(
    number: number,
    env: SessionEnv,
    scope: Scope,
    url: string,
    customFeatures: boolean,
    events: ShardEvents,
  ) {
    this.number = number;
    this.#events = events;
    this.#customFeatures = customFeatures;
    this.link = new Link(env, scope, url, {
      opened: (at) => {
        events.opened(at);
        this.#tell();
      },
      message: (bytes, start, end, at) => events.message(bytes, start, end, at),
      lost: (at) => {
        this.#forget();
        events.lost([...this.#tokens], at);
      },
      again: (end, opened) => events.again(end, opened),
    });
  }

  get size(): number {
    return this.#tokens.size;
  }

  has(token: string): boolean {
    return this.#tokens.has(token);
  }

  /** Carries these tokens too; connects when it has not yet. */
  add(tokens: readonly string[]): void {
    for (const token of tokens) this.#tokens.add(token);
    if (this.link.isOpen) this.#tell();
    else if (this.#tokens.size > 0) this.link.start();
  }

  remove(tokens: readonly string[]): void {
    for (const token of tokens) this.#tokens.delete(token);
    this.#untell(tokens);
    if (this.#tokens.size > 0) return;
    // A connection without subscriptions is cut by the venue sooner or later.
    this.#forget();
    this.link.stop(() => {});
  }

  /** Takes these tokens off and on again: the venue answers with their books. Nothing while it is not connected. */
  renew(tokens: readonly string[]): void {
    if (!this.link.isOpen) return;
    this.#untell(tokens.filter((token) => this.#tokens.has(token)));
    this.#tell();
  }

  stop(done: () => void): void {
    this.link.stop(done);
  }

  health(): ConnectionHealth {
    const { isOpen, openedAt, lastByteAt } = this.link;
    return { connection: this.number, open: isOpen, openedAt, lastByteAt, symbols: this.#told.size };
  }

  #forget(): void {
    this.#told.clear();
    this.#begun = false;
  }

  /** Tells the venue of tokens it was not told of. */
  #tell(): void {
    const fresh = [...this.#tokens].filter((token) => !this.#told.has(token));
    for (const ids of framesOf(fresh)) {
      this.link.send(JSON.stringify(this.#begun ? this.#subscribe(ids) : this.#first(ids)));
      this.#begun = true;
      for (const id of ids) this.#told.add(id);
    }
    if (fresh.length > 0) this.#events.asked(fresh);
  }

  #first(ids: readonly string[]): object {
    const first = { assets_ids: ids, type: "market", initial_dump: true };
    return this.#customFeatures ? { ...first, custom_feature_enabled: true } : first;
  }

  #subscribe(ids: readonly string[]): object {
    const operation = { assets_ids: ids, operation: "subscribe" };
    return this.#customFeatures ? { ...operation, custom_feature_enabled: true } : operation;
  }

  #untell(tokens: readonly string[]): void {
    const known = tokens.filter((token) => this.#told.delete(token));
    if (!this.link.isOpen) return;
    for (const ids of framesOf(known))
      this.link.send(JSON.stringify({ assets_ids: ids, operation: "unsubscribe" }));
  }
}

function framesOf(ids: readonly string[]): readonly (readonly string[])[] {
  const frames: (readonly string[])[] = [];
  for (let from = 0; from < ids.length; from += IDS_PER_FRAME)
    frames.push(ids.slice(from, from + IDS_PER_FRAME));
  return frames;
}
