import { z } from "zod";

/** Gamma's market and event objects, as far as EMP reads them; the wire leaves fields out rather than sending null. */

const text = z.string().nullish();
const flag = z.boolean().nullish();
const amount = z.union([z.number(), z.string()]).nullish();

const GammaFeeSchedule = z.object({ rate: amount, exponent: amount, takerOnly: flag });

export const GammaMarketWire = z.object({
  id: z.string(),
  conditionId: z.string(),
  questionID: text,
  question: text,
  groupItemTitle: text,
  slug: text,
  clobTokenIds: text,
  outcomes: text,
  outcomePrices: text,
  version: text,
  active: flag,
  closed: flag,
  archived: flag,
  acceptingOrders: flag,
  enableOrderBook: flag,
  umaResolutionStatus: text,
  closedTime: text,
  gameStartTime: text,
  acceptingOrdersTimestamp: text,
  clearBookOnStart: flag,
  secondsDelay: z.number().nullish(),
  sportsMarketType: text,
  negRisk: flag,
  negRiskMarketID: text,
  negRiskOther: flag,
  orderPriceMinTickSize: amount,
  orderMinSize: amount,
  feesEnabled: flag,
  feeSchedule: GammaFeeSchedule.nullish().catch(null),
});
export type GammaMarketWire = z.infer<typeof GammaMarketWire>;

export const GammaEventWire = z.object({
  id: z.string(),
  title: text,
  slug: text,
  negRisk: flag,
  negRiskMarketID: text,
  negRiskAugmented: flag,
  negRiskFeeBips: z.number().nullish(),
  markets: z.array(z.unknown()),
});
export type GammaEventWire = z.infer<typeof GammaEventWire>;
