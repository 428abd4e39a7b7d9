import type {
  CancelAllOutcome,
  Instrument,
  Order,
  OrderGateway,
  OrderId,
  Reason,
  SessionEnv,
} from "../../../../src/contracts/index.ts";
import type { Scope } from "../../../../src/venue-kit/scope.ts";
import { PRICE_ONE } from "../../scales.ts";
import type { Directory } from "../directory.ts";
import type { Geoblock } from "../geoblock.ts";
import { type Answer, readBody } from "../rest.ts";
import type { Account } from "./account.ts";
import { readOrderRecord, readPosted, readTrade } from "./order-answers.ts";
import { OrderCanceller } from "./order-canceller.ts";
import { type Verdict, verdictOf, verdictOfText } from "./order-refusals.ts";
import { OrderTracker } from "./order-tracker.ts";
import type { VersionInForce } from "./order-version.ts";
import type { OrderWriter, WrittenOrder } from "./order-writer.ts";
import { TrackedOrder } from "./tracked-order.ts";

const MAX_PREPARED = 1_000;
const ORDER_TIMEOUT_MICROS = 5_000_000;
/** Ticks in a dollar: amounts in millionths of a dollar -> ticks x lots. */
const TICKS_PER_DOLLAR = BigInt(PRICE_ONE);

export interface GatewayParts {
  readonly env: SessionEnv;
  readonly scope: Scope;
  readonly account: Account;
  readonly version: VersionInForce;
  readonly directory: Directory;
  readonly geoblock: Geoblock;
  readonly writer: OrderWriter;
  /** True while the user channel is carried. */
  readonly tradesAreTold: () => boolean;
  /** The venue says that a price is off its tick. */
  readonly tickDoubted: (symbol: string) => void;
}

/**
 * Order entry at Polymarket. An order is signed, sent once and known by its digest; what became of it is found out by
 * `OrderTracker`, never assumed.
 */
export class PolymarketGateway implements OrderGateway {
  readonly #parts: GatewayParts;
  readonly #tracker: OrderTracker;
  readonly #canceller: OrderCanceller;
  readonly #prepared = new Map<OrderId, WrittenOrder>();
  /** Why nothing may be sent at all; null = the account is open. */
  barred: Reason | null = "order.auth";
  /** The account may only close positions. */
  closedOnly = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#tracker = new OrderTracker(parts.env, parts.scope, parts.account, {
      tradesAreTold: parts.tradesAreTold,
      resting: (tracked) => this.#canceller.resting(tracked),
    });
    this.#canceller = new OrderCanceller(parts.env, parts.scope, parts.account, this.#tracker);
  }

  /** Signs the order, as far as it can be signed now. */
  prepare(order: Order, instrument: Instrument): void {
    const written = this.barred ?? this.#write(order, instrument);
    if (typeof written === "string") return;
    if (this.#prepared.size >= MAX_PREPARED) this.#prepared.delete(this.#prepared.keys().next().value!);
    this.#prepared.set(order.id, written);
  }

  submit(order: Order, instrument: Instrument): void {
    const { env, scope } = this.#parts;
    if (this.#tracker.get(order.id) !== undefined) {
      env.report.refused("order.duplicate", `order ${order.id}`);
      return;
    }
    const prepared = this.#prepared.get(order.id);
    this.#prepared.delete(order.id);
    const fits = prepared !== undefined && isSame(prepared.order, order);
    const current = fits && prepared.version === this.#versionFor(instrument);
    const written = current ? prepared : this.#write(order, instrument);
    const bar = typeof written === "string" ? written : this.#bar(written);
    if (typeof written === "string" || bar !== null) {
      this.#refuse(order, bar ?? "order.venue_reject");
      return;
    }
    const tracked = new TrackedOrder(
      order,
      instrument,
      written.route,
      written.signed,
      written.version,
      env.clock.now(),
    );
    if (scope.ended || !this.#tracker.add(tracked))
      this.#refuse(order, scope.ended ? "feed.shed" : "feed.queue_full");
    else this.#send(tracked, written.body);
  }

  cancel(orderId: OrderId): void {
    const tracked = this.#tracker.get(orderId);
    if (tracked === undefined)
      this.#parts.env.report.refused("feed.not_found", `cancel of unknown order ${orderId}`);
    else this.#canceller.one(tracked, "order.timeout");
  }

  query(orderId: OrderId): void {
    const tracked = this.#tracker.get(orderId);
    if (tracked === undefined)
      this.#parts.env.report.refused("feed.not_found", `query of unknown order ${orderId}`);
    else if (tracked.left) this.#tracker.ask(tracked, 0);
  }

  cancelAll(done: (outcome: CancelAllOutcome) => void): void {
    this.#canceller.all(done);
  }

  /** The session is closed: what waits for an answer gets none. */
  end(): void {
    this.#canceller.end();
  }

  /** An order event of the user channel. */
  orderEvent(message: unknown): void {
    const record = readOrderRecord(message);
    if (record === null) this.#parts.env.report.refused("feed.shape", "an order on the user channel");
    else this.#tracker.record(record);
  }

  /** A trade event of the user channel. */
  tradeEvent(message: unknown): void {
    const parts = readTrade(message);
    if (parts === null) this.#parts.env.report.refused("feed.shape", "a trade on the user channel");
    else this.#tracker.trade(parts);
  }

  /** The user channel was away: what is open is asked for. */
  reconcile(): void {
    for (const tracked of this.#tracker.live()) if (tracked.left) this.#tracker.ask(tracked, 0);
  }

  #write(order: Order, instrument: Instrument): WrittenOrder | Reason {
    const market = this.#parts.directory.get(instrument.symbol);
    const version = this.#versionFor(instrument);
    if (version === null) return this.barred ?? "order.version";
    return market === undefined
      ? "order.venue_reject"
      : this.#parts.writer.write(order, instrument, market, version);
  }

  #versionFor(instrument: Instrument) {
    return this.#parts.version.of(this.#parts.directory.get(instrument.symbol)?.version ?? null);
  }

  /** Why this order may not be sent; null = it may. */
  #bar({ route }: WrittenOrder): Reason | null {
    const { region } = this.#parts.geoblock;
    if (this.barred !== null) return this.barred;
    if (region === "blocked" || (region === "close_only" && route.side === "BUY")) return "order.geo";
    return this.closedOnly && route.side === "BUY" ? "order.auth" : null;
  }

  #refuse(order: Order, reason: Reason): void {
    const at = this.#parts.env.clock.now();
    this.#parts.env.report.order({ orderId: order.id, state: "rejected", fills: [], reason, at });
  }

  #send(tracked: TrackedOrder, body: string): void {
    const call = {
      method: "POST",
      path: "/order",
      rateClass: "orders",
      purpose: "order",
      body,
      timeoutMicros: ORDER_TIMEOUT_MICROS,
      leaving: () => {
        tracked.left = true;
      },
    } as const;
    tracked.recall = this.#parts.account.call(call, (answer) => this.#posted(tracked, answer));
  }

  #posted(tracked: TrackedOrder, answer: Answer): void {
    tracked.recall = null;
    if (!answer.ok) {
      this.#judge(tracked, verdictOf(answer.failure), answer.failure.detail);
      return;
    }
    const posted = readPosted(readBody(answer.body));
    if (posted === null) {
      this.#parts.env.report.refused("feed.shape", "the answer to an order");
      this.#tracker.unknown(tracked);
    } else if (posted.id === "") this.#judge(tracked, verdictOfText(posted.error), posted.error);
    else {
      this.#tracker.name(tracked, posted.id);
      this.#accepted(tracked, posted.status, posted.takingAmount, posted.makingAmount);
    }
  }

  /** `delayed` is no fill, and neither is anything that states no amounts. */
  #accepted(tracked: TrackedOrder, status: string, taking: number | null, making: number | null): void {
    const isMatched = status === "matched" && taking !== null && making !== null;
    if (isMatched) {
      const [lots, dollars] = tracked.route.side === "BUY" ? [taking, making] : [making, taking];
      const rests = this.#parts.writer.restsForAMoment && lots < tracked.order.lots;
      this.#tracker.matched(
        tracked,
        lots,
        BigInt(dollars) * TICKS_PER_DOLLAR,
        rests ? null : "order.partial",
      );
      if (rests) this.#canceller.resting(tracked);
      return;
    }
    this.#tracker.acknowledge(tracked);
    if (status === "live" || status === "unmatched") this.#canceller.resting(tracked);
    else this.#tracker.ask(tracked, null);
  }

  #judge(tracked: TrackedOrder, verdict: Verdict, detail: string): void {
    if (tracked.over) return;
    switch (verdict.kind) {
      case "unknown":
        this.#tracker.unknown(tracked);
        break;
      case "version":
        this.#signAgain(tracked);
        break;
      case "rejected":
        this.#rejected(tracked, verdict.reason, detail);
    }
  }

  #rejected(tracked: TrackedOrder, reason: Reason, detail: string): void {
    const { env, geoblock, tickDoubted } = this.#parts;
    if (reason === "order.geo") geoblock.refused(detail);
    if (reason === "order.auth") env.report.refused("order.auth", detail);
    if (reason === "order.tick") tickDoubted(tracked.instrument.symbol);
    this.#tracker.never(tracked, "rejected", reason);
  }

  /** The version in force is read anew and the order signed for it, once. */
  #signAgain(tracked: TrackedOrder): void {
    if (tracked.signedAgain) {
      this.#tracker.never(tracked, "rejected", "order.version");
      return;
    }
    tracked.signedAgain = true;
    this.#parts.version.refresh((version) => {
      if (tracked.over) return;
      const market = this.#parts.directory.get(tracked.instrument.symbol);
      const written =
        version === null || version === tracked.version || market === undefined
          ? "order.version"
          : this.#parts.writer.write(tracked.order, tracked.instrument, market, version);
      if (typeof written === "string" || tracked.cancelWanted !== null) {
        this.#tracker.never(tracked, "rejected", tracked.cancelWanted ?? "order.version");
        return;
      }
      this.#parts.env.report.refused(
        "order.version",
        `order ${tracked.order.id} signed anew for version ${version}`,
      );
      tracked.signed = written.signed;
      tracked.version = written.version;
      tracked.left = false;
      this.#tracker.name(tracked, written.signed.id);
      this.#send(tracked, written.body);
    });
  }
}

function isSame(a: Order, b: Order): boolean {
  return a.book === b.book && a.action === b.action && a.lots === b.lots && a.limitTicks === b.limitTicks;
}
