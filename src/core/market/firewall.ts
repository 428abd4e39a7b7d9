import { ASK, BID } from "../../contracts/index.ts";
import {
  B_ACCEPTED,
  B_BEST,
  B_FLAGS,
  B_GRID,
  B_PENDING,
  B_REASON,
  B_SCALE,
  B_SIBLING,
  B_SIGHTINGS,
  B_STATUS,
  type BookTable,
  FLAG_BAD_SIZE,
  FLAG_UNBOUNDED,
  FLAG_WITNESSED,
  LINE_SHIFT,
} from "./book-table.ts";
import {
  CROSSED,
  FROZEN,
  INVALID_BOOK,
  INVALID_PRICE,
  INVALID_SIZE,
  JUMP,
  MICRO_PRICE,
  NEVER_SEEN,
  NOT_OPEN,
  OFF_GRID,
  OFF_TICK,
  ONE_SIDED,
  SUSPENDED,
  UNIFIED_CROSS,
} from "./codes.ts";
import {
  isCrossed,
  isFrozen,
  isInvalidPrice,
  isJump,
  isMicroPrice,
  isOffTick,
  isOneSided,
  isUnifiedCross,
} from "./firewall-rules.ts";
import type { FirewallOptions } from "./options.ts";
import { type QuoteTerms, STATUS_OPEN, STATUS_UNKNOWN } from "./quote-terms.ts";
import type { Witness } from "./witness.ts";

const NO_MIDDLE = -1;

/**
 * Applies the rules to a book whose top, validity or terms changed. The first reason found bars the side; data faults
 * come before market states. What depends on the passing of time alone (staleness, opening hours) is asked at read.
 */
export class Firewall {
  readonly #table: BookTable;
  readonly #terms: QuoteTerms;
  readonly #witness: Witness;
  readonly #options: FirewallOptions;
  constructor(table: BookTable, terms: QuoteTerms, witness: Witness, options: FirewallOptions) {
    this.#table = table;
    this.#terms = terms;
    this.#witness = witness;
    this.#options = options;
  }

  /** Prices of this book are on a new scale: the old middle says nothing. */
  forget(book: number): void {
    this.#table.words[(book << LINE_SHIFT) + B_ACCEPTED] = NO_MIDDLE;
    this.#table.words[(book << LINE_SHIFT) + B_SIGHTINGS] = 0;
  }

  /** True when the valid book stands crossed or locked. */
  isCrossed(book: number): boolean {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    return (
      words[line + B_REASON] === 0 && isCrossed(words[line + B_BEST + BID]!, words[line + B_BEST + ASK]!)
    );
  }

  /**
   * Judges both sides. `isFresh` says that the venue just spoke of this book, which is what confirms a jump.
   * @returns the reason numbers (0 = usable), bid in the low 16 bits, ask above.
   */
  judge(book: number, isFresh: boolean): number {
    const words = this.#table.words;
    const line = book << LINE_SHIFT;
    const fault = this.#fault(book, line);
    if (fault !== 0) return fault | (fault << 16);
    const bid = words[line + B_BEST + BID]!;
    const ask = words[line + B_BEST + ASK]!;
    const state = this.#state(line, bid, ask, isFresh);
    const bidReason = this.#sideFault(line, bid);
    const askReason = this.#sideFault(line, ask);
    return (bidReason === 0 ? state : bidReason) | ((askReason === 0 ? state : askReason) << 16);
  }

  /** Faults of the data that concern the whole book. */
  #fault(book: number, line: number): number {
    const words = this.#table.words;
    const flags = words[line + B_FLAGS]!;
    if (
      (flags & FLAG_WITNESSED) !== 0 &&
      isFrozen(this.#witness.moves(book), this.#options.frozenWitnessMoves)
    ) {
      return FROZEN;
    }
    const reason = words[line + B_REASON]!;
    if (reason !== 0) {
      if (reason === NEVER_SEEN) return NEVER_SEEN;
      if (reason === OFF_GRID) return INVALID_PRICE;
      return (flags & FLAG_BAD_SIZE) === 0 ? INVALID_BOOK : INVALID_SIZE;
    }
    const bid = words[line + B_BEST + BID]!;
    const ask = words[line + B_BEST + ASK]!;
    if (isCrossed(bid, ask)) return CROSSED;
    const sibling = words[line + B_SIBLING]!;
    if (sibling >= 0) {
      const reasonOfPair = this.#pairFault(line, bid, ask, sibling << LINE_SHIFT);
      if (reasonOfPair !== 0) return reasonOfPair;
    }
    return this.#options.requireTwoSides && isOneSided(bid, ask) ? ONE_SIDED : 0;
  }

  #pairFault(line: number, bid: number, ask: number, other: number): number {
    const words = this.#table.words;
    const otherReason = words[other + B_REASON]!;
    if (otherReason === NEVER_SEEN) return 0;
    const otherBid = words[other + B_BEST + BID]!;
    const otherAsk = words[other + B_BEST + ASK]!;
    if (otherReason !== 0 || isCrossed(otherBid, otherAsk)) return SUSPENDED;
    return isUnifiedCross(bid, ask, otherBid, otherAsk, words[line + B_SCALE]!) ? UNIFIED_CROSS : 0;
  }

  /** Faults of one side's best price. */
  #sideFault(line: number, ticks: number): number {
    if (ticks < 0) return 0;
    const words = this.#table.words;
    const scale = words[line + B_SCALE]!;
    const bounded = (words[line + B_FLAGS]! & FLAG_UNBOUNDED) === 0;
    if (bounded && isInvalidPrice(ticks, scale)) return INVALID_PRICE;
    const grid = words[line + B_GRID]!;
    if (grid !== 0 && isOffTick(ticks, this.#terms.grids[grid]!)) return OFF_TICK;
    const { microMinPermille, microMaxPermille } = this.#options;
    return bounded && isMicroPrice(ticks, scale, microMinPermille, microMaxPermille) ? MICRO_PRICE : 0;
  }

  /** Reasons that lie in the market and not in the data. */
  #state(line: number, bid: number, ask: number, isFresh: boolean): number {
    if (isFresh && !isOneSided(bid, ask)) this.#follow(line, bid + ask);
    const words = this.#table.words;
    if (words[line + B_SIGHTINGS]! > 0) return JUMP;
    const status = words[line + B_STATUS]!;
    if (status === STATUS_OPEN || (status === STATUS_UNKNOWN && this.#options.allowUnknownStatus)) return 0;
    return NOT_OPEN;
  }

  /** Follows the middle; sightings stay above 0 while a jump waits for its confirmations. */
  #follow(line: number, middle2: number): void {
    const { maxJumpPermille, jumpConfirmations } = this.#options;
    const words = this.#table.words;
    const scale = words[line + B_SCALE]!;
    const accepted = words[line + B_ACCEPTED]!;
    const isFar = accepted !== NO_MIDDLE && isJump(middle2, accepted, scale, maxJumpPermille);
    if (isFar && maxJumpPermille > 0) {
      const before = words[line + B_SIGHTINGS]!;
      const confirms = before > 0 && !isJump(middle2, words[line + B_PENDING]!, scale, maxJumpPermille);
      words[line + B_PENDING] = middle2;
      words[line + B_SIGHTINGS] = confirms ? before + 1 : 1;
      if (words[line + B_SIGHTINGS]! <= jumpConfirmations) return;
    }
    words[line + B_ACCEPTED] = middle2;
    words[line + B_SIGHTINGS] = 0;
  }
}
