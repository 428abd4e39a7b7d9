import type { EmbeddedExchange, ExchangeOrder, Sha256Hex } from "../../../src/contracts/index.ts";
import { uuidOf } from "./values.ts";

/** Orders whose names are remembered; a name can always be found again by looking through the account. */
const MAX_REMEMBERED = 50_000;

/** An order of the venue: one order of the exchange, or the last of several when it was amended. */
export interface OrderName {
  readonly id: string;
  readonly account: string;
  /** The exchange's order that stands for it now. */
  readonly exchangeId: string;
  readonly clientId: string | null;
  /** Filled before the last amendment. */
  readonly filledBefore: number;
}

/** Names of the exchange's orders on the wire. */
export class OrderNames {
  readonly #venue: string;
  readonly #exchange: EmbeddedExchange;
  readonly #sha256: Sha256Hex;
  readonly #byId = new Map<string, OrderName>();
  readonly #byExchangeId = new Map<string, OrderName>();

  constructor(exchange: EmbeddedExchange, sha256: Sha256Hex) {
    this.#venue = exchange.venue;
    this.#exchange = exchange;
    this.#sha256 = sha256;
  }

  of(order: Pick<ExchangeOrder, "id" | "account" | "clientId">): OrderName {
    return this.#byExchangeId.get(order.id) ?? this.#remember(this.#fresh(order));
  }

  /** The name with this id, looked for among the account's orders when it was forgotten. */
  find(account: string, id: string): OrderName | null {
    const known = this.#byId.get(id);
    if (known !== undefined) return known.account === account ? known : null;
    const order = this.#exchange.orders(account).find((each) => this.#fresh(each).id === id);
    return order === undefined ? null : this.of(order);
  }

  /** From now on another order of the exchange stands for `name`; the one before is no order of its own any more. */
  replace(name: OrderName, by: ExchangeOrder, clientId: string | null, filledBefore: number): OrderName {
    return this.#remember({ ...name, exchangeId: by.id, clientId, filledBefore });
  }

  /** True for an order that was replaced by another: it is not shown. */
  isReplaced(order: ExchangeOrder): boolean {
    const name = this.#byExchangeId.get(order.id);
    return name !== undefined && this.#byId.get(name.id)?.exchangeId !== order.id;
  }

  #fresh({ id, account, clientId }: Pick<ExchangeOrder, "id" | "account" | "clientId">): OrderName {
    const wireId = uuidOf(this.#sha256, `${this.#venue}/order/${id}`);
    return { id: wireId, account, exchangeId: id, clientId, filledBefore: 0 };
  }

  #remember(name: OrderName): OrderName {
    this.#byId.set(name.id, name);
    this.#byExchangeId.set(name.exchangeId, name);
    dropOldest(this.#byId);
    dropOldest(this.#byExchangeId);
    return name;
  }
}

function dropOldest(names: Map<string, OrderName>): void {
  if (names.size <= MAX_REMEMBERED) return;
  const oldest = names.keys().next().value;
  if (oldest !== undefined) names.delete(oldest);
}
