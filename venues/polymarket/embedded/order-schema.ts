import { z } from "zod";
import type { OrderType } from "./order-registry.ts";
import type { SignedOrder } from "./order-signing.ts";

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const bytes32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
const amount = z.string().regex(/^\d{1,30}$/);
const count = z.string().regex(/^\d{1,20}$/);

const OrderWire = z.object({
  salt: z.number().int().nonnegative(),
  maker: address,
  signer: address,
  taker: address.optional(),
  tokenId: z.string().regex(/^\d{1,78}$/),
  makerAmount: amount,
  takerAmount: amount,
  side: z.enum(["BUY", "SELL"]),
  signatureType: z.number().int().min(0).max(3),
  timestamp: count,
  expiration: count.optional(),
  metadata: bytes32,
  builder: bytes32,
  signature: z.string(),
});

const PostOrderWire = z.object({
  order: OrderWire,
  owner: z.string(),
  orderType: z.enum(["GTC", "GTD", "FOK", "FAK"]),
  postOnly: z.boolean().optional(),
  deferExec: z.boolean().optional(),
});

/** An order payload, read. */
export interface PostOrder {
  readonly order: SignedOrder;
  /** Seconds; 0 = none. */
  readonly expiration: number;
  readonly owner: string;
  readonly orderType: OrderType;
  readonly postOnly: boolean;
}

/** Null when it is no order of today; `old` when it has the members of the first order version. */
export function readPostOrder(value: unknown): PostOrder | "old" | null {
  const parsed = PostOrderWire.safeParse(value);
  if (!parsed.success) return isOld(value) ? "old" : null;
  const { order, owner, orderType, postOnly } = parsed.data;
  return {
    order,
    expiration: Number(order.expiration ?? "0"),
    owner,
    orderType,
    postOnly: postOnly ?? false,
  };
}

function isOld(value: unknown): boolean {
  const order = typeof value === "object" && value !== null ? (value as { order?: unknown }).order : null;
  return typeof order === "object" && order !== null && ("feeRateBps" in order || "nonce" in order);
}
