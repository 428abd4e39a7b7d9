import type { Finding, Leg, LegAction, Lots, Sha256Hex, Ticks } from "../contracts/index.ts";
import { type CertificateMeta, certify } from "./certificate.ts";
import type { Claim } from "./claim.ts";
import type { Portfolio } from "./portfolio.ts";

const ACTIONS: Readonly<Record<`${Claim["action"]}_${Claim["side"]}`, LegAction>> = {
  buy_YES: "buy_yes",
  buy_NO: "buy_no",
  sell_YES: "sell_yes",
  sell_NO: "sell_no",
};

/** A solved portfolio as a lane hands it on, with its certificate. */
export function findingOf(portfolio: Portfolio, meta: CertificateMeta, sha256: Sha256Hex): Finding {
  return {
    lane: meta.lane,
    family: meta.family,
    style: styleName(portfolio),
    legs: portfolio.legs.map(
      ({ claim, lots, fills }): Leg => ({
        book: claim.book,
        action: ACTIONS[`${claim.action}_${claim.side}`],
        lots: lots as Lots,
        limitTicks: fills.at(-1)!.ticks as Ticks,
      }),
    ),
    certificate: certify(portfolio, meta, sha256),
    guaranteed: portfolio.guaranteed.toString(),
    capital: portfolio.capital.toString(),
    confidence: 1,
  };
}

/** The basket's name; a basket that is netted or converted at once has a name of its own. */
function styleName({ style, conversions }: Portfolio): string {
  if (style === "pair" && conversions.length > 0) return "pair_merge";
  if (style === "no_basket" && conversions.length > 0) return "no_convert";
  return style;
}
