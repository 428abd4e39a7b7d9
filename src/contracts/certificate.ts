/**
 * The certificate: a table that proves what a portfolio pays in every state of the world.
 * It is plain JSON with exact decimal text, so that anyone can check it anywhere (ARBITRAGE.md 2.3).
 * `src/proof/checker.ts` verifies it with integers only and shares no code with the finders.
 */

export const CERTIFICATE_VERSION = 1;

/** Fee terms as written into a certificate. Same meaning as `FeeSpec`, reduced to what applies to this leg. */
export type CertificateFee =
  | { readonly type: "none" }
  | {
      readonly type: "kalshi";
      readonly rate: string;
      readonly balancePrecision: string;
      readonly tradeFeePrecision: string;
    }
  | {
      readonly type: "quadratic";
      readonly rate: string;
      readonly exponent: number;
      readonly decimals: number;
      readonly rounding: "up" | "half_up" | "down";
    }
  | { readonly type: "in_shares"; readonly bps: string }
  | { readonly type: "payout_profit"; readonly bps: string }
  | { readonly type: "per_contract"; readonly amount: string };

/** `[price, quantity, fee]`, decimals as text; one ladder level consumed is one fill. */
export type CertificateFill = readonly [price: string, quantity: string, fee: string];

export interface CertificateLeg {
  readonly instrument: string;
  readonly venue: string;
  readonly market: string;
  readonly proposition: string;
  readonly side: "YES" | "NO";
  readonly action: "buy" | "sell";
  readonly lot: string;
  readonly minQuantity: string;
  readonly feeVersion: string;
  readonly fee: CertificateFee;
  /** The ladder the fills were taken from, best first: `[price, size]`. */
  readonly ladder: readonly (readonly [price: string, size: string])[];
  readonly fills: readonly CertificateFill[];
  readonly quantity: string;
  /** Contracts really received (differs from `quantity` for fees taken in shares). */
  readonly received: string;
  /** Money paid including fees for a buy; money received net of fees for a sell. */
  readonly cash: string;
}

export type CertificateTransform =
  | { readonly type: "split" | "merge"; readonly market: string; readonly quantity: string }
  | {
      readonly type: "neg_risk_convert";
      /** Every market of the negative-risk event, quoted or not. */
      readonly markets: readonly string[];
      readonly noSet: readonly string[];
      readonly feeBips: number;
      readonly quantity: string;
    };

/** What the states rest on. A label `unknown` is written down and generates no constraint. */
export type CertificateRelation = { readonly evidenceHash: string; readonly expiresAt: number | null } & (
  | { readonly type: "exclusive" | "exhaustive" | "unknown"; readonly propositions: readonly string[] }
  | { readonly type: "at_most" | "at_least"; readonly propositions: readonly string[]; readonly k: number }
  | { readonly type: "implies" | "equals" | "complement"; readonly a: string; readonly b: string }
  | { readonly type: "union" | "intersection"; readonly parent: string; readonly children: readonly string[] }
);

/** The book a leg was read from: which, at which fact, and a hash of the ladder as it stood. */
export interface CertificateBook {
  readonly instrument: string;
  readonly factSeq: number;
  readonly at: number;
  readonly ladderHash: string;
}

export interface CertificateState {
  /** True propositions joined by `+` in proposition order, or `none`. */
  readonly name: string;
  readonly payoff: string;
  readonly net: string;
}

export interface Certificate {
  readonly version: number;
  readonly kind: "enumerated";
  readonly lane: string;
  readonly family: string;
  readonly issuedAt: number;
  readonly propositions: readonly string[];
  /** Market of each proposition: the YES claim of that market pays 1 when the proposition is true. */
  readonly markets: Readonly<Record<string, string>>;
  readonly relations: readonly CertificateRelation[];
  readonly legs: readonly CertificateLeg[];
  readonly transforms: readonly CertificateTransform[];
  readonly books: readonly CertificateBook[];
  readonly states: readonly CertificateState[];
  readonly capital: string;
  readonly immediateCash: string;
  readonly fees: string;
  readonly worstState: string;
  readonly guaranteed: string;
  /** SHA-256 (hex) over the canonical JSON of all fields above. */
  readonly hash: string;
}
