import type { CertificateRelation } from "../contracts/index.ts";
import type { Claim } from "./claim.ts";

/** What a venue lets a holder do without trading; `max` in quanta of contracts, null = unlimited. */
export type Conversion =
  | { readonly type: "split" | "merge"; readonly market: string; readonly max: bigint | null }
  | {
      readonly type: "neg_risk_convert";
      readonly markets: readonly string[];
      readonly feeBips: number;
      readonly max: bigint | null;
    };

/** A family of propositions with everything on offer about them: the input of every finder. */
export interface Problem {
  readonly propositions: readonly string[];
  /** Market of a proposition; a proposition without one is still a state. */
  readonly markets: Readonly<Record<string, string>>;
  readonly relations: readonly CertificateRelation[];
  readonly claims: readonly Claim[];
  readonly conversions: readonly Conversion[];
}

/** The baskets that have a closed form. */
export type Style = "pair" | "split_sell" | "yes_basket" | "no_basket";

/** Lots per claim (0 = not used) and what is converted, in quanta. */
export interface Solution {
  readonly style: Style;
  readonly lots: readonly number[];
  readonly conversions: readonly AppliedConversion[];
}

export type AppliedConversion =
  | { readonly type: "split" | "merge"; readonly market: string; readonly quantity: bigint }
  | {
      readonly type: "neg_risk_convert";
      readonly markets: readonly string[];
      readonly noSet: readonly string[];
      readonly feeBips: number;
      readonly quantity: bigint;
    };
