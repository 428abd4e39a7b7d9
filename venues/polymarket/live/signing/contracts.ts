/** Polygon, and its test network Amoy. */
export type Chain = 137 | 80_002;

/** Version of the EIP-712 domain; the first one is dead since April 2026. */
export type OrderVersion = 2 | 3;

interface Exchanges {
  readonly v2: string;
  readonly negRiskV2: string;
  readonly v3: string;
}

/** Exchange contracts by chain. Source: clob-client-v2 1.1.0 `src/config.ts`. */
const EXCHANGES: Readonly<Record<Chain, Exchanges>> = {
  137: {
    v2: "0xE111180000d2663C0091e4f400237545B87B996B",
    negRiskV2: "0xe2222d279d744050d28e00520010520000310F59",
    v3: "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
  },
  80002: {
    v2: "0xE111180000d2663C0091e4f400237545B87B996B",
    negRiskV2: "0xe2222d279d744050d28e00520010520000310F59",
    v3: "0x9fE6e61422AdB6F610d8597F9684b16912D50C3D",
  },
};

/** The contract an order is signed for: V2 has one of its own for negative-risk markets, V3 one for all. */
export function exchangeOf(chain: Chain, version: OrderVersion, negRisk: boolean): string {
  const { v2, negRiskV2, v3 } = EXCHANGES[chain];
  if (version === 3) return v3;
  return negRisk ? negRiskV2 : v2;
}
