import type { Instrument, Micros } from "../../../../src/contracts/index.ts";
import { PRICE_ONE, SIZE_ONE } from "../../scales.ts";

const RATE_DIGITS = 6;
const RATE_ONE = 10n ** BigInt(RATE_DIGITS);
const PICO_DIGITS = 12;
/** What an unknown fee is taken for: the highest rate the venue charges (crypto, 2026). */
const WORST = { type: "quadratic", rate: "0.07", exponent: 1, decimals: 5 } as const;

/**
 * Fee of one fill as taker, in Pico: rate x C x (P(1-P))^exponent, rounded up to the spec's decimals.
 * Source: FEES 2.1 (docs trading/fees); the venue states no fee with a trade.
 */
export function fillFee(instrument: Instrument, priceTicks: number, lots: number, at: Micros): bigint {
  const version = instrument.fees.findLast(({ from }) => from <= at);
  const spec = version?.spec ?? WORST;
  if (spec.type === "none") return 0n;
  const { rate, exponent, decimals } = spec.type === "quadratic" ? spec : WORST;
  const price = BigInt(priceTicks);
  const spread = (price * (BigInt(PRICE_ONE) - price)) ** BigInt(exponent);
  const quantum = 10n ** BigInt(decimals);
  const scaled = scaledRate(rate) * BigInt(lots) * spread * quantum;
  const one = RATE_ONE * BigInt(SIZE_ONE) * BigInt(PRICE_ONE) ** BigInt(2 * exponent);
  return ((scaled + one - 1n) / one) * 10n ** BigInt(PICO_DIGITS - decimals);
}

function scaledRate(rate: string): bigint {
  const [whole = "0", fraction = ""] = rate.split(".");
  return BigInt(whole) * RATE_ONE + BigInt(fraction.padEnd(RATE_DIGITS, "0"));
}
