import type { FeeSpec, Micros } from "../../contracts/index.ts";
import type { FamilyTerms, WorldBook } from "./actions.ts";
import type { Ladder } from "./ladder.ts";

/** The mutable truth behind the books. Only the world's own parts touch it. */

/** One book with its market maker. */
export interface Quote {
  readonly book: WorldBook;
  readonly ladder: Ladder;
  /** The NO book of a pair: quoted on the complement of the latent probability. */
  readonly inverted: boolean;
  stepTicks: number;
  /** Distance of the market maker's best prices from the latent probability. */
  halfTicks: number;
  /** Nothing happens in this book before this instant. */
  silentUntil: number;
}

export interface Outcome {
  /** True probability in ticks; moves in whole grid steps. */
  latentTicks: number;
  /** A longshot that never moves and is quoted inside the micro-price band. */
  readonly pinned: boolean;
  /** One unified book, or the YES and the NO book. */
  readonly quotes: readonly Quote[];
}

export type EventKind = "bucket" | "open_bucket" | "binary" | "pair";

export interface EventState {
  readonly kind: EventKind;
  readonly family: FamilyTerms;
  readonly fee: FeeSpec;
  readonly outcomes: readonly Outcome[];
  /** Probability that none of the outcomes happens. */
  hiddenTicks: number;
  /** While above 0 nobody but its holders moves the best prices. */
  holds: number;
  open: boolean;
  readonly closesAt: Micros;
  /** What is listed again in its place. */
  readonly template: EventTemplate;
}

export interface EventTemplate {
  readonly kind: EventKind;
  readonly venue: "simk" | "simp" | "sims";
  /** Counts events of one kind and venue; chooses titles, fees and connections. */
  readonly slot: number;
  /** How often this slot was listed before. */
  readonly generation: number;
}

export function quotesOf(event: EventState): readonly Quote[] {
  return event.outcomes.flatMap((outcome) => outcome.quotes);
}

export function touchesConnection(event: EventState, connection: number): boolean {
  return event.outcomes.some((o) => o.quotes.some((q) => q.book.connection === connection));
}
