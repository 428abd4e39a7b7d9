import type { Family, MarketView } from "../../src/contracts/index.ts";
import { bestPrice, COMMON_SCALE } from "../../src/proof/quotes.ts";

/** Best prices of an event on the common scale, before fees: whether a basket can pay at all. */
export interface Gross {
  /** Sum of the YES asks. */
  yesSum: number;
  /** True when an outcome has no usable YES ask: the YES basket has a hole. */
  yesMissing: boolean;
  /** Sum over the usable NO asks of one minus the price. */
  noGain: number;
  noCount: number;
  /** Outcomes, quoted or not. */
  outcomes: number;
}

/** Fills `gross` for a family: the lane's hot path. Allocates nothing. */
export function grossOf(view: MarketView, family: Family, gross: Gross): void {
  gross.yesSum = 0;
  gross.noGain = 0;
  gross.noCount = 0;
  gross.outcomes = family.unquoted.length;
  gross.yesMissing = family.unquoted.length > 0;
  for (let at = 0; at < family.members.length; at += 1) {
    const instrument = view.instrument(family.members[at]!);
    if (instrument === undefined) {
      gross.yesMissing = true;
      continue;
    }
    if (instrument.side !== "no") {
      gross.outcomes += 1;
      const yes = bestPrice(view, instrument, "YES", "buy");
      if (yes < 0) gross.yesMissing = true;
      else gross.yesSum += yes;
    }
    if (instrument.side !== "yes") {
      const no = bestPrice(view, instrument, "NO", "buy");
      if (no < 0) continue;
      gross.noCount += 1;
      gross.noGain += COMMON_SCALE - no;
    }
  }
}
