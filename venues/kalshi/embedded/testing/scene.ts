import { createHash } from "node:crypto";
import type {
  EmbeddedEvent,
  EmbeddedExchange,
  EmbeddedServer,
  EventSpec,
  Lots,
  Micros,
  OrderRequest,
  Rng,
  ServedAnswer,
  ServedPeer,
  ServedSocket,
  Side,
  Ticks,
  Timers,
} from "../../../../src/contracts/index.ts";
import { Signer } from "../../live/signing.ts";
import { newAccount } from "../account.ts";
import { kalshiEmbedded } from "../module.ts";

export const START = 1_800_000_000_000_000 as Micros;
export const SECOND = 1_000_000;
export const HOUR = 3_600 * SECOND;
export const REST = "/trade-api/v2";
export const ORDERS = "/portfolio/events/orders";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Making an RSA key takes long: one for each account of a test file. */
const SECRETS = new Map(["ann", "bob"].map((name) => [name, newAccount(name)]));

/** A question; fields may be replaced. */
export function question(slot: number, fields: Partial<EventSpec> = {}): EventSpec {
  return {
    topic: `topic-${slot}`,
    slot,
    generation: 0,
    kind: "binary",
    title: `Question ${slot}?`,
    outcomes: ["Yes"],
    rules: "Pays if it happens.",
    opensAt: (START - HOUR) as Micros,
    closesAt: (START + HOUR) as Micros,
    variety: 1,
    volume: 1_000,
    ...fields,
  };
}

export const DEGREES = ["41 or below", "42 to 43", "44 to 45", "46 or above"];
export const NAMES = ["Ashdown", "Bellweather", "Corvin"];

/** What a scene needs of an exchange beside its contract. */
interface Listing extends EmbeddedExchange {
  list(event: EmbeddedEvent): unknown;
  deposit(account: string, amount: string): void;
}

/** Time that a test moves. */
interface Steps extends Timers {
  advanceTo(at: Micros): void;
}

export interface SceneParts {
  readonly clock: Steps;
  readonly exchange: Listing;
  readonly rng: Rng;
  readonly specs?: readonly EventSpec[];
  readonly rateLimits?: boolean;
}

/** Parsed JSON that a test looks into freely. */
type Json = ReturnType<typeof JSON.parse>;

export interface Answered extends ServedAnswer {
  readonly json: Json;
}

/** A server over an exchange on a clock that a test moves, with accounts `ann` and `bob` of 1,000 dollars each. */
export class Scene {
  readonly server: EmbeddedServer;
  readonly clock: Steps;
  readonly exchange: Listing;
  readonly events: readonly EmbeddedEvent[];
  readonly #signers = new Map<string, Signer>();

  constructor({ clock, exchange, rng, specs = [question(1)], rateLimits = false }: SceneParts) {
    this.clock = clock;
    this.exchange = exchange;
    for (const name of SECRETS.keys()) exchange.deposit(name, "1000");
    this.events = specs.map((spec) => this.list(spec));
    this.server = kalshiEmbedded.open({
      venue: "kalshi",
      exchange,
      clock,
      rng,
      sha256,
      accounts: SECRETS,
      rateLimits,
    });
    for (const [name, secrets] of SECRETS) {
      const signer = Signer.create(secrets["KALSHI_API_KEY_ID"]!, secrets["KALSHI_PRIVATE_KEY"]!);
      if (typeof signer === "string") throw new Error(signer);
      this.#signers.set(name, signer);
    }
  }

  list(spec: EventSpec): EmbeddedEvent {
    const event = kalshiEmbedded.list(spec, "kalshi", sha256);
    this.exchange.list(event);
    return event;
  }

  /** Ticker of the first market of the first event. */
  get symbol(): string {
    return this.events[0]!.markets[0]!.symbol;
  }

  pass(micros: number): void {
    this.clock.advanceTo((this.clock.now() + micros) as Micros);
  }

  headers(account: string, method: string, path: string, skewMicros = 0): Readonly<Record<string, string>> {
    return this.#signers.get(account)!.headers(method, path, this.clock.now() + skewMicros);
  }

  /** One REST call with these headers. @param path below `/trade-api/v2`. */
  raw(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = ""): Answered {
    const answers: ServedAnswer[] = [];
    this.server.request("rest", { method, path: `${REST}${path}`, headers, body }, (answer) =>
      answers.push(answer),
    );
    if (answers.length !== 1) throw new Error(`${answers.length} answers`);
    const [answer] = answers;
    return { ...answer!, json: answer!.body.startsWith("{") ? JSON.parse(answer!.body) : null };
  }

  /** Without a key. */
  get(path: string): Answered {
    return this.raw("GET", path);
  }

  /** Signed for an account; `body` as JSON. */
  signed(account: string, method: string, path: string, body?: unknown): Answered {
    const headers = this.headers(account, method, `${REST}${path}`);
    return this.raw(method, path, headers, body === undefined ? "" : JSON.stringify(body));
  }

  /** A new order of ann's: a bid for 10 contracts at 0.40 that rests; fields may be replaced. */
  order(fields: Readonly<Record<string, unknown>> = {}, account = "ann"): Answered {
    return this.signed(account, "POST", ORDERS, {
      ticker: this.symbol,
      side: "bid",
      count: "10.00",
      price: "0.4000",
      time_in_force: "good_till_canceled",
      self_trade_prevention_type: "maker",
      ...fields,
    });
  }

  /** Puts an order of bob's straight into the exchange. */
  rest(side: Side, ticks: number, lots: number, fields: Partial<OrderRequest> = {}): void {
    const answer = this.exchange.submit({
      account: "bob",
      clientId: null,
      symbol: this.symbol,
      side,
      ticks: ticks as Ticks,
      lots: lots as Lots,
      timeInForce: "gtc",
      postOnly: false,
      expiresAt: null,
      ...fields,
    });
    if (!answer.ok) throw new Error(answer.why);
  }

  connect(account = "ann", path = "/trade-api/ws/v2"): Client {
    return new Client(this.server, path, this.headers(account, "GET", path));
  }
}

/** A client's end of a served socket; keeps all it was sent. */
export class Client implements ServedPeer {
  readonly texts: string[] = [];
  readonly pings: string[] = [];
  closedWith: number | null = null;
  readonly #socket: ServedSocket;
  #ids = 0;

  constructor(server: EmbeddedServer, path: string, headers: Readonly<Record<string, string>>) {
    const served = server.socket("ws", { method: "GET", path, headers, body: "" }, this);
    if ("status" in served) throw new Error(`refused: ${served.status} ${served.body}`);
    this.#socket = served;
  }

  send(text: string): void {
    this.texts.push(text);
  }

  ping(body: string): void {
    this.pings.push(body);
  }

  close(code: number): void {
    this.closedWith = code;
  }

  /** @returns the command's id. */
  command(cmd: string, params?: Readonly<Record<string, unknown>>): number {
    const id = ++this.#ids;
    this.say(JSON.stringify({ id, cmd, ...(params === undefined ? {} : { params }) }));
    return id;
  }

  subscribe(channels: readonly string[], symbols: readonly string[] = [], rest: object = {}): number {
    const markets = symbols.length === 0 ? {} : { market_tickers: symbols };
    return this.command("subscribe", { channels, ...markets, ...rest });
  }

  say(text: string): void {
    this.#socket.message(text);
  }

  leave(): void {
    this.#socket.closed();
  }

  get frames(): Json[] {
    return this.texts.map((text) => JSON.parse(text));
  }

  /** Frames of a type. */
  of(type: string): Json[] {
    return this.frames.filter((frame) => frame.type === type);
  }
}
