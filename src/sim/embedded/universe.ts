import type { EventSpec, Micros } from "../../contracts/index.ts";
import { binaryWording, contestWording, rangeWording, type Wording } from "./titles.ts";

/** A place in the universe: when its event has ended, the next generation is listed in it. */
export interface Slot {
  readonly slot: number;
  readonly kind: EventSpec["kind"];
  /** Number of outcome markets. */
  readonly outcomes: number;
  /** The last outcome of a bucket is quoted below any price that may be traded on. */
  readonly longshot: boolean;
  /** Positions of the venues that list it; two = coherent prices. */
  readonly venues: readonly number[];
}

const KINDS: readonly EventSpec["kind"][] = [
  "bucket",
  "binary",
  "binary",
  "open_bucket",
  "binary",
  "bucket",
  "binary",
  "bucket",
  "binary",
  "binary",
];
const COHERENT_KINDS: readonly EventSpec["kind"][] = ["binary", "binary", "binary", "bucket"];
/** Titles of a slot's generations are this far apart, so that no two topics share their words. */
const MAX_SLOTS = 100_000;
const BUSIEST_VOLUME = 2_000_000;

/**
 * Slots that give each venue about `marketsPerVenue` markets, `coherentPermille` of them shared with another venue.
 * Earlier slots are the busier ones.
 */
export function slotsOf(venues: number, marketsPerVenue: number, coherentPermille: number): readonly Slot[] {
  const slots: Slot[] = [];
  const markets = Array.from({ length: venues }, () => 0);
  const shared = Array.from({ length: venues }, () => 0);
  let alone = 0;
  let pairs = 0;
  for (;;) {
    const poorest = markets.indexOf(Math.min(...markets));
    if (markets[poorest]! >= marketsPerVenue || slots.length === MAX_SLOTS) return slots;
    const coherent = venues > 1 && shared[poorest]! * 1_000 < coherentPermille * (markets[poorest]! + 1);
    const own = coherent ? [poorest, (poorest + 1) % venues].sort((a, b) => a - b) : [poorest];
    const number = coherent ? pairs++ : Math.floor(alone++ / venues);
    const kinds = coherent ? COHERENT_KINDS : KINDS;
    const kind = kinds[number % kinds.length]!;
    const longshot = kind === "bucket" && !coherent && Math.floor(number / 2) % 4 === 3;
    const outcomes = kind === "binary" ? 1 : 4 + ((number * 7 + slots.length) % 4) + (longshot ? 1 : 0);
    slots.push({ slot: slots.length, kind, outcomes, longshot, venues: own });
    for (const venue of own) {
      markets[venue] = markets[venue]! + outcomes;
      if (coherent) shared[venue] = shared[venue]! + outcomes;
    }
  }
}

/** The question of a slot's generation. The same slot and generation give the same question. */
export function specOf(slot: Slot, generation: number, opensAt: Micros, closesAt: Micros): EventSpec {
  const number = slot.slot + generation * MAX_SLOTS;
  return {
    ...wordingOf(slot, number),
    topic: `topic-${slot.slot}-${generation}`,
    slot: slot.slot,
    generation,
    kind: slot.kind,
    opensAt,
    closesAt,
    variety: slot.slot + generation,
    volume: Math.ceil(BUSIEST_VOLUME / (1 + slot.slot)),
  };
}

function wordingOf(slot: Slot, number: number): Wording {
  if (slot.kind === "binary") return binaryWording(number);
  return slot.kind === "bucket" ? rangeWording(number, slot.outcomes) : contestWording(number, slot.outcomes);
}
