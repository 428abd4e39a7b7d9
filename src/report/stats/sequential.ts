/** Tests that may be looked at after every trade. */

export interface Sprt {
  readonly upper: number;
  readonly lower: number;
  readonly llr_correct: number;
  readonly llr_wrong: number;
  readonly min_correct_run_to_accept: number;
  readonly asn_at_p0: number;
  readonly asn_at_p1: number;
}

/** Wald's sequential probability ratio test of p0 against p1 > p0 (Wald 1945); sample numbers ignore the overshoot. */
export function sprt(p0: number, p1: number, alpha: number, beta: number): Sprt {
  const upper = Math.log((1 - beta) / alpha);
  const lower = Math.log(beta / (1 - alpha));
  const correct = Math.log(p1 / p0);
  const wrong = Math.log((1 - p1) / (1 - p0));
  const drift = (p: number) => p * correct + (1 - p) * wrong;
  return {
    upper,
    lower,
    llr_correct: correct,
    llr_wrong: wrong,
    min_correct_run_to_accept: Math.ceil(upper / correct),
    asn_at_p0: (alpha * upper + (1 - alpha) * lower) / drift(p0),
    asn_at_p1: ((1 - beta) * upper + beta * lower) / drift(p1),
  };
}

/**
 * Wealth of a bettor against "the mean of x is at most 0", x >= -1, with a fixed bet; at 1 / alpha the claim is
 * rejected at any stopping time (Ville; Waudby-Smith and Ramdas 2024).
 */
export function bettingWealth(
  x: readonly number[],
  bet: number,
  alpha: number,
): { readonly wealth: readonly number[]; readonly rejected: boolean } {
  let wealth = 1;
  const path = x.map((value) => {
    wealth *= 1 + bet * value;
    return wealth;
  });
  return { wealth: path, rejected: path.some((value) => value >= 1 / alpha) };
}
