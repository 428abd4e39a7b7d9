/** An exact fraction in [0, 1]. */
export interface Ratio {
  readonly num: bigint;
  readonly den: bigint;
}

export const WHOLE: Ratio = { num: 1n, den: 1n };

/** Smallest `filled / planned` over the legs: the part of the basket that is complete. */
export function matchedRatio(legs: readonly { readonly planned: number; readonly filled: number }[]): Ratio {
  let least = WHOLE;
  for (const { planned, filled } of legs) {
    const here = { num: BigInt(Math.min(filled, planned)), den: BigInt(planned) };
    if (here.num * least.den < least.num * here.den) least = here;
  }
  return least;
}

export function scaleDown(amount: bigint, { num, den }: Ratio): bigint {
  const scaled = amount * num;
  const whole = scaled / den;
  return scaled < 0n && scaled % den !== 0n ? whole - 1n : whole;
}

export function scaleUp(amount: bigint, ratio: Ratio): bigint {
  return -scaleDown(-amount, ratio);
}
