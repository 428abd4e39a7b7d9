import {
  type BookId,
  type CertificateFee,
  type CertificateRelation,
  type Level,
  parseDecimal,
  parseScaled,
} from "../../contracts/index.ts";
import type { Claim } from "../../proof/claim.ts";
import { quantaOf } from "../../proof/exact.ts";
import type { Conversion, Problem } from "../../proof/problem.ts";
import type { VectorFee, VectorInput, VectorInstrument, VectorRelation } from "./vector-schema.ts";

const SCALE = 1_000_000;
const DIGITS = 6;

/** Precision of Kalshi's trade fee in the cases that do not state one; all of them reproduce with it. */
const TRADE_FEE_PRECISION = "0.0001";

/** The problem of an arbitrage case, without the instruments that the gates removed. */
export function problemOf(input: VectorInput, rejected: ReadonlySet<string>): Problem {
  const markets: Record<string, string> = {};
  for (const { market, prop } of input.instruments) markets[prop] ??= market;
  for (const [market, prop] of Object.entries(input.markets ?? {})) markets[prop] ??= market;
  const accepted = input.instruments.filter((instrument) => !rejected.has(instrument.id));
  return {
    propositions: input.propositions,
    markets,
    relations: input.relations.map((relation) => relationOf(relation, input.propositions)),
    claims: accepted.flatMap((instrument, index) => claimsOf(instrument, index, input)),
    conversions: (input.transforms ?? []).map(conversionOf),
  };
}

function conversionOf(transform: NonNullable<VectorInput["transforms"]>[number]): Conversion {
  const max = transform.max === null || transform.max === undefined ? null : quantaOf(String(transform.max));
  if (transform.type !== "neg_risk_convert") return { type: transform.type, market: transform.market, max };
  return { type: transform.type, markets: transform.markets, feeBips: transform.fee_bips, max };
}

function relationOf(relation: VectorRelation, all: readonly string[]): CertificateRelation {
  const evidence = { evidenceHash: "vector", expiresAt: null };
  switch (relation.type) {
    case "exclusive":
    case "exhaustive":
      return { type: relation.type, propositions: relation.props, ...evidence };
    case "at_most":
    case "at_least":
      return { type: relation.type, propositions: relation.props, k: relation.k, ...evidence };
    case "implies":
    case "equals":
    case "complement":
      return { type: relation.type, a: relation.a, b: relation.b, ...evidence };
    case "union":
    case "intersection":
      return { type: relation.type, parent: relation.parent, children: relation.children, ...evidence };
    case "unknown":
      return { type: relation.type, propositions: relation.props ?? all, ...evidence };
  }
}

function claimsOf(instrument: VectorInstrument, index: number, input: VectorInput): Claim[] {
  const fee = input.fees[instrument.fee];
  if (fee === undefined)
    throw new Error(`${instrument.id} names the fee ${instrument.fee}, which is not given`);
  const terms = {
    instrument: instrument.id,
    book: index as BookId,
    venue: instrument.venue,
    market: instrument.market,
    proposition: instrument.prop,
    side: instrument.side,
    priceScale: SCALE,
    sizeScale: SCALE,
    lotStep: scaled(instrument.lot),
    minLots: scaled(instrument.min_qty ?? "0"),
    feeVersion: instrument.fee,
    fee: certificateFee(fee),
    maxLots: null,
  };
  const claims: Claim[] = [];
  const asks = ladderOf(instrument.asks);
  if (asks.length > 0) claims.push({ ...terms, action: "buy", ladder: asks });
  const bids = ladderOf(instrument.bids ?? []);
  if (input.allow_sell === true && bids.length > 0) claims.push({ ...terms, action: "sell", ladder: bids });
  return claims;
}

/** Fee terms of a case in the certificate's words. */
export function certificateFee(fee: VectorFee): CertificateFee {
  switch (fee.type) {
    case "kalshi":
      return {
        type: "kalshi",
        rate: fee.rate,
        balancePrecision: fee.balance_precision,
        tradeFeePrecision: fee.trade_fee_precision ?? TRADE_FEE_PRECISION,
      };
    case "quadratic":
      return {
        type: "quadratic",
        rate: fee.rate,
        exponent: fee.exponent ?? 1,
        decimals: fee.dp,
        rounding: fee.round,
      };
    default:
      return fee;
  }
}

/** A level without size is no level. */
function ladderOf(levels: readonly (readonly [string, string])[]): Level[] {
  return levels
    .map(([price, size]) => ({ ticks: scaled(price), lots: scaled(size) }) as Level)
    .filter((level) => level.lots > 0);
}

/** A decimal of a case in millionths. */
export function scaled(text: string): number {
  const value = parseScaled(text, DIGITS);
  if (value === null) throw new Error(`"${text}" is no decimal with at most ${DIGITS} places`);
  return value;
}

/** True for a decimal that can be read exactly. */
export function isDecimal(text: string): boolean {
  return parseDecimal(text, DIGITS) !== null;
}
