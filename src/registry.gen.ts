// Written by scripts/gen-registry.ts. Do not edit: run `npm run gen`.
import { bucket } from "../lanes/bucket/lane.ts";
import { intra } from "../lanes/intra/lane.ts";
import { kalshi } from "../venues/kalshi/venue.ts";
import { limitless } from "../venues/limitless/venue.ts";
import { polymarket } from "../venues/polymarket/venue.ts";
import type { LaneModule, VenueModule } from "./contracts/index.ts";

/** Every venue under venues/, by id. */
export const VENUES: ReadonlyMap<string, VenueModule> = new Map<string, VenueModule>([
  ["kalshi", kalshi],
  ["limitless", limitless],
  ["polymarket", polymarket],
]);

/** Every lane under lanes/, by id. Options are `unknown` here: each lane parses its own. */
export const LANES: ReadonlyMap<string, LaneModule<unknown>> = new Map<string, LaneModule<unknown>>([
  ["bucket", bucket as LaneModule<unknown>],
  ["intra", intra as LaneModule<unknown>],
]);
