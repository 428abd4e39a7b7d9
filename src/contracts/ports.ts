import type { Micros } from "./units.ts";

/** The only source of time below the shell. */
export interface Clock {
  now(): Micros;
}

/** Seeded chance. `fork` gives an independent stream, so a new consumer shifts no other. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  int(bound: number): number;
  fork(label: string): Rng;
}

/** SHA-256 in lower-case hex; injected so that the core needs no crypto module. */
export type Sha256Hex = (text: string) => string;
