import { z } from "zod";
import type { ListedBook, MapperEnv, Micros, SessionEnv } from "../../../src/contracts/index.ts";
import { Announcer } from "../announce.ts";
import { type GammaMarket, parseGammaEvent, parseGammaMarket } from "../gamma.ts";
import type { Directory, MarketTokens } from "./directory.ts";
import { readBody } from "./rest.ts";

const EventPage = z.object({ events: z.array(z.unknown()), next_cursor: z.string().nullish() });
const MarketPage = z.object({ markets: z.array(z.unknown()) });
const quantity = z.union([z.number(), z.string()]).nullish().catch(null);
const MarketWeight = z.object({ conditionId: z.string(), volume24hr: quantity });
const EventWeight = z.object({ liquidity: quantity, markets: z.array(z.unknown()).catch([]) });

/** A page of `/events/keyset`; `cursor` empty = it is the last one. */
export interface CataloguePage {
  readonly events: readonly unknown[];
  readonly cursor: string;
}

/** Null when the body is no such page. */
export function readEventPage(body: Uint8Array): CataloguePage | null {
  const page = EventPage.safeParse(readBody(body));
  return page.success ? { events: page.data.events, cursor: page.data.next_cursor ?? "" } : null;
}

/** Null when the body is no page of `/markets/keyset`. */
export function readMarketPage(body: Uint8Array): readonly unknown[] | null {
  return MarketPage.safeParse(readBody(body)).data?.markets ?? null;
}

/** Objects of the catalogue -> facts, the directory, and what the shell is told of books. */
export class Catalogue {
  readonly #env: SessionEnv;
  readonly #directory: Directory;
  readonly #minLiquidity: number;
  #announcer: Announcer | null = null;
  #announcedTo: MapperEnv | null = null;

  constructor(env: SessionEnv, directory: Directory, minLiquidity: number) {
    this.#env = env;
    this.#directory = directory;
    this.#minLiquidity = minLiquidity;
  }

  /** Announces events; an event below the liquidity asked for, or beyond the bound on markets, is left out whole. */
  events(values: readonly unknown[], reading: number): void {
    const at = this.#env.clock.now();
    const listed: ListedBook[] = [];
    this.#env.feed.describe((mapperEnv) => {
      const announcer = this.#announcerOf(mapperEnv);
      for (const value of values) this.#event(value, announcer, reading, at, listed);
    });
    if (listed.length > 0) this.#env.report.listed(listed);
  }

  /** Announces single markets: how they ended, mostly. */
  markets(values: readonly unknown[], reading: number): void {
    const at = this.#env.clock.now();
    const listed: ListedBook[] = [];
    this.#env.feed.describe((mapperEnv) => {
      const announcer = this.#announcerOf(mapperEnv);
      for (const value of values) {
        const market = parseGammaMarket(value, this.#env.venue, at);
        if (market === null) this.#env.report.refused("feed.shape", "a market of the catalogue");
        else if (market.listing !== null && this.#directory.get(market.listing.symbol) !== undefined) {
          announcer.market(market, at);
          this.#list(market, 0, reading, listed);
        }
      }
    });
    if (listed.length > 0) this.#env.report.listed(listed);
  }

  #event(value: unknown, announcer: Announcer, reading: number, at: Micros, listed: ListedBook[]): void {
    const event = parseGammaEvent(value, this.#env.venue, at);
    const weights = EventWeight.safeParse(value).data;
    if (event === null || weights === undefined) {
      this.#env.report.refused("feed.shape", "an event of the catalogue");
      return;
    }
    if (event.unreadable > 0)
      this.#env.report.refused("feed.shape", `event ${event.id}: ${event.unreadable} markets`);
    if (amount(weights.liquidity) < this.#minLiquidity) return;
    const isNew = event.markets.some(
      ({ listing }) => listing && this.#directory.get(listing.symbol) === undefined,
    );
    if (isNew && this.#directory.isFull) {
      this.#directory.leftOut += event.markets.length;
      return;
    }
    announcer.event(event, at);
    const volumes = new Map<string, number>();
    for (const market of weights.markets) {
      const weight = MarketWeight.safeParse(market).data;
      if (weight !== undefined) volumes.set(weight.conditionId, amount(weight.volume24hr));
    }
    for (const market of event.markets)
      this.#list(market, volumes.get(market.conditionId) ?? 0, reading, listed);
  }

  #list(market: GammaMarket, weight: number, reading: number, listed: ListedBook[]): void {
    if (market.listing === null) return;
    const { symbol, mirrorSymbol, status } = market.listing;
    const { conditionId, negRisk, version } = market;
    const tokens: MarketTokens = { symbol, mirror: mirrorSymbol ?? null, conditionId, negRisk, version };
    const change = this.#directory.put(tokens, status === "open", weight, reading);
    if (change !== null) listed.push(change);
  }

  /** The announcer remembers what it said, so it is kept as long as it speaks to the same mapper. */
  #announcerOf(env: MapperEnv): Announcer {
    if (this.#announcer === null || this.#announcedTo !== env) {
      this.#announcedTo = env;
      this.#announcer = new Announcer(env, (fact, at) => env.sink.object(fact, at));
    }
    return this.#announcer;
  }
}

/** Only ranks and filters: a float will do. */
function amount(value: number | string | null | undefined): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) && number > 0 ? number : 0;
}
