import { type Instrument, type Lots, type Micros, PICO_DIGITS, parseDecimal } from "../../contracts/index.ts";
import { type Contracts, contractsOf } from "./claim.ts";
import { withheldShares } from "./postings.ts";

/**
 * Contracts of a buy that never arrive because the venue takes its fee in shares; 0 for every other fee.
 * Rounded up: what is held is never overstated. An unreadable rate withholds everything.
 */
export function withheldOf(instrument: Instrument, lots: Lots, at: Micros): Contracts {
  const spec = instrument.fees.findLast(({ from }) => from <= at)?.spec;
  if (spec?.type !== "in_shares") return 0n;
  const bought = contractsOf(lots, instrument.sizeScale);
  const rate = parseDecimal(spec.bps, PICO_DIGITS);
  return rate === null || rate < 0n ? bought : withheldShares(bought, rate);
}
