import { type Domain, type Field, hexOf, recoverAddress, typedHash } from "./eip712.ts";

const CHAIN = 137;
const DOMAIN_NAME = "Polymarket CTF Exchange";

/** Exchange contracts on Polygon (clob-client-v2 `src/config.ts`). */
export const Contract = {
  CTF_V2: "0xE111180000d2663C0091e4f400237545B87B996B",
  NEG_RISK_V2: "0xe2222d279d744050d28e00520010520000310F59",
  V3: "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
} as const;

/** The signed part of an order as it stands in the payload; amounts and ids as decimal text. */
export interface SignedOrder {
  readonly salt: number;
  readonly maker: string;
  readonly signer: string;
  readonly tokenId: string;
  readonly makerAmount: string;
  readonly takerAmount: string;
  readonly side: "BUY" | "SELL";
  readonly signatureType: number;
  readonly timestamp: string;
  readonly metadata: string;
  readonly builder: string;
  readonly signature: string;
}

/** Hash of an order, which is its id at the venue; null when a value is outside its type. */
export function orderHash(order: SignedOrder, version: 2 | 3, negRisk: boolean): Uint8Array | null {
  try {
    return typedHash(domainOf(version, negRisk), "Order", fieldsOf(order));
  } catch {
    return null;
  }
}

/** What a signature says: the order's id and its signer under the version in force, or what is wrong. */
export type Verdict =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly why: "version" | "signature" };

/** Checks a signature against the version in force; one that holds under another version is a mismatch. */
export function judgeSignature(order: SignedOrder, inForce: 2 | 3, negRisk: boolean): Verdict {
  const hash = orderHash(order, inForce, negRisk);
  if (hash === null) return { ok: false, why: "signature" };
  const signer = order.signer.toLowerCase();
  if (recoverAddress(hash, order.signature) === signer) return { ok: true, id: hexOf(hash) };
  const other = orderHash(order, inForce === 2 ? 3 : 2, negRisk);
  const holds = other !== null && recoverAddress(other, order.signature) === signer;
  return { ok: false, why: holds ? "version" : "signature" };
}

function domainOf(version: 2 | 3, negRisk: boolean): Domain {
  const v2 = negRisk ? Contract.NEG_RISK_V2 : Contract.CTF_V2;
  return {
    name: DOMAIN_NAME,
    version: String(version),
    chainId: CHAIN,
    verifyingContract: version === 3 ? Contract.V3 : v2,
  };
}

function fieldsOf(order: SignedOrder): readonly Field[] {
  return [
    { name: "salt", type: "uint256", value: String(order.salt) },
    { name: "maker", type: "address", value: order.maker },
    { name: "signer", type: "address", value: order.signer },
    { name: "tokenId", type: "uint256", value: order.tokenId },
    { name: "makerAmount", type: "uint256", value: order.makerAmount },
    { name: "takerAmount", type: "uint256", value: order.takerAmount },
    { name: "side", type: "uint8", value: order.side === "BUY" ? "0" : "1" },
    { name: "signatureType", type: "uint8", value: String(order.signatureType) },
    { name: "timestamp", type: "uint256", value: order.timestamp },
    { name: "metadata", type: "bytes32", value: order.metadata },
    { name: "builder", type: "bytes32", value: order.builder },
  ];
}
