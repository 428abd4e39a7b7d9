import {
  CERTIFICATE_VERSION,
  type Certificate,
  type CertificateBook,
  type CertificateLeg,
  type CertificateTransform,
  formatDecimal,
  type Micros,
  type Sha256Hex,
} from "../contracts/index.ts";
import type { Claim } from "./claim.ts";
import { quantaText } from "./exact.ts";
import type { Portfolio, PortfolioLeg } from "./portfolio.ts";
import type { AppliedConversion, Conversion } from "./problem.ts";

/** Who certifies what, and as of when. */
export interface CertificateMeta {
  readonly lane: string;
  readonly family: string;
  readonly issuedAt: Micros;
  /** Fact as of which the ladders were read. */
  readonly factSeq: number;
}

/** Writes the certificate of a worked-out portfolio. The same portfolio gives the same bytes. */
export function certify(portfolio: Portfolio, meta: CertificateMeta, sha256: Sha256Hex): Certificate {
  const { problem } = portfolio;
  const terms = portfolio.legs.map(({ claim, fills }) => legTermsOf(claim, fills.length, meta, sha256));
  const legs = portfolio.legs.map((leg, index) => legOf(leg, terms[index]![0]));
  const body: Omit<Certificate, "hash"> = {
    version: CERTIFICATE_VERSION,
    kind: "enumerated",
    lane: meta.lane,
    family: meta.family,
    issuedAt: meta.issuedAt,
    propositions: problem.propositions,
    markets: problem.markets,
    relations: problem.relations,
    legs,
    transforms: portfolio.conversions.map(transformOf),
    books: terms.map(([, book]) => book),
    states: portfolio.states.map((state) => ({
      name: state.name,
      payoff: quantaText(state.payoff),
      net: quantaText(state.net),
    })),
    capital: quantaText(portfolio.capital),
    immediateCash: quantaText(portfolio.immediateCash),
    fees: quantaText(portfolio.fees),
    worstState: portfolio.worst[0]!,
    guaranteed: quantaText(portfolio.guaranteed),
  };
  return sorted({ ...body, hash: sha256(canonicalJson(body)) });
}

/** JSON with the keys of every object sorted and no white space: the bytes that are hashed. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** A copy with the keys of every object sorted: its plain JSON is canonical. */
export function sorted<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sorted) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)])) as T;
}

/** Hash of a ladder as it stood: SHA-256 over its canonical JSON. */
function ladderHash(ladder: CertificateLeg["ladder"], sha256: Sha256Hex): string {
  return sha256(canonicalJson(ladder));
}

/**
 * The terms of a leg (everything that is no result of the solve) and the book it is read from. Of the ladder only the
 * first `levels` are written down: those that the order reaches.
 */
export function legTermsOf(
  claim: Claim,
  levels: number,
  { factSeq, issuedAt: at }: Pick<CertificateMeta, "factSeq" | "issuedAt">,
  sha256: Sha256Hex,
): [CertificateTerms, CertificateBook] {
  const sizeDigits = digitsOf(claim.sizeScale);
  const terms = {
    instrument: claim.instrument,
    venue: claim.venue,
    market: claim.market,
    proposition: claim.proposition,
    side: claim.side,
    action: claim.action,
    lot: formatDecimal(BigInt(claim.lotStep), sizeDigits),
    minQuantity: formatDecimal(BigInt(claim.minLots), sizeDigits),
    feeVersion: claim.feeVersion,
    fee: claim.fee,
  };
  const hash = ladderHash(ladderText(claim, levels), sha256);
  return [terms, { instrument: claim.instrument, factSeq, at, ladderHash: hash }];
}

/** A conversion as an offer: what the certificate's transform is, apart from how much of it is used. */
export function transformOffer(conversion: Conversion): CertificateTransform {
  if (conversion.type !== "neg_risk_convert")
    return { type: conversion.type, market: conversion.market, quantity: "" };
  const { type, markets, feeBips } = conversion;
  return { type, markets, noSet: [], feeBips, quantity: "" };
}

type CertificateTerms = Omit<CertificateLeg, "ladder" | "fills" | "quantity" | "received" | "cash">;

function ladderText(claim: Claim, levels: number): CertificateLeg["ladder"] {
  const priceDigits = digitsOf(claim.priceScale);
  const sizeDigits = digitsOf(claim.sizeScale);
  return claim.ladder
    .slice(0, levels)
    .map(
      ({ ticks, lots }) =>
        [formatDecimal(BigInt(ticks), priceDigits), formatDecimal(BigInt(lots), sizeDigits)] as const,
    );
}

function legOf(leg: PortfolioLeg, terms: CertificateTerms): CertificateLeg {
  const { claim } = leg;
  const priceDigits = digitsOf(claim.priceScale);
  const sizeDigits = digitsOf(claim.sizeScale);
  const price = (ticks: number) => formatDecimal(BigInt(ticks), priceDigits);
  const size = (lots: number) => formatDecimal(BigInt(lots), sizeDigits);
  return {
    ...terms,
    ladder: ladderText(claim, leg.fills.length),
    fills: leg.fills.map((fill) => [price(fill.ticks), size(fill.lots), quantaText(fill.fee)] as const),
    quantity: size(leg.lots),
    received: quantaText(leg.received),
    cash: quantaText(leg.cash),
  };
}

function transformOf(conversion: AppliedConversion): CertificateTransform {
  return { ...conversion, quantity: quantaText(conversion.quantity) };
}

/** Decimal places of a power of ten. */
function digitsOf(scale: number): number {
  return String(scale).length - 1;
}
