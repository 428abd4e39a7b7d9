import type { Shape } from "./shape.ts";

/** The public answers as this adapter reads them, and the names it knows and passes over (samples of 2024 to 2026). */

const feeSchedule: Shape = {
  needs: {},
  may: { rate: "amount", exponent: "amount", takerOnly: "flag", rebateRate: "amount" },
};

export const marketShape: Shape = {
  needs: { id: "text", conditionId: "text", question: "text" },
  may: {
    questionID: "text",
    groupItemTitle: "text",
    slug: "text",
    clobTokenIds: "texts",
    outcomes: "texts",
    outcomePrices: "texts",
    version: "text",
    active: "flag",
    closed: "flag",
    archived: "flag",
    acceptingOrders: "flag",
    enableOrderBook: "flag",
    umaResolutionStatus: "text",
    closedTime: "text",
    gameStartTime: "text",
    acceptingOrdersTimestamp: "text",
    clearBookOnStart: "flag",
    secondsDelay: "number",
    sportsMarketType: "text",
    negRisk: "flag",
    negRiskMarketID: "text",
    negRiskOther: "flag",
    orderPriceMinTickSize: "amount",
    orderMinSize: "amount",
    feesEnabled: "flag",
    feeSchedule,
    volume24hr: "amount",
  },
  ignored:
    "approved automaticallyActive automaticallyResolved bestAsk bestBid category clobRewards comboStatus competitive " +
    "createdAt creator cryptoMarketConfig customLiveness cyom deploying deployingTimestamp description endDate " +
    "endDateIso eventStartTime events featured feeType fpmmLive funded gameId groupItemThreshold hasReviewedDates " +
    "holdingRewardsEnabled icon image lastTradePrice line liquidity liquidityAmm liquidityClob liquidityNum lowerBound " +
    "mailchimpTag makerBaseFee makerRebatesFeeShareBps manualActivation marketMakerAddress marketType " +
    "negRiskRequestID new oneDayPriceChange oneHourPriceChange oneMonthPriceChange oneWeekPriceChange " +
    "oneYearPriceChange pagerDutyNotificationEnabled pendingDeployment positionIds questionId ready readyForCron " +
    "requiresTranslation resolutionSource resolvedBy restricted rewardsMaxSpread rewardsMinSize rfqEnabled " +
    "seriesColor showGmpOutcome showGmpSeries spread startDate startDateIso submitted_by tags takerBaseFee " +
    "twitterCardImage umaBond umaEndDate umaResolutionStatuses umaReward updatedAt updatedBy upperBound volume " +
    "volume1mo volume1moAmm volume1moClob volume1wk volume1wkAmm volume1wkClob volume1yr volume1yrAmm volume1yrClob " +
    "volume24hrAmm volume24hrClob volumeAmm volumeClob volumeNum",
};

const eventShape: Shape = {
  needs: { id: "text", markets: [marketShape] },
  may: {
    title: "text",
    slug: "text",
    negRisk: "flag",
    negRiskMarketID: "text",
    negRiskAugmented: "flag",
    negRiskFeeBips: "number",
    liquidity: "amount",
  },
  ignored:
    "active archived automaticallyActive automaticallyResolved category closed closedTime commentCount competitive " +
    "countryName createdAt creationDate cumulativeMarkets cyom deploying deployingTimestamp description electionType " +
    "elapsed enableNegRisk enableOrderBook endDate ended estimateValue eventDate featured featuredOrder gameId " +
    "gameStatus gmpChartMode icon image liquidityAmm liquidityClob live new openInterest pendingDeployment period " +
    "requiresTranslation resolutionSource restricted score series seriesSlug showAllOutcomes showMarketImages sortBy " +
    "startDate startTime tags ticker updatedAt volume volume1mo volume1wk volume1yr volume24hr",
};

export const eventPageShape: Shape = {
  needs: { events: [eventShape] },
  may: { next_cursor: "text" },
};

const levelShape: Shape = { needs: { price: "text", size: "text" } };

/** Checksum and terms may be left out; nothing can be verified then. */
export const bookShape: Shape = {
  needs: {
    market: "text",
    asset_id: "text",
    timestamp: "text",
    hash: "text",
    bids: [levelShape],
    asks: [levelShape],
  },
  may: { min_order_size: "text", tick_size: "text", neg_risk: "flag", last_trade_price: "text" },
};

export const versionShape: Shape = { needs: { version: "number" } };

export const geoblockShape: Shape = {
  needs: { blocked: "flag" },
  may: { country: "text", region: "text", closeOnly: "flag", close_only: "flag" },
  ignored: "ip",
};
