import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { ServedRequest, Timers } from "../../../src/contracts/index.ts";
import { seconds } from "./decimals.ts";
import { addressOfKey, recoverAddress, typedHash } from "./eip712.ts";

const CHAIN = 137;
const MESSAGE = "This message attests that I control the given wallet";
/** Signed time stamps farther from the venue's clock than this are expired. */
const MAX_SKEW_SECONDS = 60;
const MAX_KEYS_PER_ACCOUNT = 16;

export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
}

/** A client as the venue knows it. */
export interface Client {
  readonly account: string;
  /** Of its key, lower case. */
  readonly address: string;
  /** Holds the money: the proxy wallet where there is one, else the key's address. Lower case. */
  readonly funder: string;
  /** By nonce. */
  readonly keys: Map<number, Credentials>;
}

/** Who is who: accounts by address, API keys made and checked. */
export class Auth {
  readonly #clock: Timers;
  readonly #byAddress = new Map<string, Client>();
  readonly #byKey = new Map<string, { readonly client: Client; readonly credentials: Credentials }>();

  /** Accounts whose secrets hold no private key cannot sign, so they are not known here. */
  constructor(accounts: ReadonlyMap<string, Readonly<Record<string, string>>>, clock: Timers) {
    this.#clock = clock;
    for (const [account, secrets] of accounts) {
      const address = addressOfKey(secretNamed(secrets, /PRIVATE_?KEY$/) ?? "");
      if (address === null) continue;
      const stated = secretNamed(secrets, /(FUNDER|PROXY|WALLET|ADDRESS)$/)?.toLowerCase() ?? "";
      const funder = /^0x[0-9a-f]{40}$/.test(stated) ? stated : address;
      const client: Client = { account, address, funder, keys: new Map() };
      this.#byAddress.set(address, client);
      const given = givenCredentials(secrets);
      if (given !== null) this.#remember(client, 0, given);
    }
  }

  /** The account of an L1 signature; null when the headers are malformed, expired or signed by somebody else. */
  l1(request: ServedRequest): { readonly client: Client; readonly nonce: number } | null {
    const { headers } = request;
    const address = (headers["poly_address"] ?? "").toLowerCase();
    const timestamp = headers["poly_timestamp"] ?? "";
    const nonceText = headers["poly_nonce"] ?? "0";
    const client = this.#byAddress.get(address);
    if (client === undefined || !this.#isFresh(timestamp) || !/^\d{1,15}$/.test(nonceText)) return null;
    const digest = authDigest(address, timestamp, nonceText, CHAIN);
    if (recoverAddress(digest, headers["poly_signature"] ?? "") !== address) return null;
    return { client, nonce: Number(nonceText) };
  }

  /** A new key for a nonce; null when there is one already, or too many. */
  create(client: Client, nonce: number): Credentials | null {
    if (client.keys.has(nonce) || client.keys.size >= MAX_KEYS_PER_ACCOUNT) return null;
    const seed = (part: string): Buffer =>
      createHash("sha256").update(`${client.address}/${nonce}/${part}`).digest();
    const made = {
      apiKey: uuidOf(seed("key").toString("hex")),
      secret: seed("secret").toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
      passphrase: seed("passphrase").toString("hex"),
    };
    this.#remember(client, nonce, made);
    return made;
  }

  /** The key made before for a nonce. */
  derive(client: Client, nonce: number): Credentials | null {
    return client.keys.get(nonce) ?? null;
  }

  remove(credentials: Credentials): void {
    const known = this.#byKey.get(credentials.apiKey);
    if (known === undefined) return;
    this.#byKey.delete(credentials.apiKey);
    for (const [nonce, key] of known.client.keys)
      if (key === known.credentials) known.client.keys.delete(nonce);
  }

  /** The account of an L2 request; null unless key, passphrase, address, time stamp and digest all hold. */
  l2(
    request: ServedRequest,
    path: string,
  ): { readonly client: Client; readonly credentials: Credentials } | null {
    const { headers, method, body } = request;
    const known = this.#byKey.get(headers["poly_api_key"] ?? "");
    const timestamp = headers["poly_timestamp"] ?? "";
    if (known === undefined || !this.#isFresh(timestamp)) return null;
    const { client, credentials } = known;
    const digest = l2Digest(credentials.secret, timestamp, method, path, body);
    const holds =
      same(digest, headers["poly_signature"] ?? "") &&
      same(credentials.passphrase, headers["poly_passphrase"] ?? "") &&
      (headers["poly_address"] ?? "").toLowerCase() === client.address;
    return holds ? known : null;
  }

  /** The account of credentials that travel in a frame. */
  ofCredentials(apiKey: string, secret: string, passphrase: string): Client | null {
    const known = this.#byKey.get(apiKey);
    if (known === undefined) return null;
    const holds = same(known.credentials.secret, secret) && same(known.credentials.passphrase, passphrase);
    return holds ? known.client : null;
  }

  #remember(client: Client, nonce: number, credentials: Credentials): void {
    client.keys.set(nonce, credentials);
    this.#byKey.set(credentials.apiKey, { client, credentials });
  }

  #isFresh(timestamp: string): boolean {
    if (!/^\d{1,12}$/.test(timestamp)) return false;
    return Math.abs(Number(timestamp) - seconds(this.#clock.now())) <= MAX_SKEW_SECONDS;
  }
}

/** EIP-712 digest of the L1 attestation (clob-client-v2 `src/signing/eip712.ts`). */
export function authDigest(address: string, timestamp: string, nonce: string, chainId: number): Uint8Array {
  return typedHash({ name: "ClobAuthDomain", version: "1", chainId, verifyingContract: null }, "ClobAuth", [
    { name: "address", type: "address", value: address },
    { name: "timestamp", type: "string", value: timestamp },
    { name: "nonce", type: "uint256", value: nonce },
    { name: "message", type: "string", value: MESSAGE },
  ]);
}

/** HMAC-SHA256 of an L2 request, base64url with padding (clob-client-v2 `src/signing/hmac.ts`). */
export function l2Digest(
  secret: string,
  timestamp: string,
  method: string,
  path: string,
  body: string,
): string {
  const key = Buffer.from(secret.replaceAll("-", "+").replaceAll("_", "/"), "base64");
  const digest = createHmac("sha256", key).update(`${timestamp}${method}${path}${body}`).digest("base64");
  return digest.replaceAll("+", "-").replaceAll("/", "_");
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function secretNamed(secrets: Readonly<Record<string, string>>, pattern: RegExp): string | null {
  for (const [name, value] of Object.entries(secrets))
    if (pattern.test(name.toUpperCase()) && value !== "") return value;
  return null;
}

function givenCredentials(secrets: Readonly<Record<string, string>>): Credentials | null {
  const apiKey = secretNamed(secrets, /API_?KEY$/);
  const secret = secretNamed(secrets, /SECRET$/);
  const passphrase = secretNamed(secrets, /PASSPHRASE$/);
  return apiKey === null || secret === null || passphrase === null ? null : { apiKey, secret, passphrase };
}

/** A hash in the form of a UUID. */
export function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
