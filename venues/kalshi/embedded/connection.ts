import {
  ASK,
  BID,
  type Cancel,
  type EmbeddedExchange,
  type Rng,
  type ServedPeer,
  type ServedSocket,
  type Timers,
} from "../../../src/contracts/index.ts";
import { encodeError, encodeOk, encodeSubscribed, encodeUnsubscribed } from "../encode.ts";
import type { Audience } from "./audience.ts";
import { snapshotMessage, snapshotReply } from "./frames.ts";
import { Subscription } from "./subscription.ts";
import { type Command, readCommand, WS_ERRORS, type WsError } from "./ws-commands.ts";

const PING_MICROS = 10_000_000;
/** Markets over all subscriptions of a session, and commands a second. Source: changelog of 2026-06-18. */
const MAX_MARKETS = 500_000;
const MAX_COMMANDS = 10_000;
/** Commands that add markets are worked on together and in no order, within this time. */
const MIX_MICROS = 500;

const DECODER = new TextDecoder();

type Adding = Extract<Command, { kind: "subscribe" | "update" }>;

export interface ConnectionParts {
  readonly exchange: EmbeddedExchange;
  readonly clock: Timers;
  readonly rng: Rng;
  readonly audience: Audience;
  marketId(symbol: string): string;
  /** Message of a ticker snapshot; null for an unknown market. */
  ticker(symbol: string): string | null;
  closed(connection: Connection): void;
}

/** One client's socket: its commands and its subscriptions. */
export class Connection implements ServedSocket {
  readonly #parts: ConnectionParts;
  readonly #peer: ServedPeer;
  readonly #account: string;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #adding: Adding[] = [];
  #mixing: Cancel | null = null;
  #ping: Cancel;
  #sids = 0;
  #second = 0;
  #commands = 0;
  #open = true;

  constructor(parts: ConnectionParts, peer: ServedPeer, account: string) {
    this.#parts = parts;
    this.#peer = peer;
    this.#account = account;
    this.#ping = parts.clock.after(PING_MICROS, () => this.#beat());
  }

  message(text: string): void {
    if (!this.#open) return;
    const command = readCommand(text);
    if (this.#isTooFast()) {
      this.#refuse(command.id, "too_many");
      return;
    }
    if (command.kind === "subscribe" || (command.kind === "update" && command.action === "add_markets")) {
      this.#adding.push(command);
      this.#mixing ??= this.#parts.clock.after(MIX_MICROS, () => this.#addAll());
      return;
    }
    this.#addAll();
    this.#run(command);
  }

  pong(): void {}

  /** The peer is gone, or the server ends. */
  closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ping();
    this.#mixing?.();
    for (const subscription of this.#subscriptions.values()) this.#parts.audience.remove(subscription);
    this.#subscriptions.clear();
    this.#parts.closed(this);
  }

  /** Ends the socket from this side. */
  end(code: number, reason: string): void {
    if (!this.#open) return;
    this.closed();
    this.#peer.close(code, reason);
  }

  #beat(): void {
    this.#peer.ping("heartbeat");
    if (this.#open) this.#ping = this.#parts.clock.after(PING_MICROS, () => this.#beat());
  }

  #isTooFast(): boolean {
    const second = Math.floor(this.#parts.clock.now() / 1_000_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#commands = 0;
    }
    return ++this.#commands > MAX_COMMANDS;
  }

  /** Commands sent together are answered in another order than they came (seen in a recording). */
  #addAll(): void {
    this.#mixing?.();
    this.#mixing = null;
    const commands = this.#adding.splice(0);
    for (let i = commands.length - 1; i > 0; i--) {
      const j = this.#parts.rng.int(i + 1);
      [commands[i], commands[j]] = [commands[j]!, commands[i]!];
    }
    for (const command of commands) this.#run(command);
  }

  #run(command: Command): void {
    switch (command.kind) {
      case "subscribe":
        for (const channel of command.channels) this.#subscribe(command, channel);
        return;
      case "unsubscribe":
        for (const sid of command.sids) this.#unsubscribe(command.id, sid);
        return;
      case "update":
        this.#update(command);
        return;
      case "list": {
        const msg = [...this.#subscriptions.values()].map(({ channel, sid }) => ({ channel, sid }));
        this.#peer.send(JSON.stringify({ id: command.id, type: "ok", msg }));
        return;
      }
      case "error":
        this.#refuse(command.id, command.error);
    }
  }

  /** A second subscription to a channel joins the first: it is answered like `add_markets`. */
  #subscribe(command: Extract<Command, { kind: "subscribe" }>, channel: string): void {
    const { id, symbols } = command;
    const known = this.#known(symbols);
    const narrowed = symbols.length > 0 && channel !== "market_lifecycle_v2";
    const before = [...this.#subscriptions.values()].find((each) => each.channel === channel);
    if (before !== undefined) {
      this.#addMarkets(id, before, narrowed ? known : []);
      return;
    }
    if (this.#markets() + known.length > MAX_MARKETS) {
      this.#refuse(id, "market_limit");
      return;
    }
    const { yesPrice, skipAck } = command;
    const subscription = new Subscription(this.#peer, {
      sid: ++this.#sids,
      channel,
      account: this.#account,
      yesPrice,
      skipAck,
      symbols: narrowed ? new Set(known) : null,
    });
    this.#subscriptions.set(subscription.sid, subscription);
    this.#parts.audience.add(subscription);
    this.#reply(encodeSubscribed({ id, channel, sid: subscription.sid }));
    if (narrowed) this.#greet(subscription, known, command.initialTicker);
  }

  #unsubscribe(id: number, sid: number): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) {
      this.#refuse(id, "unknown_sid");
      return;
    }
    this.#subscriptions.delete(sid);
    this.#parts.audience.remove(subscription);
    this.#reply(encodeUnsubscribed({ id, sid, seq: subscription.next() }));
  }

  #update({ id, sid, action, symbols }: Extract<Command, { kind: "update" }>): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) this.#refuse(id, "unknown_sid");
    else if (action === "get_snapshot") this.#snapshots(id, subscription, symbols);
    else if (action === "add_markets") this.#addMarkets(id, subscription, this.#known(symbols));
    else {
      const gone = symbols.filter((symbol) => subscription.symbols?.delete(symbol));
      this.#parts.audience.removeMarkets(subscription, gone);
      this.#ok(id, subscription);
    }
  }

  #addMarkets(id: number, subscription: Subscription, known: readonly string[]): void {
    const { symbols } = subscription;
    const fresh = symbols === null ? [] : known.filter((symbol) => !symbols.has(symbol));
    if (this.#markets() + fresh.length > MAX_MARKETS) {
      this.#refuse(id, "market_limit");
      return;
    }
    for (const symbol of fresh) symbols?.add(symbol);
    this.#parts.audience.addMarkets(subscription, fresh);
    this.#ok(id, subscription);
    this.#greet(subscription, fresh, false);
  }

  #markets(): number {
    let markets = 0;
    for (const { symbols } of this.#subscriptions.values()) markets += symbols?.size ?? 0;
    return markets;
  }

  /** What a new market of a subscription begins with. */
  #greet(subscription: Subscription, symbols: readonly string[], initialTicker: boolean): void {
    if (subscription.channel === "orderbook_delta")
      for (const symbol of symbols)
        subscription.sendNumbered("orderbook_snapshot", this.#book(subscription, symbol));
    if (subscription.channel !== "ticker" || !initialTicker) return;
    for (const symbol of symbols) {
      const ticker = this.#parts.ticker(symbol);
      if (ticker !== null) subscription.sendPlain("ticker", ticker);
    }
  }

  #snapshots(id: number, subscription: Subscription, symbols: readonly string[]): void {
    if (subscription.channel !== "orderbook_delta") {
      this.#refuse(id, "action");
      return;
    }
    for (const symbol of this.#known(symbols)) {
      const msg = this.#book(subscription, symbol);
      subscription.send(snapshotReply(id, subscription.sid, subscription.next(), msg));
    }
  }

  #book({ yesPrice }: Subscription, symbol: string): string {
    const { exchange } = this.#parts;
    const [bids, asks] = [exchange.levels(symbol, BID), exchange.levels(symbol, ASK)];
    return snapshotMessage(symbol, this.#parts.marketId(symbol), bids, asks, yesPrice);
  }

  /** Markets the venue has; others are passed over in silence. */
  #known(symbols: readonly string[]): readonly string[] {
    return symbols.filter((symbol) => this.#parts.exchange.market(symbol) !== undefined);
  }

  #ok(id: number, subscription: Subscription): void {
    const { sid, skipAck, symbols } = subscription;
    const seq = subscription.next();
    if (skipAck) this.#peer.send(JSON.stringify({ id, sid, seq, type: "ok" }));
    else this.#reply(encodeOk({ id, sid, seq, symbols: [...(symbols ?? [])] }));
  }

  #refuse(id: number, error: WsError): void {
    const [code, text] = WS_ERRORS[error];
    if (id !== 0) this.#reply(encodeError({ id, code, text }));
    else this.#peer.send(JSON.stringify({ type: "error", msg: { code, msg: text } }));
  }

  #reply(bytes: Uint8Array): void {
    this.#peer.send(DECODER.decode(bytes));
  }
}
