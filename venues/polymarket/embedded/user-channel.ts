import type {
  Cancel,
  ExchangeChange,
  ExchangeFill,
  Micros,
  ServedPeer,
  ServedSocket,
  Timers,
} from "../../../src/contracts/index.ts";
import { orderEvent, STAGES, type TradeStatus, tradeEvent, tradeId } from "./account-docs.ts";
import type { Auth } from "./auth.ts";
import { readFirstUser, readUserOperation } from "./channel-messages.ts";
import { IdleCut, type Watched } from "./idle-cut.ts";
import type { OrderRegistry, WireOrder } from "./order-registry.ts";

const POLICY_VIOLATION = 1008;
const MAX_MARKETS = 1_000;
/** Trades whose later stages are still to be told. */
const MAX_WAITING = 20_000;

interface Connection extends Watched {
  /** Null: not yet known. */
  account: string | null;
  /** Condition ids; null = all. */
  markets: Set<string> | null;
}

interface Waiting {
  readonly at: number;
  readonly status: TradeStatus;
  readonly fill: ExchangeFill;
  readonly order: WireOrder;
}

/** `/ws/user`: an account's own orders and trades. */
export class UserChannel {
  readonly #clock: Timers;
  readonly #auth: Auth;
  readonly #registry: OrderRegistry;
  readonly #idle: IdleCut<Connection>;
  /** Per stage in order of its instant: every trade takes the same time to a stage. */
  readonly #waiting = new Map<TradeStatus, Waiting[]>();
  readonly #alarms = new Map<TradeStatus, Cancel>();

  constructor(clock: Timers, auth: Auth, registry: OrderRegistry) {
    this.#clock = clock;
    this.#auth = auth;
    this.#registry = registry;
    this.#idle = new IdleCut(clock, () => {});
  }

  get size(): number {
    return this.#idle.connections.size;
  }

  open(peer: ServedPeer): ServedSocket {
    const connection: Connection = { peer, lastHeardAt: this.#clock.now(), account: null, markets: null };
    this.#idle.add(connection);
    return {
      message: (text) => this.#message(connection, text),
      pong: () => {
        connection.lastHeardAt = this.#clock.now();
      },
      closed: () => this.#idle.remove(connection),
    };
  }

  /** Passes on what happened to orders; keeps the registry's view of them. */
  apply(change: ExchangeChange): void {
    if (change.kind === "order") this.#order(change);
    else if (change.kind === "fill") this.#fill(change.fill);
  }

  /** An order that waits before it is matched. */
  delayed(order: WireOrder): void {
    this.#tell(order, orderEvent(order, "PLACEMENT", this.#clock.now(), "DELAYED"));
  }

  /** An order that ended before it reached the book. */
  killed(order: WireOrder, why: string): void {
    this.#tell(order, orderEvent(order, "CANCELLATION", this.#clock.now(), why));
  }

  close(): void {
    for (const stop of this.#alarms.values()) stop();
    this.#alarms.clear();
    this.#waiting.clear();
    this.#idle.close();
  }

  #message(connection: Connection, text: string): void {
    connection.lastHeardAt = this.#clock.now();
    if (text === "PING") {
      connection.peer.send("PONG");
      return;
    }
    if (connection.account === null) this.#begin(connection, text);
    else this.#operate(connection, text);
  }

  #begin(connection: Connection, text: string): void {
    const first = readFirstUser(text);
    const client =
      first === null
        ? null
        : this.#auth.ofCredentials(first.auth.apiKey, first.auth.secret, first.auth.passphrase);
    if (first === null || client === null) {
      this.#idle.remove(connection);
      connection.peer.close(POLICY_VIOLATION, "invalid auth");
      return;
    }
    connection.account = client.account;
    const { markets } = first;
    connection.markets =
      markets === undefined || markets.length === 0 ? null : new Set(markets.slice(0, MAX_MARKETS));
  }

  #operate(connection: Connection, text: string): void {
    const operation = readUserOperation(text);
    if (operation === null || connection.markets === null) return;
    for (const market of operation.markets) {
      if (operation.operation === "unsubscribe") connection.markets.delete(market);
      else if (connection.markets.size < MAX_MARKETS) connection.markets.add(market);
    }
  }

  #order(change: Extract<ExchangeChange, { kind: "order" }>): void {
    const order = this.#registry.update(change.order);
    if (order === null) return;
    const now = this.#clock.now();
    switch (change.why) {
      case "placed":
        this.#tell(order, orderEvent(order, "PLACEMENT", now));
        break;
      case "filled":
        this.#tell(order, orderEvent(order, "UPDATE", now));
        break;
      case "cancelled":
      case "expired":
        this.#tell(order, orderEvent(order, "CANCELLATION", now));
        break;
      case "halted":
        this.#tell(order, orderEvent(order, "CANCELLATION", now, "INVALID"));
    }
  }

  #fill(fill: ExchangeFill): void {
    const order = this.#registry.of(fill.clientId, fill.orderId);
    if (order === undefined) return;
    this.#registry.traded(order, tradeId(fill));
    const now = this.#clock.now();
    if (!this.#tell(order, tradeEvent(fill, order, "MATCHED", now))) return;
    for (const { status, afterMicros } of STAGES) this.#await({ at: now + afterMicros, status, fill, order });
  }

  #await(waiting: Waiting): void {
    const queue = this.#waiting.get(waiting.status) ?? [];
    this.#waiting.set(waiting.status, queue);
    if (queue.length >= MAX_WAITING) return;
    queue.push(waiting);
    if (queue.length === 1) this.#arm(waiting.status, queue);
  }

  #arm(status: TradeStatus, queue: Waiting[]): void {
    const first = queue[0];
    if (first === undefined) return;
    this.#alarms.set(
      status,
      this.#clock.after(Math.max(0, first.at - this.#clock.now()), () => this.#tellDue(status, queue)),
    );
  }

  #tellDue(status: TradeStatus, queue: Waiting[]): void {
    this.#alarms.delete(status);
    const now: Micros = this.#clock.now();
    let due = 0;
    while (due < queue.length && queue[due]!.at <= now) due++;
    for (const { order, fill } of queue.splice(0, due))
      this.#tell(order, tradeEvent(fill, order, status, now));
    this.#arm(status, queue);
  }

  /** @returns whether anybody listens. */
  #tell(order: WireOrder, frame: string): boolean {
    let heard = false;
    for (const { account, markets, peer } of this.#idle.connections) {
      if (account !== order.account || (markets !== null && !markets.has(order.conditionId))) continue;
      peer.send(frame);
      heard = true;
    }
    return heard;
  }
}
