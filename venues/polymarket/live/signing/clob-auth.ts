import { createHmac } from "node:crypto";
import { addressWord, structHash, textHash, typedDigest, uintWord } from "./eip712.ts";
import type { Wallet } from "./wallet.ts";

/** Key of the API, given for a wallet's signature. */
export interface ApiKey {
  readonly apiKey: string;
  /** base64url. */
  readonly secret: string;
  readonly passphrase: string;
}

type Headers = Readonly<Record<string, string>>;

/** Source: clob-client-v2 1.1.0 `src/signing/eip712.ts`. */
const DOMAIN_TYPE_HASH = textHash("EIP712Domain(string name,string version,uint256 chainId)");
const NAME_HASH = textHash("ClobAuthDomain");
const VERSION_HASH = textHash("1");
const AUTH_TYPE_HASH = textHash("ClobAuth(address address,string timestamp,uint256 nonce,string message)");
const MESSAGE_HASH = textHash("This message attests that I control the given wallet");

/** Headers of a call signed by the wallet itself (L1): to make an API key, or to get one again. */
export function walletHeaders(wallet: Wallet, chain: number, seconds: number, nonce: number): Headers {
  const domain = structHash(DOMAIN_TYPE_HASH, [NAME_HASH, VERSION_HASH, uintWord(BigInt(chain))]);
  const struct = structHash(AUTH_TYPE_HASH, [
    addressWord(wallet.address),
    textHash(String(seconds)),
    uintWord(BigInt(nonce)),
    MESSAGE_HASH,
  ]);
  return {
    poly_address: wallet.address,
    poly_signature: wallet.sign(typedDigest(domain, struct)),
    poly_timestamp: String(seconds),
    poly_nonce: String(nonce),
  };
}

/**
 * HMAC-SHA256 over time stamp, method, path without its query, and body; base64 with `-` and `_`, padding kept.
 * Source: clob-client-v2 1.1.0 `src/signing/hmac.ts`.
 */
export function hmacSignature(
  secret: string,
  seconds: number,
  method: string,
  path: string,
  body: string,
): string {
  const key = Buffer.from(secret, "base64url");
  const digest = createHmac("sha256", key).update(`${seconds}${method}${path}${body}`).digest("base64");
  return digest.replaceAll("+", "-").replaceAll("/", "_");
}

/** Headers of a call with an API key (L2). `path` without its query. */
export function keyHeaders(
  key: ApiKey,
  address: string,
  seconds: number,
  method: string,
  path: string,
  body: string,
): Headers {
  return {
    poly_address: address,
    poly_signature: hmacSignature(key.secret, seconds, method, path, body),
    poly_timestamp: String(seconds),
    poly_api_key: key.apiKey,
    poly_passphrase: key.passphrase,
  };
}
