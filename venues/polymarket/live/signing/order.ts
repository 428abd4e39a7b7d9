import { bytesToHex } from "@noble/hashes/utils.js";
import { type Chain, exchangeOf, type OrderVersion } from "./contracts.ts";
import { addressWord, bytes32Word, structHash, textHash, typedDigest, uintWord } from "./eip712.ts";
import type { Wallet } from "./wallet.ts";

/** Everything an order is signed over. Amounts and ids are decimal text, addresses 0x text. */
export interface OrderTerms {
  /** Below 2^53: it travels as a JSON number. */
  readonly salt: number;
  readonly maker: string;
  readonly signer: string;
  readonly tokenId: string;
  readonly makerAmount: string;
  readonly takerAmount: string;
  readonly side: "BUY" | "SELL";
  readonly signatureType: 0 | 1 | 2;
  /** Milliseconds. */
  readonly timestamp: string;
  readonly metadata: string;
  readonly builder: string;
}

/** For what an order is signed. */
export interface OrderDomain {
  readonly chain: Chain;
  readonly version: OrderVersion;
  readonly negRisk: boolean;
}

export interface SignedOrder {
  readonly terms: OrderTerms;
  readonly signature: string;
  /** The digest, by which the venue knows the order: 0x and 64 hex digits. */
  readonly id: string;
}

/** No metadata, no builder. */
export const ZERO_BYTES32 = `0x${"0".repeat(64)}`;

/** Source: clob-client-v2 1.1.0 `src/order-utils/model/ctfExchangeV2TypedData.ts`. */
const NAME_HASH = textHash("Polymarket CTF Exchange");
const DOMAIN_TYPE_HASH = textHash(
  "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
);
const ORDER_TYPE_HASH = textHash(
  "Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount," +
    "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)",
);

const separators = new Map<string, Uint8Array>();

/** The digest of an order: what is signed, and its id. @throws RangeError for a value outside its type. */
export function orderDigest(terms: OrderTerms, domain: OrderDomain): Uint8Array {
  const struct = structHash(ORDER_TYPE_HASH, [
    uintWord(BigInt(terms.salt)),
    addressWord(terms.maker),
    addressWord(terms.signer),
    uintWord(decimal(terms.tokenId)),
    uintWord(decimal(terms.makerAmount)),
    uintWord(decimal(terms.takerAmount)),
    uintWord(terms.side === "BUY" ? 0n : 1n),
    uintWord(BigInt(terms.signatureType)),
    uintWord(decimal(terms.timestamp)),
    bytes32Word(terms.metadata),
    bytes32Word(terms.builder),
  ]);
  return typedDigest(separatorOf(domain), struct);
}

/** Signs an order. Pure: the same terms, domain and key give the same bytes. @throws RangeError as `orderDigest`. */
export function signOrder(terms: OrderTerms, domain: OrderDomain, wallet: Wallet): SignedOrder {
  const digest = orderDigest(terms, domain);
  return { terms, signature: wallet.sign(digest), id: `0x${bytesToHex(digest)}` };
}

/** There are six domains; each is hashed once. */
function separatorOf({ chain, version, negRisk }: OrderDomain): Uint8Array {
  const contract = exchangeOf(chain, version, negRisk);
  const key = `${chain} ${version} ${contract}`;
  const known = separators.get(key);
  if (known !== undefined) return known;
  const made = structHash(DOMAIN_TYPE_HASH, [
    NAME_HASH,
    textHash(String(version)),
    uintWord(BigInt(chain)),
    addressWord(contract),
  ]);
  separators.set(key, made);
  return made;
}

function decimal(text: string): bigint {
  if (!/^\d{1,78}$/.test(text)) throw new RangeError(`${text} is no whole number`);
  return BigInt(text);
}
