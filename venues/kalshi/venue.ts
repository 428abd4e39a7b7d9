import { defineVenue } from "../../src/contracts/index.ts";
import { kalshiEncoder } from "./encoder.ts";
import { kalshiLive } from "./live/live.ts";
import { KalshiMapper } from "./mapper.ts";
import { kalshiBbo } from "./recordings/kalshi-bbo.ts";
import { kalshiCsv } from "./recordings/kalshi-csv.ts";
import { kalshiMetadata } from "./recordings/kalshi-metadata.ts";
import { kalshiRestOrderbooks } from "./recordings/kalshi-rest-orderbooks.ts";
import { kalshiWs } from "./recordings/kalshi-ws.ts";
import { kalshiWsDocument } from "./recordings/kalshi-ws-document.ts";
import { KalshiReferenceFold } from "./reference-fold.ts";
import { KALSHI_SCALES } from "./scales.ts";

export const kalshi = defineVenue({
  id: "kalshi",
  about: "Kalshi: one unified YES book per market, dollar prices to 1e-4, sizes to 0.01 contract",
  scales: KALSHI_SCALES,
  createReferenceFold: () => new KalshiReferenceFold(),
  createEncoder: () => kalshiEncoder,
  createMapper: (env) => new KalshiMapper(env),
  recordings: [kalshiWs, kalshiWsDocument, kalshiMetadata, kalshiRestOrderbooks, kalshiCsv, kalshiBbo],
  live: kalshiLive,
});
