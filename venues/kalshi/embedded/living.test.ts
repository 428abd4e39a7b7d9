import { describe, expect, it } from "vitest";
import { ASK, BID, type ExchangeMarket } from "../../../src/contracts/index.ts";
import { createEmbeddedMarket } from "../../../src/sim/embedded/market.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { Signer } from "../live/signing.ts";
import { KalshiReferenceFold } from "../reference-fold.ts";
import { newAccount } from "./account.ts";
import { kalshiEmbedded } from "./module.ts";
import { Client, SECOND, START, sha256 } from "./testing/scene.ts";

const SECRETS = newAccount("living");

/** Ten simulated minutes of a busy venue with short-lived markets and faults of the exchange itself. */
function live(seed: string) {
  const clock = new StepClock(START);
  const market = createEmbeddedMarket({
    venues: [{ id: "kalshi", module: kalshiEmbedded }],
    clock,
    rng: new SeededRng(seed),
    sha256,
    options: {
      marketsPerVenue: 60,
      eventsPerSecond: 100,
      eventLifeMicros: 120 * SECOND,
      forgetAfterMicros: 60 * SECOND,
      faultEveryMicros: 15 * SECOND,
      accounts: [{ name: "emp", cash: "1000" }],
    },
  });
  const exchange = market.exchanges.get("kalshi")!;
  const rng = new SeededRng(seed).fork("server");
  const accounts = new Map([["emp", SECRETS]]);
  const server = kalshiEmbedded.open({
    venue: "kalshi",
    exchange,
    clock,
    rng,
    sha256,
    accounts,
    rateLimits: true,
  });
  const signer = Signer.create(SECRETS["KALSHI_API_KEY_ID"]!, SECRETS["KALSHI_PRIVATE_KEY"]!) as Signer;
  const client = new Client(server, "/trade-api/ws/v2", signer.headers("GET", "/trade-api/ws/v2", START));
  const symbols = () => exchange.events().flatMap(({ markets }) => markets.map(({ symbol }) => symbol));
  client.subscribe(["orderbook_delta"], symbols());
  clock.advanceTo((START + SECOND) as never);
  client.subscribe(["market_lifecycle_v2", "trade", "ticker"]);
  market.start();
  return { clock, market, exchange, server, client, symbols };
}

describe("a living venue", () => {
  it("keeps its word for ten minutes: numbers without a hole, books as they are, results told", () => {
    const { clock, market, exchange, server, client, symbols } = live("ten minutes");
    const fold = new KalshiReferenceFold();
    const last = new Map<number, number>();
    const told = new Set<string>();
    const resolved = new Set<string>();
    const frames = new Map<string, number>();
    exchange.listen((change) => {
      if (change.kind === "resolved") resolved.add(change.symbol);
      if (change.kind === "listed") {
        const added = change.event.markets.map(({ symbol }) => symbol);
        client.command("update_subscription", { sid: 1, action: "add_markets", market_tickers: added });
      }
    });
    for (let second = 1; second <= 600; second++) {
      clock.advanceTo((START + (second + 1) * SECOND) as never);
      for (const text of client.texts.splice(0)) {
        const { type, sid, seq, msg } = JSON.parse(text);
        frames.set(type, (frames.get(type) ?? 0) + 1);
        if (seq !== undefined && (last.get(sid) ?? 0) + 1 !== seq) throw new Error(`a hole before ${text}`);
        if (seq !== undefined) last.set(sid, seq);
        if (msg?.event_type === "settled") told.add(msg.market_ticker);
        fold.frame(text);
      }
      if (second % 20 !== 0) continue;
      for (const symbol of symbols()) {
        const best = (side: 0 | 1) => exchange.levels(symbol, side)[0]?.ticks ?? -1;
        expect([symbol, fold.top(symbol)]).toEqual([symbol, { bid: best(BID), ask: best(ASK) }]);
      }
    }
    market.stop();
    clock.advanceTo((START + 1_000 * SECOND) as never);
    for (const text of client.texts) {
      const { msg } = JSON.parse(text);
      if (msg?.event_type === "settled") told.add(msg.market_ticker);
    }
    expect(resolved.size).toBeGreaterThan(100);
    expect([...resolved].filter((symbol) => !told.has(symbol))).toEqual([]);
    expect([...frames.keys()]).toEqual(
      expect.arrayContaining([
        "orderbook_delta",
        "orderbook_snapshot",
        "trade",
        "ticker",
        "market_lifecycle_v2",
        "ok",
      ]),
    );
    const open = (symbol: string): ExchangeMarket => exchange.market(symbol)!;
    expect(symbols().every((symbol) => open(symbol) !== undefined)).toBe(true);
    server.close();
  });
});
