const MAX_DOUBLINGS = 30;

/** base x 2^times, at most `cap`. Nothing is drawn by chance here: what is repaired spreads itself over ticks. */
export function doubled(base: number, times: number, cap: number): number {
  return Math.min(cap, base * 2 ** Math.min(times, MAX_DOUBLINGS));
}
