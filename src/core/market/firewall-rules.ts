import type { TickRange } from "../../contracts/index.ts";

/**
 * The rules of the quote firewall: each a pure predicate over integers, each with one reason code of its own.
 * Prices are ticks on the book's own scale; -1 = the side is empty. A middle is doubled (`bid + ask`) to stay integer.
 */

/** `quote.invalid_price`: a claim that pays at most one is never worth nothing, one, or more. */
export function isInvalidPrice(ticks: number, scale: number): boolean {
  return !(ticks > 0 && ticks < scale);
}

/** `quote.invalid_size`: sizes at rest are whole lots, not negative, and exact as a number. */
export function isInvalidSize(lots: number): boolean {
  return !(lots >= 0 && lots <= Number.MAX_SAFE_INTEGER && Math.floor(lots) === lots);
}

/** `quote.crossed`: a book at rest has its best bid below its best ask; locked counts as crossed. */
export function isCrossed(bid: number, ask: number): boolean {
  return bid >= 0 && ask >= 0 && bid >= ask;
}

/** `quote.one_sided`. */
export function isOneSided(bid: number, ask: number): boolean {
  return bid < 0 || ask < 0;
}

/** `quote.micro_price`: outside the band given in permille of the payout. */
export function isMicroPrice(
  ticks: number,
  scale: number,
  minPermille: number,
  maxPermille: number,
): boolean {
  return ticks >= 0 && (ticks * 1000 < scale * minPermille || ticks * 1000 > scale * maxPermille);
}

/** `quote.jump`: the middle moved by more than `maxPermille` of the payout. */
export function isJump(middle2: number, previous2: number, scale: number, maxPermille: number): boolean {
  return Math.abs(middle2 - previous2) * 1000 > 2 * scale * maxPermille;
}

/** `quote.off_tick`: no stated range has this price on its grid. */
export function isOffTick(ticks: number, ranges: readonly TickRange[]): boolean {
  if (ticks < 0) return false;
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i]!;
    if (ticks < range.fromTicks || ticks > range.toTicks) continue;
    if (range.stepTicks > 0 && (ticks - range.fromTicks) % range.stepTicks === 0) return false;
  }
  return true;
}

/**
 * `quote.unified_cross`: two views of one book in which YES and NO together cost less than they pay,
 * or sell for more. Each view is on its own scale.
 */
export function isUnifiedCross(
  bid: number,
  ask: number,
  siblingBid: number,
  siblingAsk: number,
  scale: number,
): boolean {
  return (
    (ask >= 0 && siblingAsk >= 0 && ask + siblingAsk < scale) ||
    (bid >= 0 && siblingBid >= 0 && bid + siblingBid > scale)
  );
}

/** `quote.stale`: instants in Micros; never proved is stale. */
export function isStale(now: number, provedAt: number, maxAgeMicros: number): boolean {
  return provedAt <= 0 || now - provedAt > maxAgeMicros;
}

/** `quote.frozen`: the venue's own best price moved while the depth it sends did not. */
export function isFrozen(witnessMoves: number, limit: number): boolean {
  return limit > 0 && witnessMoves >= limit;
}
