import type { EmbeddedEvent, Rng } from "../../contracts/index.ts";
import type { ListedMarket } from "./listed-market.ts";
import type { MatchingExchange } from "./matching-exchange.ts";
import type { Slot } from "./universe.ts";

/** Probabilities and planned prices are parts per 10,000, whatever a venue's own scale. */
export const PARTS = 10_000;
/** Probabilities move in these steps. */
export const PART_STEP = 10;
const LONGSHOT_PARTS = 50;
const LEAST_PARTS = 400;

/** One venue's book of one outcome, with its market maker. */
export interface Quote {
  readonly exchange: MatchingExchange;
  readonly book: ListedMarket;
  readonly outcome: number;
  /** Distance of the maker's best prices from the probability, in parts; never 0. */
  halfParts: number;
}

export interface Outcome {
  /** True probability now, the same for every venue that lists the topic. */
  parts: number;
  /** A longshot: never moves, its ask lies where prices are not believed. */
  readonly pinned: boolean;
  /** One for each venue. */
  readonly quotes: readonly Quote[];
}

/** One question with its truth, as it is listed at one venue or two. */
export interface Topic {
  readonly slot: Slot;
  readonly generation: number;
  readonly outcomes: readonly Outcome[];
  readonly events: readonly { readonly exchange: MatchingExchange; readonly event: EmbeddedEvent }[];
  /** Probability that none of the outcomes happens. */
  hiddenParts: number;
  /** While above 0 only its holders move the best prices. */
  holds: number;
  open: boolean;
  readonly closesAt: number;
}

export function quotesOf(topic: Topic): readonly Quote[] {
  return topic.outcomes.flatMap((outcome) => outcome.quotes);
}

/** First probabilities of a slot's outcomes, and what is left for none of them; together one. */
export function drawTruth(
  slot: Slot,
  rng: Rng,
): { readonly parts: readonly number[]; readonly hidden: number } {
  const hidden = drawHidden(slot, rng);
  const normal = slot.longshot ? slot.outcomes - 1 : slot.outcomes;
  const total = PARTS - hidden - (slot.longshot ? LONGSHOT_PARTS : 0);
  const weights = Array.from({ length: normal }, () => 1 + rng.int(8));
  const sum = weights.reduce((a, b) => a + b, 0);
  const free = total - normal * LEAST_PARTS;
  const parts = weights.map((weight) => LEAST_PARTS + toStep((free * weight) / sum));
  parts[0] = parts[0]! + total - parts.reduce((a, b) => a + b, 0);
  if (slot.longshot) parts.push(LONGSHOT_PARTS);
  return { parts, hidden };
}

/** Which outcome happens, by the probabilities as they stand; -1 = none of them. */
export function drawWinner(topic: Topic, rng: Rng): number {
  let draw = rng.int(topic.outcomes.reduce((sum, outcome) => sum + outcome.parts, topic.hiddenParts));
  for (let i = 0; i < topic.outcomes.length; i++) {
    draw -= topic.outcomes[i]!.parts;
    if (draw < 0) return i;
  }
  return -1;
}

function drawHidden(slot: Slot, rng: Rng): number {
  if (slot.kind === "bucket") return 0;
  return slot.kind === "open_bucket" ? PART_STEP * (150 + rng.int(150)) : PART_STEP * (200 + rng.int(600));
}

function toStep(parts: number): number {
  return Math.floor(parts / PART_STEP) * PART_STEP;
}
