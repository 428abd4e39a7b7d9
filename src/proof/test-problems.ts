/** Small problems and their certificates for the tests of this folder. */
import type {
  BookId,
  Certificate,
  CertificateFee,
  CertificateRelation,
  Level,
  Micros,
  Sha256Hex,
} from "../contracts/index.ts";
import type { CheckContext } from "./binding.ts";
import { canonicalJson, certify } from "./certificate.ts";
import type { Claim } from "./claim.ts";
import type { Conversion, Problem, Style } from "./problem.ts";
import { solve } from "./solve.ts";

export const NO_FEE: CertificateFee = { type: "none" };
export const KALSHI: CertificateFee = {
  type: "kalshi",
  rate: "0.07",
  balancePrecision: "0.01",
  tradeFeePrecision: "0.000001",
};
export const POLYMARKET: CertificateFee = {
  type: "quadratic",
  rate: "0.04",
  exponent: 1,
  decimals: 5,
  rounding: "up",
};

/** A claim on one proposition; prices in 1/100, sizes in whole contracts. */
export function claim(
  proposition: string,
  side: "YES" | "NO",
  levels: readonly (readonly [price: number, size: number])[],
  more: Partial<Claim> = {},
): Claim {
  return {
    instrument: `x:${proposition}.${side}`,
    book: 0 as BookId,
    venue: "x",
    market: `x:${proposition}`,
    proposition,
    side,
    action: "buy",
    priceScale: 100,
    sizeScale: 1,
    lotStep: 1,
    minLots: 1,
    feeVersion: "v1",
    fee: NO_FEE,
    ladder: levels.map(([ticks, lots]) => ({ ticks, lots }) as Level),
    maxLots: null,
    ...more,
  };
}

export function problem(
  propositions: readonly string[],
  relations: readonly CertificateRelation[],
  claims: readonly Claim[],
  conversions: readonly Conversion[] = [],
): Problem {
  const markets = Object.fromEntries(propositions.map((name) => [name, `x:${name}`]));
  return { propositions, markets, relations, claims, conversions };
}

export function grouped(
  type: "exclusive" | "exhaustive",
  propositions: readonly string[],
  expiresAt: number | null = null,
): CertificateRelation {
  return { type, propositions, evidenceHash: `rules-${type}`, expiresAt };
}

export function certificateOf(from: Problem, style: Style, sha256: Sha256Hex): Certificate {
  const portfolio = solve(from, [style]);
  if (portfolio === null) throw new Error("this test problem has no profit");
  const meta = { lane: "test", family: "x:event", issuedAt: 1_000 as Micros, factSeq: 7 };
  return certify(portfolio, meta, sha256);
}

/** The context of a certificate that is true. */
export function truthOf(certificate: Certificate): CheckContext {
  const { lane, family, issuedAt, propositions, markets } = certificate;
  const inputs = new Set([canonicalJson(["of", lane, family, issuedAt, propositions, markets])]);
  for (const relation of certificate.relations) inputs.add(canonicalJson(["relation", relation]));
  for (const transform of certificate.transforms) {
    const offer = "noSet" in transform ? { ...transform, noSet: [] } : transform;
    inputs.add(canonicalJson(["transform", { ...offer, quantity: "" }]));
  }
  for (const [at, leg] of certificate.legs.entries()) {
    const { cash, fills, ladder, quantity, received, ...terms } = leg;
    inputs.add(canonicalJson(["leg", terms, certificate.books[at]]));
  }
  return { now: issuedAt, inputs };
}

const ABC = ["A", "B", "C"];
const ABCD = ["A", "B", "C", "D"];

/** One problem of every kind of basket and fee. */
export const PROBLEMS: readonly (readonly [name: string, problem: Problem, style: Style])[] = [
  [
    "pair with Kalshi fees",
    problem(
      ["A"],
      [],
      [
        claim("A", "YES", [[40, 12]], { fee: KALSHI }),
        claim(
          "A",
          "NO",
          [
            [50, 7],
            [52, 30],
          ],
          { fee: KALSHI },
        ),
      ],
    ),
    "pair",
  ],
  [
    "pair with a fee in shares and a fee on winnings",
    problem(
      ["A"],
      [],
      [
        claim("A", "YES", [[44, 100]], { fee: { type: "in_shares", bps: "200" } }),
        claim("A", "NO", [[45, 100]], { fee: { type: "payout_profit", bps: "500" } }),
      ],
    ),
    "pair",
  ],
  [
    "pair that is merged",
    problem(
      ["A"],
      [],
      [
        claim("A", "YES", [[40, 30]]),
        claim("A", "NO", [[50, 20]], { fee: { type: "per_contract", amount: "0.01" } }),
      ],
      [{ type: "merge", market: "x:A", max: null }],
    ),
    "pair",
  ],
  [
    "YES basket",
    problem(
      ABC,
      [grouped("exclusive", ABC), grouped("exhaustive", ABC, 5_000)],
      [
        claim(
          "A",
          "YES",
          [
            [30, 20],
            [32, 50],
          ],
          { fee: POLYMARKET },
        ),
        claim("B", "YES", [[25, 40]], { fee: POLYMARKET }),
        claim(
          "C",
          "YES",
          [
            [20, 10],
            [24, 90],
          ],
          { fee: POLYMARKET },
        ),
      ],
    ),
    "yes_basket",
  ],
  [
    "NO basket of at most two",
    problem(
      ABCD,
      [{ type: "at_most", propositions: ABCD, k: 2, evidenceHash: "rules-two", expiresAt: null }],
      [
        claim("A", "NO", [[45, 25]]),
        claim("B", "NO", [[40, 25]]),
        claim("C", "NO", [[48, 20]]),
        claim("D", "NO", [[50, 25]]),
      ],
    ),
    "no_basket",
  ],
  [
    "converted NO basket",
    problem(
      ABC,
      [grouped("exclusive", ABC)],
      [claim("A", "NO", [[45, 20]]), claim("B", "NO", [[50, 15]])],
      [{ type: "neg_risk_convert", markets: ["x:A", "x:B", "x:C"], feeBips: 0, max: null }],
    ),
    "no_basket",
  ],
  [
    "split and sold",
    problem(
      ["A"],
      [],
      [
        claim(
          "A",
          "YES",
          [
            [56, 70],
            [54, 50],
          ],
          { action: "sell" },
        ),
        claim(
          "A",
          "NO",
          [
            [47, 60],
            [45, 100],
          ],
          { action: "sell", fee: POLYMARKET },
        ),
      ],
      [{ type: "split", market: "x:A", max: null }],
    ),
    "split_sell",
  ],
];
