import { createHash } from "node:crypto";
import { Wallet } from "ethers";
import type {
  EmbeddedExchange,
  EventSpec,
  Micros,
  Rng,
  ServedAnswer,
  ServedPeer,
  ServedSocket,
  Timers,
} from "../../../../src/contracts/index.ts";
import { l2Digest } from "../auth.ts";
import { polymarketEmbedded } from "../module.ts";
import { PolymarketServer, type PolymarketServerOptions } from "../server.ts";

/** What the tests of the embedded server share: an open server and a client that signs with another library. */

export const START = 1_790_000_000_000_000 as Micros;
export const VENUE = "polymarket";
const HOUR = 3_600_000_000;
const CHAIN = 137;
const ZERO = `0x${"0".repeat(64)}`;
const NOBODY = `0x${"0".repeat(40)}`;

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A question with everything filled in. */
export function spec(extra: Partial<EventSpec> = {}): EventSpec {
  return {
    topic: "rain",
    slot: 1,
    generation: 0,
    kind: "binary",
    title: "Will it rain in Marrow?",
    outcomes: ["Rain in Marrow"],
    rules: "Resolves to Yes if it rains.",
    opensAt: (START - HOUR + 123_456) as Micros,
    closesAt: (START + 24 * HOUR) as Micros,
    variety: 0,
    volume: 1_200,
    ...extra,
  };
}

export const list = (extra: Partial<EventSpec> = {}) => polymarketEmbedded.list(spec(extra), VENUE, sha256);

/** Frames a peer was sent, and how it was closed. */
export class Peer implements ServedPeer {
  readonly frames: string[] = [];
  closedWith: number | null = null;
  socket: ServedSocket | null = null;

  send(text: string): void {
    this.frames.push(text);
  }

  ping(): void {}

  close(code: number): void {
    this.closedWith = code;
  }

  say(message: unknown): void {
    this.socket?.message(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Messages received so far, arrays opened, keep-alives left out; forgets them. */
  take(): Record<string, unknown>[] {
    const frames = this.frames.splice(0).filter((text) => text !== "PONG");
    return frames.flatMap((text) => {
      const value = JSON.parse(text) as Record<string, unknown> | Record<string, unknown>[];
      return Array.isArray(value) ? value : [value];
    });
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** A server over an exchange, with one account. */
export class World {
  readonly secrets = polymarketEmbedded.account("tester");
  readonly wallet = new Wallet(this.secrets["POLYMARKET_PRIVATE_KEY"]!);
  readonly server: PolymarketServer;
  readonly #clock: Timers;
  #credentials: { apiKey: string; secret: string; passphrase: string } | null = null;
  #salt = 0;

  constructor(
    exchange: EmbeddedExchange,
    clock: Timers,
    rng: Rng,
    rateLimits = false,
    options?: PolymarketServerOptions,
  ) {
    this.#clock = clock;
    const accounts = new Map([["tester", this.secrets]]);
    const env = { venue: VENUE, exchange, clock, rng, sha256, accounts, rateLimits };
    this.server = new PolymarketServer(env, options);
  }

  call(
    host: string,
    method: string,
    path: string,
    body = "",
    headers: Readonly<Record<string, string>> = {},
  ): Answer {
    let answer: ServedAnswer | null = null;
    this.server.request(
      host,
      { method, path, headers: { "user-agent": "emp", ...headers }, body },
      (given) => {
        answer = given;
      },
    );
    if (answer === null) throw new Error(`${method} ${path} was not answered at once`);
    return answerOf(answer);
  }

  gamma = (path: string): Answer => this.call("gamma", "GET", path);
  clob = (path: string): Answer => this.call("clob", "GET", path);
  post = (path: string, body: unknown): Answer => this.call("clob", "POST", path, JSON.stringify(body));

  connect(path: string): Peer {
    const peer = new Peer();
    const socket = this.server.socket("ws", { method: "GET", path, headers: {}, body: "" }, peer);
    if ("status" in socket) throw new Error(`refused: ${socket.status}`);
    peer.socket = socket;
    return peer;
  }

  /** Headers of the wallet's own signature. */
  async l1(nonce = 0, timestamp = this.#seconds()): Promise<Record<string, string>> {
    const signature = await this.wallet.signTypedData(
      { name: "ClobAuthDomain", version: "1", chainId: CHAIN },
      {
        ClobAuth: [
          { name: "address", type: "address" },
          { name: "timestamp", type: "string" },
          { name: "nonce", type: "uint256" },
          { name: "message", type: "string" },
        ],
      },
      {
        address: this.wallet.address,
        timestamp,
        nonce,
        message: "This message attests that I control the given wallet",
      },
    );
    return {
      poly_address: this.wallet.address,
      poly_signature: signature,
      poly_timestamp: timestamp,
      poly_nonce: String(nonce),
    };
  }

  /** Makes an API key once. */
  async credentials() {
    if (this.#credentials !== null) return this.#credentials;
    const answer = this.call("clob", "POST", "/auth/api-key", "", await this.l1());
    this.#credentials = answer.json as { apiKey: string; secret: string; passphrase: string };
    return this.#credentials;
  }

  /** A call signed with the API key. */
  async signed(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const { apiKey, secret, passphrase } = await this.credentials();
    const timestamp = this.#seconds();
    const bare = path.split("?")[0]!;
    return this.call("clob", method, path, text, {
      poly_address: this.wallet.address,
      poly_api_key: apiKey,
      poly_passphrase: passphrase,
      poly_timestamp: timestamp,
      poly_signature: l2Digest(secret, timestamp, method, bare, text),
    });
  }

  /** The payload of an order, signed. Price and size as decimals of currency and shares. */
  async order(terms: {
    readonly token: string;
    readonly side: "BUY" | "SELL";
    readonly price: number;
    readonly size: number;
    readonly type?: string;
    readonly negRisk?: boolean;
    readonly version?: 2 | 3;
    readonly postOnly?: boolean;
    readonly expiration?: number;
    readonly extra?: object;
  }): Promise<Record<string, unknown>> {
    const shares = BigInt(Math.round(terms.size * 1e6));
    const money = (shares * BigInt(Math.round(terms.price * 1e4))) / 10_000n;
    const isBuy = terms.side === "BUY";
    const message = {
      salt: ++this.#salt,
      maker: this.wallet.address,
      signer: this.wallet.address,
      tokenId: terms.token,
      makerAmount: String(isBuy ? money : shares),
      takerAmount: String(isBuy ? shares : money),
      side: isBuy ? 0 : 1,
      signatureType: 0,
      timestamp: String(Math.floor(this.#clock.now() / 1000)),
      metadata: ZERO,
      builder: ZERO,
    };
    const signature = await this.wallet.signTypedData(
      domain(terms.version ?? 2, terms.negRisk === true),
      ORDER,
      message,
    );
    const { apiKey } = await this.credentials();
    return {
      deferExec: false,
      postOnly: terms.postOnly ?? false,
      order: {
        ...message,
        side: terms.side,
        taker: NOBODY,
        expiration: String(terms.expiration ?? 0),
        signature,
        ...terms.extra,
      },
      owner: apiKey,
      orderType: terms.type ?? "GTC",
    };
  }

  #seconds(): string {
    return String(Math.floor(this.#clock.now() / 1_000_000));
  }
}

export function answerOf({ status, headers, body }: ServedAnswer): Answer {
  let json: unknown;
  try {
    json = JSON.parse(body) as unknown;
  } catch {
    json = undefined;
  }
  return { status, headers, text: body, json };
}

const ORDER = {
  Order: [
    { name: "salt", type: "uint256" },
    { name: "maker", type: "address" },
    { name: "signer", type: "address" },
    { name: "tokenId", type: "uint256" },
    { name: "makerAmount", type: "uint256" },
    { name: "takerAmount", type: "uint256" },
    { name: "side", type: "uint8" },
    { name: "signatureType", type: "uint8" },
    { name: "timestamp", type: "uint256" },
    { name: "metadata", type: "bytes32" },
    { name: "builder", type: "bytes32" },
  ],
};

function domain(version: 2 | 3, negRisk: boolean) {
  const v2 = negRisk
    ? "0xe2222d279d744050d28e00520010520000310F59"
    : "0xE111180000d2663C0091e4f400237545B87B996B";
  return {
    name: "Polymarket CTF Exchange",
    version: String(version),
    chainId: CHAIN,
    verifyingContract: version === 3 ? "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa" : v2,
  };
}
