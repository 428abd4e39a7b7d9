import type { VenueLive } from "./session.ts";
import type {
  MapperEnv,
  RecordingReader,
  ReferenceFold,
  VenueScales,
  WireEncoder,
  WireMapper,
} from "./venue.ts";

/** One market place, as the registry holds it: one folder under `venues/`. */
export interface VenueModule {
  readonly id: string;
  readonly about: string;
  readonly scales: VenueScales;
  createReferenceFold(): ReferenceFold;
  createEncoder(): WireEncoder;
  createMapper(env: MapperEnv): WireMapper;
  readonly recordings: readonly RecordingReader[];
  /** How to connect to it; null = recordings only. */
  readonly live: VenueLive | null;
}

export function defineVenue(module: VenueModule): VenueModule {
  return module;
}
