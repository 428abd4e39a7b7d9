/**
 * The value-decay index of a poll.
 *
 * Opportunities of a book arise as a Poisson stream of rate lambda and value v, and end at rate delta. Polling every T
 * seconds finds the share phi = (1 - e^(-delta T)) / (delta T) of them alive. Maximising sum(lambda v phi) under
 * sum(1 / T) <= B is concave; its Karush-Kuhn-Tucker condition says: poll a book when
 *
 *   W(tau) = (lambda v / delta) (1 - e^(-delta tau) (1 + delta tau)),   tau = time since it was last looked at,
 *
 * reaches a level common to all books. This is the freshness problem of Cho and Garcia-Molina (2003) with delta in the
 * place of the change rate; Azar et al. (PNAS 2018) solve it and show that a deterministic schedule attains the optimum
 * nearly. These floats rank polls; none of them decides a trade.
 */

/** Below this many lifetimes the closed form loses its digits to cancellation; the series is exact to 1e-10. */
const SERIES_BELOW = 1e-3;
/** Beyond this many lifetimes the exponential is nothing. */
const SATURATED_ABOVE = 40;

/**
 * W(tau): what one look now is worth at the margin. Never negative, non-decreasing in `ageSeconds`.
 * @param gain lambda x v, value per second. @param decay delta per second, above 0.
 * @param ageSeconds since the last look; Infinity = never looked at.
 */
export function pollIndex(gain: number, decay: number, ageSeconds: number): number {
  const lives = decay * ageSeconds;
  if (!(lives > 0)) return 0;
  const ceiling = gain / decay;
  if (lives > SATURATED_ABOVE) return ceiling;
  if (lives < SERIES_BELOW) return ceiling * lives * lives * (0.5 - lives * (1 / 3 - lives / 8));
  return ceiling * (1 - Math.exp(-lives) * (1 + lives));
}

/**
 * Seconds of a book's life that one look `ageSeconds` after the last one shows: (1 - e^(-delta tau)) / delta. The number
 * of new opportunities seen is Poisson with mean lambda times this, so it is the exposure from which lambda is learned.
 */
export function exposureSeconds(decay: number, ageSeconds: number): number {
  const lives = decay * ageSeconds;
  if (!(lives > 0)) return 0;
  return lives > SATURATED_ABOVE ? 1 / decay : -Math.expm1(-lives) / decay;
}

/** Share phi of the opportunities that are found alive when a book is polled every `periodSeconds`. */
export function capturedShare(decay: number, periodSeconds: number): number {
  const lives = decay * periodSeconds;
  if (!(lives > 0)) return 1;
  return Number.isFinite(lives) ? -Math.expm1(-lives) / lives : 0;
}
