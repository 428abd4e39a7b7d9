import { generateKeyPairSync } from "node:crypto";
import type { MapperEnv, VenueSession } from "../../../../src/contracts/index.ts";
import { KalshiMapper } from "../../mapper.ts";
import { configure } from "../configure.ts";
import { FakeClock, FakeRng } from "./fake-clock.ts";
import { type FakeRequest, type FakeSocket, FakeVenue } from "./fake-venue.ts";

/** One RSA key for all tests of a file; making one takes a while. */
const PAIR = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

export const PUBLIC_KEY = PAIR.publicKey;
export const SECRETS = { KALSHI_API_KEY_ID: "key-1", KALSHI_PRIVATE_KEY: PAIR.privateKey };

export interface Fixture {
  readonly clock: FakeClock;
  readonly venue: FakeVenue;
  readonly session: VenueSession;
}

export interface FixtureOptions {
  readonly keyed?: boolean;
  readonly orders?: "on" | "off";
  readonly session?: unknown;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly seed?: number;
}

/** A session over a scripted venue, with a real mapper behind the feed; not started. */
export function fixture(mapper: MapperEnv, options: FixtureOptions = {}): Fixture {
  const clock = new FakeClock();
  const secrets = options.secrets ?? (options.keyed === true ? SECRETS : {});
  const venue = new FakeVenue(clock, new FakeRng(options.seed), mapper, secrets, new KalshiMapper(mapper));
  const session = configure(options.session)(venue.env, options.orders ?? "off");
  return { clock, venue, session };
}

/** A market as REST shows it. */
export function market(
  ticker: string,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    ticker,
    event_ticker: ticker.slice(0, ticker.lastIndexOf("-")),
    market_type: "binary",
    title: `Will ${ticker} happen?`,
    yes_sub_title: ticker,
    no_sub_title: ticker,
    status: "active",
    result: "",
    open_time: "2026-08-01T00:00:00Z",
    close_time: "2026-12-01T00:00:00Z",
    price_level_structure: "linear_cent",
    price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0100" }],
    volume_fp: "100.00",
    volume_24h_fp: "12.50",
    yes_bid_dollars: "0.4000",
    yes_ask_dollars: "0.4500",
    yes_bid_size_fp: "10.00",
    yes_ask_size_fp: "10.00",
    ...changes,
  };
}

/** An event with its markets, as a page of `GET /events` shows it. */
export function event(ticker: string, markets: readonly unknown[]): Record<string, unknown> {
  return {
    event_ticker: ticker,
    series_ticker: ticker.split("-", 1)[0],
    title: ticker,
    sub_title: "",
    category: "Sports",
    mutually_exclusive: true,
    collateral_return_type: "MECNET",
    markets,
  };
}

export function series(...tickers: readonly string[]): Record<string, unknown> {
  return { series: tickers.map((ticker) => ({ ticker, fee_type: "quadratic", fee_multiplier: 1 })) };
}

/** What a quiet venue answers to everything but events and orders. */
export function standing(request: FakeRequest, known: Record<string, unknown>): boolean {
  const answers: readonly (readonly [string, unknown])[] = [
    ["/exchange/status", { exchange_active: true, trading_active: true }],
    ["/series/fee_changes", { series_fee_change_arr: [] }],
    ["/series", known],
    ["/portfolio/balance", { balance: 1 }],
  ];
  const found = answers.find(([path]) => request.path === path);
  if (found !== undefined) request.answer(200, found[1]);
  return found !== undefined;
}

/** Lets a socket answer its commands as the venue does: one `sid` per subscription, `seq` shared by its frames. */
export function obedient(socket: FakeSocket): void {
  const lists = new Map<number, Set<string>>();
  let sids = 0;
  let seq = 0;
  socket.onCommand = (command) => {
    const { id, cmd, params } = command as {
      readonly id: number;
      readonly cmd: string;
      readonly params: Readonly<Record<string, unknown>>;
    };
    const symbols = (params["market_tickers"] as readonly string[] | undefined) ?? [];
    if (cmd === "subscribe") {
      const sid = ++sids;
      lists.set(sid, new Set(symbols));
      socket.frame({ id, type: "subscribed", msg: { channel: (params["channels"] as string[])[0], sid } });
      return;
    }
    const [sid] = params["sids"] as readonly [number];
    const list = lists.get(sid) ?? new Set();
    if (cmd === "unsubscribe") {
      socket.frame({ id, sid, seq: ++seq, type: "unsubscribed" });
      return;
    }
    for (const symbol of symbols)
      if (params["action"] === "add_markets") list.add(symbol);
      else if (params["action"] === "delete_markets") list.delete(symbol);
    socket.frame({ id, sid, seq: ++seq, type: "ok", msg: { market_tickers: [...list].sort() } });
  };
}

/** Pings a socket every 10 s, as the venue does, while it is open. */
export function keepAlive(socket: FakeSocket, clock: FakeClock): void {
  clock.after(10_000_000, () => {
    if (socket.over || socket.closing) return;
    socket.pinged();
    keepAlive(socket, clock);
  });
}
