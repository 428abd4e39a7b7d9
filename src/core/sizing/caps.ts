/** A bound on a quantity: at most `limit` of `whole` (same unit) may be taken. */
export interface Cap {
  readonly name: string;
  readonly limit: bigint;
  readonly whole: bigint;
}

/** The tightest of some caps as an exact fraction `num / den` in [0, 1], and its name. */
export interface Share {
  readonly num: bigint;
  readonly den: bigint;
  readonly boundBy: string;
}

/** Nothing bound: all of what was found, as deep as the books allowed. */
export const UNBOUND = "depth";

/** Smallest `limit / whole` over the caps; the first named wins a tie. A cap on nothing (`whole` <= 0) does not bind. */
export function tightest(caps: readonly Cap[]): Share {
  let best: Share = { num: 1n, den: 1n, boundBy: UNBOUND };
  for (const { name, limit, whole } of caps) {
    if (whole <= 0n) continue;
    const num = limit < 0n ? 0n : limit;
    if (num * best.den < best.num * whole) best = { num, den: whole, boundBy: name };
  }
  return best;
}

/** `floor(lots x share)` on the lot grid. */
export function lotsAtShare(lots: number, step: number, { num, den }: Share): number {
  const scaled = (BigInt(lots) * num) / den;
  const grid = BigInt(step);
  return Number(scaled - (scaled % grid));
}
