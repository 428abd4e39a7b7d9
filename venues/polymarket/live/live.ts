import type { VenueLive } from "../../../src/contracts/index.ts";
import { polymarketEmbedded } from "../embedded/module.ts";
import { stress } from "./failures.ts";
import { readOptions } from "./options.ts";
import { PROBES } from "./probes.ts";
import { RATES } from "./rates.ts";
import { SECRETS } from "./secrets.ts";
import { PolymarketSession } from "./session.ts";

/** Polymarket on the wire: catalogue, market data and, when switched on, orders. */
export const polymarketLive: VenueLive = {
  hosts: {
    gamma: "https://gamma-api.polymarket.com",
    clob: "https://clob.polymarket.com",
    ws: "wss://ws-subscriptions-clob.polymarket.com/ws",
    geo: "https://polymarket.com",
  },
  rates: RATES,
  secrets: SECRETS,
  probes: PROBES,
  stress,
  configure: (options) => {
    const read = readOptions(options);
    return (env, orders) => new PolymarketSession(env, read, orders);
  },
  embedded: polymarketEmbedded,
};
