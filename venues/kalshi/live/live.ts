import type { VenueLive } from "../../../src/contracts/index.ts";
import { kalshiEmbedded } from "../embedded/module.ts";
import { configure, HOSTS, SECRETS } from "./configure.ts";
import { stress } from "./failures.ts";
import { PROBES } from "./probes.ts";
import { RATES } from "./rates.ts";

/** How to connect to Kalshi: keyless it is polled, with a key it streams, and orders can be sent. */
export const kalshiLive: VenueLive = {
  hosts: HOSTS,
  rates: RATES,
  secrets: SECRETS,
  probes: PROBES,
  stress,
  configure,
  embedded: kalshiEmbedded,
};
