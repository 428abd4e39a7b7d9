import type { RateClass } from "../../../src/contracts/index.ts";

/** The one class: every public endpoint counts alike. */
export const REST_CLASS = "rest";

/** 2 requests at once, 300 ms apart; stated of API tokens, kept to without one too. */
export const RATES: readonly RateClass[] = [
  {
    id: REST_CLASS,
    perSecond: 10 / 3,
    burst: 1,
    safety: 0.9,
    reserved: 0,
    excess: "refuses",
    maxInFlight: 2,
    source:
      "docs.limitless.exchange/api-reference: max concurrent requests 2, min delay between calls 300 ms",
  },
];
