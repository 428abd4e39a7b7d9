import { defineVenue } from "../../src/contracts/index.ts";
import { PolymarketEncoder } from "./encode.ts";
import { polymarketLive } from "./live/live.ts";
import { PolymarketMapper } from "./mapper.ts";
import { framesDocumentReader, framesReader } from "./recordings/frames.ts";
import { gammaDocumentReader, gammaReader } from "./recordings/gamma.ts";
import { weatherReader } from "./recordings/weather.ts";
import { weatherCsvReader } from "./recordings/weather-csv.ts";
import { PolymarketReferenceFold } from "./reference-fold.ts";
import { SCALES, VENUE } from "./scales.ts";

/** Polymarket (international): the CLOB's public market channel and Gamma's catalogue. */
export const polymarket = defineVenue({
  id: VENUE,
  about: "Polymarket CLOB: one unified book per market, taker fee rate x C x p(1-p), negative-risk events",
  scales: SCALES,
  createEncoder: () => new PolymarketEncoder(),
  createReferenceFold: () => new PolymarketReferenceFold(),
  createMapper: (env) => new PolymarketMapper(env),
  recordings: [
    framesReader,
    framesDocumentReader,
    weatherReader,
    weatherCsvReader,
    gammaReader,
    gammaDocumentReader,
  ],
  live: polymarketLive,
});
