import type { Instrument, Order, Reason, SessionEnv } from "../../../../src/contracts/index.ts";
import type { ClockSkew } from "../../../../src/venue-kit/clock-skew.ts";
import { PRICE_ONE } from "../../scales.ts";
import type { MarketTokens } from "../directory.ts";
import { orderAmounts } from "../signing/amounts.ts";
import type { Chain, OrderVersion } from "../signing/contracts.ts";
import { type OrderTerms, type SignedOrder, signOrder, ZERO_BYTES32 } from "../signing/order.ts";
import type { Wallet } from "../signing/wallet.ts";
import type { OrderRoute } from "./tracked-order.ts";

/** Nobody in particular may take the other side. */
const ANYBODY = `0x${"0".repeat(40)}`;
const MILLI = 1_000;

/** An order as it goes out: for which version, signed, in words. */
export interface WrittenOrder {
  readonly order: Order;
  readonly route: OrderRoute;
  readonly version: OrderVersion;
  readonly signed: SignedOrder;
  readonly body: string;
}

export interface WriterParts {
  readonly env: SessionEnv;
  readonly skew: ClockSkew;
  readonly wallet: Wallet;
  /** Holds the money: the proxy or Safe, or the wallet itself. */
  readonly funder: string;
  readonly signatureType: 0 | 1 | 2;
  readonly chain: Chain;
  readonly type: "fak" | "gtc";
  /** The API key's id; empty before the account is open. */
  readonly owner: () => string;
}

/** Orders of the engine -> signed orders in the venue's words. */
export class OrderWriter {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** True when what is not matched rests until it is cancelled. */
  get restsForAMoment(): boolean {
    return this.#parts.type === "gtc";
  }

  /** The signed order; a reason when it cannot be one. */
  write(
    order: Order,
    instrument: Instrument,
    market: MarketTokens,
    version: OrderVersion,
  ): WrittenOrder | Reason {
    const route = routeOf(order, market);
    if (route === null || market.negRisk === null) return "order.venue_reject";
    if (!isOnGrid(order, instrument)) return "order.tick";
    const { type, chain, wallet, owner } = this.#parts;
    const least = Math.min(instrument.minLots, order.lots);
    const { makerAmount, takerAmount } = orderAmounts(route.side, order.limitTicks, order.lots, type, least);
    if (makerAmount <= 0n || takerAmount <= 0n) return "order.min_size";
    const terms = this.#terms(route, makerAmount, takerAmount);
    const signed = signOrder(terms, { chain, version, negRisk: market.negRisk }, wallet);
    const body = JSON.stringify({
      deferExec: false,
      postOnly: false,
      order: { ...terms, taker: ANYBODY, expiration: "0", signature: signed.signature },
      owner: owner(),
      orderType: type.toUpperCase(),
    });
    return { order, route, version, signed, body };
  }

  #terms({ token, side }: OrderRoute, makerAmount: bigint, takerAmount: bigint): OrderTerms {
    const { env, skew, wallet, funder, signatureType } = this.#parts;
    return {
      salt: Math.floor(env.rng.next() * Number.MAX_SAFE_INTEGER),
      maker: funder,
      signer: wallet.address,
      tokenId: token,
      makerAmount: makerAmount.toString(),
      takerAmount: takerAmount.toString(),
      side,
      signatureType,
      timestamp: String(Math.floor(skew.toVenue(env.clock.now()) / MILLI)),
      metadata: ZERO_BYTES32,
      builder: ZERO_BYTES32,
    };
  }
}

/** NO is the second token: buying it takes the YES bids at 1 - p. Null: the market has no such token. */
function routeOf(order: Order, market: MarketTokens): OrderRoute | null {
  const isYes = order.action === "buy_yes" || order.action === "sell_yes";
  const token = isYes ? market.symbol : market.mirror;
  const side = order.action === "buy_yes" || order.action === "buy_no" ? "BUY" : "SELL";
  return token === null ? null : { token, side, conditionId: market.conditionId };
}

/** The limit is a multiple of the tick in [tick, 1 - tick], which reads the same on both tokens' scales. */
function isOnGrid({ limitTicks, action }: Order, { tickRanges }: Instrument): boolean {
  const mirrored = action === "buy_no" || action === "sell_no";
  const ticks = mirrored ? PRICE_ONE - limitTicks : limitTicks;
  return tickRanges.some(
    ({ fromTicks, toTicks, stepTicks }) =>
      ticks >= fromTicks && ticks <= toTicks && (ticks - fromTicks) % stepTicks === 0,
  );
}
