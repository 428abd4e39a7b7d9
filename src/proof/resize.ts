import {
  type BookId,
  type CertificateLeg,
  type CertificateTransform,
  type Finding,
  type Instrument,
  type Level,
  type Micros,
  type Pico,
  parseScaled,
  type Sha256Hex,
} from "../contracts/index.ts";
import type { Claim } from "./claim.ts";
import { quantaOf } from "./exact.ts";
import { findingOf } from "./finding.ts";
import type { Conversion, Style } from "./problem.ts";
import { SCAN_STEPS } from "./scan.ts";
import { solve } from "./solve.ts";

/** The basket behind the name that a finding carries. */
const STYLE_OF: Readonly<Record<string, Style>> = {
  pair: "pair",
  pair_merge: "pair",
  split_sell: "split_sell",
  yes_basket: "yes_basket",
  no_basket: "no_basket",
  no_convert: "no_basket",
};

/** Upper bounds of the final size. */
export interface SizeCaps {
  /** Per leg of the finding, in lots of its instrument. */
  readonly maxLots: readonly number[];
  /** Money that may be paid in; null = no cap. */
  readonly maxCapital: Pico | null;
}

/**
 * Solves the basket of a finding again under size caps, on the ladders, fees and relations of its certificate, and
 * writes a new exact certificate. @returns null when no size within the caps pays (or the finding is not of a known style).
 */
export function resize(
  finding: Finding,
  caps: SizeCaps,
  instrumentOf: (book: BookId) => Instrument | undefined,
  sha256: Sha256Hex,
): Finding | null {
  const { certificate, legs } = finding;
  const style = STYLE_OF[finding.style];
  if (style === undefined || legs.length !== certificate.legs.length) return null;
  const claims: Claim[] = [];
  for (const [index, leg] of certificate.legs.entries()) {
    const book = legs[index]!.book;
    const instrument = instrumentOf(book);
    const claim = instrument === undefined ? null : claimFrom(leg, instrument, caps.maxLots[index] ?? 0);
    if (claim === null) return null;
    claims.push(claim);
  }
  const { propositions, markets, relations, transforms } = certificate;
  const problem = { propositions, markets, relations, claims, conversions: mergedConversions(transforms) };
  const portfolio = solve(problem, [style], { maxCapital: caps.maxCapital, steps: SCAN_STEPS });
  if (portfolio === null) return null;
  const factSeq = certificate.books[0]!.factSeq;
  const meta = {
    lane: finding.lane,
    family: finding.family,
    issuedAt: certificate.issuedAt as Micros,
    factSeq,
  };
  return { ...findingOf(portfolio, meta, sha256), confidence: finding.confidence };
}

function claimFrom(leg: CertificateLeg, instrument: Instrument, maxLots: number): Claim | null {
  const priceDigits = String(instrument.priceScale).length - 1;
  const sizeDigits = String(instrument.sizeScale).length - 1;
  const ladder: Level[] = [];
  for (const [price, size] of leg.ladder) {
    const ticks = parseScaled(price, priceDigits);
    const lots = parseScaled(size, sizeDigits);
    if (ticks === null || lots === null) return null;
    ladder.push({ ticks: ticks as Level["ticks"], lots: lots as Level["lots"] });
  }
  const lotStep = parseScaled(leg.lot, sizeDigits);
  const minLots = parseScaled(leg.minQuantity, sizeDigits);
  if (lotStep === null || minLots === null) return null;
  const { book, priceScale, sizeScale } = instrument;
  return { ...leg, book, priceScale, sizeScale, lotStep, minLots, ladder, maxLots };
}

/** What the finding converted, as an offer of at most that much. */
function mergedConversions(transforms: readonly CertificateTransform[]): Conversion[] {
  const offers = new Map<string, Conversion>();
  for (const transform of transforms) {
    const key =
      transform.type === "neg_risk_convert" ? transform.type : `${transform.type} ${transform.market}`;
    const max = (offers.get(key)?.max ?? 0n) + quantaOf(transform.quantity);
    if (transform.type === "neg_risk_convert") {
      const { type, markets, feeBips } = transform;
      offers.set(key, { type, markets, feeBips, max });
    } else offers.set(key, { type: transform.type, market: transform.market, max });
  }
  return [...offers.values()];
}
