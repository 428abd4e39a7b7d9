import type { RateClass } from "../../../src/contracts/index.ts";
import type { KalshiOptions } from "./options.ts";

type Tier = KalshiOptions["tier"];

/** Tokens a request costs unless the venue says otherwise. */
export const DEFAULT_COST = 10;
/** Tokens a cancel costs. */
export const CANCEL_COST = 2;
/** Keyless requests are counted one by one. */
export const PUBLIC_CLASS = "public";

const SOURCE = "getting_started/rate_limits, copy of 2026";

/** Published tokens per second by tier. */
const TIERS: Readonly<Record<Tier, { readonly read: number; readonly write: number }>> = {
  basic: { read: 200, write: 100 },
  advanced: { read: 300, write: 300 },
  expert: { read: 600, write: 600 },
  premier: { read: 1_000, write: 1_000 },
  paragon: { read: 2_000, write: 2_000 },
  prime: { read: 4_000, write: 4_000 },
  prestige: { read: 6_000, write: 8_000 },
};

export function readClass(tier: Tier): string {
  return `read.${tier}`;
}

export function writeClass(tier: Tier): string {
  return `write.${tier}`;
}

/**
 * Nothing is published for requests without a key; 10 a second for one address is what the edge was seen to bear, and
 * half of it is used. Buckets hold two seconds of refill, one second where the table says so.
 */
export const RATES: readonly RateClass[] = [
  {
    id: PUBLIC_CLASS,
    perSecond: 10,
    burst: 10,
    safety: 0.5,
    reserved: 0,
    excess: "refuses",
    maxInFlight: 4,
    source: "not published; answers without a key come from an edge cache of 15 s",
  },
  ...(Object.keys(TIERS) as Tier[]).flatMap((tier): RateClass[] => {
    const { read, write } = TIERS[tier];
    const twoSeconds = tier === "basic" || tier === "advanced";
    const common = { safety: 0.8, excess: "refuses", source: SOURCE } as const;
    return [
      {
        ...common,
        id: readClass(tier),
        perSecond: read,
        burst: twoSeconds ? read * 2 : read,
        reserved: 0,
        maxInFlight: 16,
      },
      {
        ...common,
        id: writeClass(tier),
        perSecond: write,
        burst: tier === "basic" ? write : write * 2,
        reserved: write / 5,
        maxInFlight: 32,
      },
    ];
  }),
];
