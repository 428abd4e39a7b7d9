import {
  type FeeSpec,
  type Lots,
  notional,
  type Pico,
  parseDecimal,
  type Ticks,
} from "../../contracts/index.ts";
import { PRICE_SCALE } from "./ladder.ts";

const PICO_DIGITS = 12;

/**
 * Exact cash paid for buying `lots` at one price with one fill of one order, fee included.
 * Kalshi: fee rate x C x P x (1-P) up to the trade-fee precision, cash change floored to the balance precision
 * (fee-rounding page of the Kalshi documentation). Polymarket: rate x C x P x (1-P) rounded up.
 * @throws RangeError for a fee rule that the simulated venues do not use.
 */
export function buyCost(fee: FeeSpec, ticks: number, lots: number, sizeScale: number): Pico {
  const cost = notional(ticks as Ticks, lots as Lots, PRICE_SCALE, sizeScale);
  switch (fee.type) {
    case "none":
      return cost;
    case "kalshi": {
      const model = parabola(fee.takerRate, ticks, lots, sizeScale);
      const charged = ceilTo(model, pico(fee.tradeFeePrecision));
      return ceilTo(cost + charged, pico(fee.balancePrecision)) as Pico;
    }
    case "quadratic":
      if (fee.exponent === 1 && fee.rounding === "up") {
        const step = 10n ** BigInt(PICO_DIGITS - fee.decimals);
        return (cost + ceilTo(parabola(fee.rate, ticks, lots, sizeScale), step)) as Pico;
      }
      break;
    default:
      break;
  }
  throw new RangeError(`no exact cost for the fee rule ${fee.type}`);
}

/** rate x C x P x (1-P) in Pico, rounded up to a whole Pico. */
function parabola(rate: string, ticks: number, lots: number, sizeScale: number): bigint {
  const numerator = pico(rate) * BigInt(lots) * BigInt(ticks) * BigInt(PRICE_SCALE - ticks);
  const denominator = BigInt(sizeScale) * BigInt(PRICE_SCALE) * BigInt(PRICE_SCALE);
  return (numerator + denominator - 1n) / denominator;
}

function ceilTo(value: bigint, step: bigint): bigint {
  return ((value + step - 1n) / step) * step;
}

function pico(text: string): bigint {
  const value = parseDecimal(text, PICO_DIGITS);
  if (value === null) throw new RangeError(`expected decimal text, found ${text}`);
  return value;
}
