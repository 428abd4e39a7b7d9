import type { VenueLive } from "../../../src/contracts/index.ts";
import { limitlessEmbedded } from "../embedded/module.ts";
import { stress } from "./failures.ts";
import { readOptions } from "./options.ts";
import { PROBES } from "./probes.ts";
import { RATES } from "./rates.ts";
import { LimitlessSession } from "./session.ts";

/** Limitless on the wire: catalogue, streamed and polled books, keyless. */
export const limitlessLive: VenueLive = {
  hosts: { rest: "https://api.limitless.exchange", ws: "wss://ws.limitless.exchange" },
  rates: RATES,
  secrets: [],
  probes: PROBES,
  stress,
  configure: (options) => {
    const read = readOptions(options);
    return (env, orders) => new LimitlessSession(env, read, orders);
  },
  embedded: limitlessEmbedded,
};
