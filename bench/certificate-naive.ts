/** Baseline of bench/certificate.ts: the same certificate checked the obvious way, with reduced big fractions. */
import type { Certificate, CertificateLeg, CertificateRelation } from "../src/contracts/index.ts";
import { canonicalJson } from "../src/proof/certificate.ts";

class Fraction {
  readonly top: bigint;
  readonly bottom: bigint;

  constructor(top: bigint, bottom: bigint) {
    let [a, b] = [top < 0n ? -top : top, bottom];
    while (b !== 0n) [a, b] = [b, a % b];
    const divisor = a === 0n ? 1n : a;
    this.top = top / divisor;
    this.bottom = bottom / divisor;
  }

  static of(text: string): Fraction {
    const [whole = "0", decimals = ""] = text.split(".");
    return new Fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  }

  plus(other: Fraction): Fraction {
    return new Fraction(this.top * other.bottom + other.top * this.bottom, this.bottom * other.bottom);
  }

  minus(other: Fraction): Fraction {
    return new Fraction(this.top * other.bottom - other.top * this.bottom, this.bottom * other.bottom);
  }

  times(other: Fraction): Fraction {
    return new Fraction(this.top * other.top, this.bottom * other.bottom);
  }

  equals(other: Fraction): boolean {
    return this.top === other.top && this.bottom === other.bottom;
  }

  above(other: Fraction): boolean {
    return this.top * other.bottom > other.top * this.bottom;
  }

  /** The smallest multiple of `unit` at or above this. */
  ceilTo(unit: Fraction): Fraction {
    const top = this.top * unit.bottom;
    const bottom = this.bottom * unit.top;
    return new Fraction((top + bottom - 1n) / bottom, 1n).times(unit);
  }
}

const ZERO = new Fraction(0n, 1n);
const ONE = new Fraction(1n, 1n);

/** Checks a certificate of purchases; true when every stated number is right. */
export function naiveCheck(certificate: Certificate, sha256: (text: string) => string): boolean {
  const { hash, ...body } = certificate;
  if (sha256(canonicalJson(body)) !== hash) return false;
  let capital = ZERO;
  for (const [index, leg] of certificate.legs.entries()) {
    if (sha256(canonicalJson(leg.ladder)) !== certificate.books[index]!.ladderHash) return false;
    const cost = costOf(leg);
    if (!cost.equals(Fraction.of(leg.cash))) return false;
    capital = capital.plus(cost);
  }
  if (!capital.equals(Fraction.of(certificate.capital))) return false;
  const states = statesOf(certificate);
  if (states.length !== certificate.states.length) return false;
  return states.every((state) => {
    const name = [...state].join("+") || "none";
    const stated = certificate.states.find((candidate) => candidate.name === name);
    if (stated === undefined) return false;
    let payoff = ZERO;
    for (const leg of certificate.legs)
      if (state.has(leg.proposition) === (leg.side === "YES"))
        payoff = payoff.plus(Fraction.of(leg.received));
    const net = payoff.minus(capital);
    return payoff.equals(Fraction.of(stated.payoff)) && net.equals(Fraction.of(stated.net));
  });
}

function costOf(leg: CertificateLeg): Fraction {
  let cash = ZERO;
  let carried = ZERO;
  for (const [price, size, stated] of leg.fills) {
    const value = Fraction.of(price).times(Fraction.of(size));
    const [fee, rest] = feeOf(leg, Fraction.of(price), Fraction.of(size), value, carried);
    if (!fee.equals(Fraction.of(stated))) return ZERO;
    carried = rest;
    cash = cash.plus(value).plus(fee);
  }
  return cash;
}

function feeOf(
  leg: CertificateLeg,
  price: Fraction,
  size: Fraction,
  value: Fraction,
  carried: Fraction,
): [Fraction, Fraction] {
  const { fee } = leg;
  if (fee.type !== "kalshi" && fee.type !== "quadratic") return [ZERO, carried];
  const curve = Fraction.of(fee.rate).times(size).times(price).times(ONE.minus(price));
  if (fee.type === "quadratic") return [curve.ceilTo(new Fraction(1n, 10n ** BigInt(fee.decimals))), carried];
  const unit = Fraction.of(fee.balancePrecision);
  const trade = curve.ceilTo(Fraction.of(fee.tradeFeePrecision));
  const charged = value.plus(trade).ceilTo(unit).minus(value);
  const sum = carried.plus(charged.minus(trade));
  if (!sum.above(unit) || unit.above(charged)) return [charged, sum];
  return [charged.minus(unit), sum.minus(unit)];
}

/** Tries every truth assignment. */
function statesOf(certificate: Certificate): ReadonlySet<string>[] {
  const { propositions } = certificate;
  const states: ReadonlySet<string>[] = [];
  for (let mask = 0; mask < 2 ** propositions.length; mask += 1) {
    const state = new Set(propositions.filter((_, index) => (mask >> index) % 2 === 1));
    if (certificate.relations.every((relation) => allows(relation, state))) states.push(state);
  }
  return states;
}

function allows(relation: CertificateRelation, state: ReadonlySet<string>): boolean {
  if (relation.type !== "exclusive" && relation.type !== "exhaustive") return true;
  const met = relation.propositions.filter((proposition) => state.has(proposition)).length;
  return relation.type === "exclusive" ? met <= 1 : met >= 1;
}
