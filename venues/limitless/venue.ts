import { defineVenue } from "../../src/contracts/index.ts";
import { LimitlessEncoder } from "./encode.ts";
import { limitlessLive } from "./live/live.ts";
import { LimitlessMapper } from "./mapper.ts";
import { marketsReader } from "./recordings/markets.ts";
import { LimitlessReferenceFold } from "./reference-fold.ts";
import { SCALES, VENUE } from "./scales.ts";

/** Limitless Exchange on Base: whole books over socket.io and REST. */
export const limitless = defineVenue({
  id: VENUE,
  about: "Limitless (Base): one unified YES book per market, price tick 0.001, sizes in 1e-6 share",
  scales: SCALES,
  createEncoder: () => new LimitlessEncoder(),
  createReferenceFold: () => new LimitlessReferenceFold(),
  createMapper: (env) => new LimitlessMapper(env),
  recordings: [marketsReader],
  live: limitlessLive,
});
