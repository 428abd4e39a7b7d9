import type { Cancel, SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { Backoff } from "./backoff.ts";
import { subscribe, unsubscribe, update } from "./commands.ts";
import type { Control } from "./control-frames.ts";
import { type Action, type Command, PendingCommands } from "./pending-commands.ts";
import { Remedy, remedyOf } from "./stream-errors.ts";

const MAX_ON_THE_WAY = 4;
const BASE_MICROS = 250_000;
const CAP_MICROS = 30_000_000;
/** After this long without trouble the next back-off begins from the start. */
const STABLE_MICROS = 30_000_000;

/** The connection as its subscriptions use it. */
export interface Carrier {
  readonly open: boolean;
  send(text: string): void;
  /** A number no other command of the connection has. */
  nextId(): number;
  /** The connection does not do what it should: a new one is made. */
  drop(detail: string): void;
  /** The venue refuses the key on this connection. */
  unauthorised(detail: string): void;
}

/**
 * One channel on one connection: brings the markets it really carries (one `sid` for all) to those wanted, in batches,
 * and remembers what the venue refused.
 */
export class Subscription {
  readonly channel: string;
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #carrier: Carrier;
  readonly #maxBatch: number;
  /** Told of markets that are carried, or no longer; null for side channels. */
  readonly #tell: ((symbols: readonly string[], on: boolean) => void) | null;
  readonly #commands: PendingCommands;
  readonly #wanted = new Set<string>();
  readonly #live = new Set<string>();
  /** Markets the venue would not add: for want of room, or at all. */
  readonly #denied = new Map<string, "full" | "refused">();
  readonly #backoff: Backoff;
  /** Halved when the venue refuses a command for one of its markets, until that one is found. */
  #batch: number;
  #sid: number | null = null;
  #pause: Cancel | null = null;
  #troubleAt = 0;

  constructor(
    env: SessionEnv,
    scope: Scope,
    carrier: Carrier,
    channel: string,
    maxBatch: number,
    tell: ((symbols: readonly string[], on: boolean) => void) | null,
  ) {
    this.#env = env;
    this.#scope = scope;
    this.#carrier = carrier;
    this.channel = channel;
    this.#maxBatch = maxBatch;
    this.#batch = maxBatch;
    this.#tell = tell;
    this.#backoff = new Backoff(env.rng, BASE_MICROS, CAP_MICROS);
    this.#commands = new PendingCommands(scope, (action) => this.#expired(action));
  }

  get sid(): number | null {
    return this.#sid;
  }

  /** Markets that are carried now. */
  get liveCount(): number {
    return this.#live.size;
  }

  carries(symbol: string): boolean {
    return this.#live.has(symbol);
  }

  /** The venue would not add it. */
  denies(symbol: string): boolean {
    return this.#denied.has(symbol);
  }

  want(symbols: ReadonlySet<string>): void {
    for (const symbol of this.#wanted) if (!symbols.has(symbol)) this.#wanted.delete(symbol);
    for (const symbol of symbols) this.#wanted.add(symbol);
    for (const symbol of this.#denied.keys()) if (!symbols.has(symbol)) this.#denied.delete(symbol);
    this.reconcile();
  }

  /** Sends what is missing, a few commands at a time. */
  reconcile(): void {
    if (!this.#carrier.open || this.#pause !== null) return;
    const missing = [...this.#wanted].filter(
      (symbol) => !this.#live.has(symbol) && !this.#commands.moves(symbol) && !this.#denied.has(symbol),
    );
    if (this.#sid === null) {
      if (missing.length > 0 && this.#commands.size === 0)
        this.#send("subscribe", missing.slice(0, this.#batch));
      return;
    }
    const surplus = [...this.#live].filter(
      (symbol) => !this.#wanted.has(symbol) && !this.#commands.moves(symbol),
    );
    // A subscription without a filter would carry every market.
    if (this.#wanted.size === 0 && surplus.length === this.#live.size) {
      if (surplus.length > 0 && this.#commands.size === 0) this.#send("unsubscribe", surplus);
      return;
    }
    this.#batches("delete_markets", surplus);
    this.#batches("add_markets", missing);
  }

  /** Asks for snapshots of markets it carries. */
  snapshots(symbols: readonly string[]): void {
    const carried = symbols.filter((symbol) => this.#live.has(symbol));
    if (this.#sid === null || !this.#carrier.open) return;
    for (let i = 0; i < carried.length; i += this.#maxBatch)
      this.#send("get_snapshot", carried.slice(i, i + this.#maxBatch));
  }

  /** The answer to one of its commands, or an error about its `sid`. @returns false when it is about another one. */
  answer(control: Control): boolean {
    if (!("id" in control)) return false;
    const command = control.id === null ? undefined : this.#commands.take(control.id);
    if (command !== undefined) {
      this.#answered(command, control);
      return true;
    }
    if (control.kind === "error" && control.sid !== null && control.sid === this.#sid) {
      this.#refused(null, control);
      return true;
    }
    if (control.kind === "unsubscribed" && control.sid !== null && control.sid === this.#sid) {
      this.#env.report.refused(
        "feed.subscription_refused",
        `${this.channel}: the venue ended the subscription`,
      );
      this.#ended();
      return true;
    }
    return false;
  }

  /** The connection is gone, and everything with it. */
  lost(): void {
    this.#commands.clear();
    this.#denied.clear();
    this.#pause?.();
    this.#pause = null;
    this.#sid = null;
    this.#batch = this.#maxBatch;
    this.#off([...this.#live]);
  }

  #batches(action: "add_markets" | "delete_markets", symbols: readonly string[]): void {
    for (let i = 0; i < symbols.length && this.#commands.size < MAX_ON_THE_WAY; i += this.#batch)
      this.#send(action, symbols.slice(i, i + this.#batch));
  }

  #send(action: Action, symbols: readonly string[]): void {
    const id = this.#carrier.nextId();
    const sid = this.#sid ?? 0;
    this.#commands.add(id, action, symbols);
    if (action === "subscribe") this.#carrier.send(subscribe(id, { channels: [this.channel], symbols }));
    else if (action === "unsubscribe") this.#carrier.send(unsubscribe(id, sid));
    else this.#carrier.send(update(id, sid, action, symbols));
  }

  #expired(action: Action): void {
    // The snapshots themselves may be all the answer there is.
    if (action === "get_snapshot") return;
    const detail = `${this.channel}: no answer to ${action}`;
    this.#env.report.refused("feed.timeout", detail);
    this.#carrier.drop(detail);
  }

  #answered(command: Command, control: Control): void {
    if (control.kind === "error") {
      this.#refused(command, control);
      return;
    }
    if (this.#env.clock.now() - this.#troubleAt >= STABLE_MICROS) this.#backoff.succeeded();
    this.#batch = Math.min(this.#maxBatch, this.#batch * 2);
    const { action, symbols } = command;
    if (action === "subscribe") {
      if (control.kind === "subscribed") {
        this.#sid = control.sid;
        this.#on(symbols);
      } else this.#wait();
    } else if (action === "add_markets") {
      const listed = control.kind === "ok" && control.symbols !== null ? new Set(control.symbols) : null;
      this.#on(symbols.filter((symbol) => listed === null || listed.has(symbol)));
      const omitted = symbols.filter((symbol) => listed !== null && !listed.has(symbol));
      this.#deny(omitted, "refused", `${this.channel}: left out by the venue`);
    } else if (action === "delete_markets") {
      this.#off(symbols);
      this.#room();
    } else if (action === "unsubscribe") {
      this.#sid = null;
      this.#off([...this.#live]);
      this.#room();
    }
    this.reconcile();
  }

  #refused(command: Command | null, error: Extract<Control, { kind: "error" }>): void {
    const detail = `${this.channel}: error ${error.code}${error.text === "" ? "" : ` ${error.text.slice(0, 120)}`}`;
    const symbols = command?.action === "get_snapshot" ? [] : (command?.symbols ?? []);
    const remedy = remedyOf(error.code);
    switch (remedy) {
      case Remedy.stop:
        this.#carrier.unauthorised(detail);
        return;
      case Remedy.pollInstead:
      case Remedy.channel:
        this.#deny(this.#waiting(symbols), remedy === Remedy.channel ? "refused" : "full", detail);
        return;
      case Remedy.subscribeAgain:
        this.#env.report.refused("feed.subscription_refused", detail);
        this.#ended();
        return;
      case Remedy.slowDown:
        this.#env.report.refused("feed.subscription_refused", detail);
        this.#wait();
        return;
      case Remedy.narrow:
        this.#narrow(command, symbols, detail);
    }
  }

  /** One market of the batch may be to blame: smaller batches find it. */
  #narrow(command: Command | null, symbols: readonly string[], detail: string): void {
    const adds = command?.action === "subscribe" || command?.action === "add_markets";
    if (adds && symbols.length === 1) {
      this.#deny(symbols, "refused", detail);
      return;
    }
    this.#env.report.refused("feed.subscription_refused", detail);
    this.#batch = Math.max(1, Math.min(this.#batch, symbols.length) >> 1);
    if (adds) this.reconcile();
    else this.#wait();
  }

  /** Markets of the batch and all others that still wait to be added. */
  #waiting(symbols: readonly string[]): readonly string[] {
    const waiting = [...this.#wanted].filter(
      (symbol) => !this.#live.has(symbol) && !this.#commands.moves(symbol),
    );
    return [...new Set([...symbols, ...waiting])].filter((symbol) => !this.#live.has(symbol));
  }

  /** The subscription is over; it is made anew after a while. */
  #ended(): void {
    this.#commands.clear();
    this.#sid = null;
    this.#off([...this.#live]);
    this.#wait();
  }

  #wait(): void {
    this.#troubleAt = this.#env.clock.now();
    if (this.#pause !== null) return;
    this.#pause = this.#scope.after(this.#backoff.next(), () => {
      this.#pause = null;
      this.reconcile();
    });
  }

  /** Markets were given back: those that found no room are tried again. */
  #room(): void {
    for (const [symbol, why] of this.#denied) if (why === "full") this.#denied.delete(symbol);
  }

  #deny(symbols: readonly string[], why: "full" | "refused", detail: string): void {
    if (symbols.length === 0) return;
    for (const symbol of symbols) this.#denied.set(symbol, why);
    this.#env.report.refused(
      "feed.subscription_refused",
      `${detail}; ${symbols.length} markets not streamed`,
    );
    this.#tell?.(symbols, false);
    this.reconcile();
  }

  #on(symbols: readonly string[]): void {
    for (const symbol of symbols) this.#live.add(symbol);
    if (symbols.length > 0) this.#tell?.(symbols, true);
  }

  #off(symbols: readonly string[]): void {
    for (const symbol of symbols) this.#live.delete(symbol);
    if (symbols.length > 0) this.#tell?.(symbols, false);
  }
}
