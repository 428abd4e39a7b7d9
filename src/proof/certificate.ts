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
import { quantaText } from "./exact.ts";
import type { Portfolio, PortfolioLeg } from "./portfolio.ts";
import type { AppliedConversion } from "./problem.ts";

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
  const legs = portfolio.legs.map(legOf);
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
    books: legs.map((leg) => bookOf(leg, meta, sha256)),
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
  return { ...body, hash: sha256(canonicalJson(body)) };
}

/** JSON with the keys of every object sorted and no white space: the bytes that are hashed. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/** Hash of a ladder as it stood: SHA-256 over its canonical JSON. */
export function ladderHash(ladder: CertificateLeg["ladder"], sha256: Sha256Hex): string {
  return sha256(canonicalJson(ladder));
}

function legOf(leg: PortfolioLeg): CertificateLeg {
  const { claim } = leg;
  const priceDigits = digitsOf(claim.priceScale);
  const sizeDigits = digitsOf(claim.sizeScale);
  const price = (ticks: number) => formatDecimal(BigInt(ticks), priceDigits);
  const size = (lots: number) => formatDecimal(BigInt(lots), sizeDigits);
  const quantity = size(leg.lots);
  return {
    instrument: claim.instrument,
    venue: claim.venue,
    market: claim.market,
    proposition: claim.proposition,
    side: claim.side,
    action: claim.action,
    lot: size(claim.lotStep),
    minQuantity: size(claim.minLots),
    feeVersion: claim.feeVersion,
    fee: claim.fee,
    ladder: claim.ladder.map((level) => [price(level.ticks), size(level.lots)] as const),
    fills: leg.fills.map((fill) => [price(fill.ticks), size(fill.lots), quantaText(fill.fee)] as const),
    quantity,
    received: quantaText(leg.received),
    cash: quantaText(leg.cash),
  };
}

function transformOf(conversion: AppliedConversion): CertificateTransform {
  return { ...conversion, quantity: quantaText(conversion.quantity) };
}

function bookOf(leg: CertificateLeg, meta: CertificateMeta, sha256: Sha256Hex): CertificateBook {
  return {
    instrument: leg.instrument,
    factSeq: meta.factSeq,
    at: meta.issuedAt,
    ladderHash: ladderHash(leg.ladder, sha256),
  };
}

/** Decimal places of a power of ten. */
function digitsOf(scale: number): number {
  return String(scale).length - 1;
}
