/**
 * Natural logarithm from integer arithmetic, because the last bits of `Math.log` belong to the platform and would leak
 * into digests through sizing. Worked to 2^-200 and rounded once, so the result is the nearest double (a true value
 * closer than 2^-140 to the middle of two doubles would be needed to miss it).
 */

const BITS = 200n;
const MANTISSA_BITS = 52n;
const MANTISSA_MASK = (1n << MANTISSA_BITS) - 1n;
const EXPONENT_BIAS = 1023;
const LARGEST_SUBNORMAL_EXPONENT = 1022;
const HALF_SCALE = 2 ** -100;

const float = new Float64Array(1);
const bits = new BigUint64Array(float.buffer);

/** 2 artanh(top / bottom) scaled by 2^200: the series in odd powers; converges while the ratio is well below 1. */
function twiceArtanh(top: bigint, bottom: bigint): bigint {
  const ratio = (top << BITS) / bottom;
  const square = (ratio * ratio) >> BITS;
  let power = ratio;
  let sum = 0n;
  for (let odd = 1n; power !== 0n && power !== -1n; odd += 2n) {
    sum += power / odd;
    power = (power * square) >> BITS;
  }
  return 2n * sum;
}

const LN_2 = twiceArtanh(1n, 3n);
/** Square root of two, scaled like a mantissa; the mantissa is halved above it to keep the series short. */
const ROOT_2 = 6_369_051_672_525_773n;

/** Nearest double to the natural logarithm. NaN below 0 and for NaN, -Infinity at 0, Infinity at Infinity. */
export function ln(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  float[0] = x;
  let mantissa = bits[0]! & MANTISSA_MASK;
  let exponent = Number(bits[0]! >> MANTISSA_BITS) - EXPONENT_BIAS;
  if (exponent === -EXPONENT_BIAS) exponent = -LARGEST_SUBNORMAL_EXPONENT;
  else mantissa += 1n << MANTISSA_BITS;
  while (mantissa >> MANTISSA_BITS === 0n) {
    mantissa <<= 1n;
    exponent -= 1;
  }
  let unit = 1n << MANTISSA_BITS;
  if (mantissa > ROOT_2) {
    unit <<= 1n;
    exponent += 1;
  }
  const scaled = twiceArtanh(mantissa - unit, mantissa + unit) + BigInt(exponent) * LN_2;
  return Number(scaled) * HALF_SCALE * HALF_SCALE;
}
