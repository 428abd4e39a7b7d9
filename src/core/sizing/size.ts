import type {
  Finding,
  Instrument,
  MarketView,
  Opportunity,
  Pico,
  Plan,
  Reason,
} from "../../contracts/index.ts";
import { claimOf, claimTicks, lesser, takenSide } from "../ledger/claim.ts";
import { capitalByVenue, picoOf } from "./capital.ts";
import { type Cap, lotsAtShare, type Share, tightest } from "./caps.ts";
import { PPM, type SizingOptions } from "./options.ts";

/** Full Kelly fraction of the bankroll for an arbitrage that may have to be unwound (vector K04); >= 0. It sizes, never certifies. */
export type ArbitrageKelly = (input: {
  readonly successProbability: number;
  /** Guaranteed profit per unit of capital. */
  readonly edge: number;
  /** Loss per unit of capital when unwound. */
  readonly unwindLoss: number;
}) => number;

/**
 * Solves the same basket again with at most `maxLots[k]` lots in leg k and at most `maxCapital`, and proves it anew.
 * Null when no such size is profitable or permitted. What it returns is checked against both bounds.
 */
export type ResizeFinding = (
  finding: Finding,
  maxLots: readonly number[],
  maxCapital: Pico,
) => Finding | null;

export interface SizingContext {
  /** Equity with open claims at their worst state. */
  readonly bankroll: Pico;
  /** From `DrawdownScale`. */
  readonly drawdownMultiplier: number;
  readonly familyExposure: (family: string) => Pico;
  readonly venueExposure: (venue: string) => Pico;
  readonly totalExposure: Pico;
  /** Free cash in the currency of that instrument at its venue. */
  readonly freeCash: (venue: string, currency: string) => Pico;
  readonly view: Pick<MarketView, "instrument" | "settledLots">;
}

export type Sized =
  | { readonly plan: Plan }
  | { readonly reason: Extract<Reason, `size.${string}`>; readonly detail: string };

/** A cap on the capital of the plan, or on the part of it at one venue. */
interface MoneyCap extends Cap {
  readonly venue: string | null;
}

/** Steps down from a capped size whose rounded fees overshoot the cap, before giving up. */
const MAX_STEPS_DOWN = 8;

/**
 * Turns an opportunity into a plan, in the order of ARBITRAGE.md 3.9: Kelly on the certified portfolio with its
 * execution risk, times the Kelly fraction, confidence and drawdown multiplier; then the tightest cap; then lots; then
 * the certificate again at the final size. The capital of the plan never exceeds a cap.
 */
export class Sizer {
  readonly #options: SizingOptions;
  readonly #kelly: ArbitrageKelly;
  readonly #resize: ResizeFinding;

  constructor(options: SizingOptions, kelly: ArbitrageKelly, resize: ResizeFinding) {
    this.#options = options;
    this.#kelly = kelly;
    this.#resize = resize;
  }

  size(opportunity: Opportunity, context: SizingContext): Sized {
    const { finding } = opportunity;
    const capital = picoOf(finding.certificate.capital);
    const guaranteed = picoOf(finding.certificate.guaranteed);
    const byVenue = capitalByVenue(finding.certificate);
    if (capital === null || guaranteed === null || byVenue === null || capital <= 0n) {
      return { reason: "size.zero", detail: "the certificate states no capital" };
    }
    if (guaranteed <= 0n) return { reason: "size.flipped", detail: "the finding guarantees nothing" };
    const settled = this.#settledCaps(finding, context.view);
    if ("reason" in settled) return settled;
    const money = this.#moneyCaps(finding, { capital, guaranteed, byVenue }, context);
    const share = tightest([...money, ...settled.caps]);
    return this.#fit(opportunity, share, money, context);
  }

  /** Stake in parts per million of the bankroll. */
  #stakePpm(edge: number, confidence: number, multiplier: number): bigint {
    const { successPpm, unwindLossPpm, kellyFractionPpm, scaleByConfidence } = this.#options;
    const full = this.#kelly({
      successProbability: successPpm / 1e6,
      edge,
      unwindLoss: unwindLossPpm / 1e6,
    });
    const scaled = full * (scaleByConfidence ? confidence : 1) * multiplier * kellyFractionPpm;
    return Number.isFinite(scaled) && scaled > 0 ? BigInt(Math.floor(Math.min(scaled, 1e6))) : 0n;
  }

  #moneyCaps(
    finding: Finding,
    found: { capital: Pico; guaranteed: Pico; byVenue: ReadonlyMap<string, Pico> },
    context: SizingContext,
  ): MoneyCap[] {
    const { planCap, familyCap, venueCap, totalCap, maxLoss, unwindLossPpm } = this.#options;
    const { capital, guaranteed, byVenue } = found;
    const edge = Number(guaranteed) / Number(capital);
    const stake = this.#stakePpm(edge, finding.confidence, context.drawdownMultiplier);
    const onAll = (name: string, limit: bigint): MoneyCap => ({ name, limit, venue: null, whole: capital });
    const caps: MoneyCap[] = [
      onAll("kelly", (context.bankroll * stake) / PPM),
      onAll("cap.plan", planCap),
      onAll("cap.family", familyCap - context.familyExposure(finding.family)),
      onAll("cap.total", totalCap - context.totalExposure),
    ];
    if (unwindLossPpm > 0) caps.push(onAll("cap.max_loss", (maxLoss * PPM) / BigInt(unwindLossPpm)));
    for (const [venue, whole] of byVenue) {
      const free = context.freeCash(venue, currencyAt(finding, venue, context.view));
      caps.push({ name: "cap.venue", limit: venueCap - context.venueExposure(venue), venue, whole });
      caps.push({ name: "cap.cash", limit: free, venue, whole });
    }
    return caps;
  }

  /** Per leg: no more than was there at its limit in the median of the last valid books. */
  #settledCaps(
    finding: Finding,
    view: SizingContext["view"],
  ): { caps: Cap[] } | Exclude<Sized, { plan: Plan }> {
    const caps: Cap[] = [];
    for (const leg of finding.legs) {
      const instrument = view.instrument(leg.book);
      const side = instrument === undefined ? null : takenSide(instrument.side, leg.action);
      if (instrument === undefined || side === null) {
        return { reason: "size.unsettled", detail: `book ${leg.book} does not quote ${leg.action}` };
      }
      const limit = claimTicks(instrument.side, claimOf(leg.action), leg.limitTicks, instrument.priceScale);
      const lots = view.settledLots(leg.book, side, limit);
      if (lots < 0) return { reason: "size.unsettled", detail: `${instrument.key} has too few valid books` };
      const permitted = (BigInt(lots) * BigInt(this.#options.settledSharePpm)) / PPM;
      if (permitted < BigInt(Math.max(1, instrument.minLots))) {
        return {
          reason: "size.unsettled",
          detail: `${instrument.key} showed ${lots} lots in the median of its last books`,
        };
      }
      caps.push({ name: "median.size", limit: permitted, whole: BigInt(leg.lots) });
    }
    return { caps };
  }

  /** Re-proves the basket at the share; takes lot steps off while rounding keeps its capital above a cap. */
  #fit(opportunity: Opportunity, share: Share, money: readonly MoneyCap[], context: SizingContext): Sized {
    const { finding } = opportunity;
    const steps = finding.legs.map(({ book }) => context.view.instrument(book)!.lotStep as number);
    let maxLots = finding.legs.map(({ lots }, leg) => lotsAtShare(lots, steps[leg]!, share));
    const maxCapital = leastLimit(money);
    for (let down = 0; down <= MAX_STEPS_DOWN; down++) {
      const tooSmall = maxLots.findIndex((lots, leg) => lots < minLots(finding, leg, context.view));
      const zero: Sized = {
        reason: "size.zero",
        detail: `${share.boundBy} leaves leg ${tooSmall} below its minimum`,
      };
      if (maxLots.every((lots) => lots <= 0)) return zero;
      const sized = this.#resize(finding, maxLots, maxCapital);
      if (sized === null && tooSmall >= 0) return zero;
      if (sized === null)
        return { reason: "size.flipped", detail: `no profit at the size of ${share.boundBy}` };
      const capital = picoOf(sized.certificate.capital);
      const guaranteed = picoOf(sized.certificate.guaranteed);
      if (capital === null || guaranteed === null || guaranteed <= 0n || exceeds(sized, finding, maxLots)) {
        return {
          reason: "size.flipped",
          detail: `the re-proved basket does not pay at the size of ${share.boundBy}`,
        };
      }
      const { legs, certificate } = sized;
      if (withinCaps(sized, capital, money)) {
        return { plan: { opportunity, legs, certificate, capital, guaranteed, boundBy: share.boundBy } };
      }
      maxLots = maxLots.map((lots, leg) => Math.max(0, lots - steps[leg]!));
    }
    return { reason: "size.zero", detail: `rounding keeps the capital above ${share.boundBy}` };
  }
}

/** The tightest cap on the whole capital. */
function leastLimit(money: readonly MoneyCap[]): Pico {
  const limits = money.flatMap(({ limit, venue }) => (venue === null ? [limit] : []));
  return limits.reduce(lesser) as Pico;
}

function minLots(finding: Finding, leg: number, view: SizingContext["view"]): number {
  const { book } = finding.legs[leg]!;
  return Math.max(1, view.instrument(book)!.minLots);
}

/** True when a resized finding is not the same basket within the caps given: it is then not used. */
function exceeds(sized: Finding, finding: Finding, maxLots: readonly number[]): boolean {
  const byClaim = new Map(
    finding.legs.map(({ book, action }, leg) => [`${book} ${action}`, maxLots[leg]!] as const),
  );
  return sized.legs.some(({ book, action, lots }) => lots > (byClaim.get(`${book} ${action}`) ?? -1));
}

function withinCaps(sized: Finding, capital: Pico, money: readonly MoneyCap[]): boolean {
  const byVenue = capitalByVenue(sized.certificate);
  if (byVenue === null) return false;
  return money.every(({ limit, venue }) => (venue === null ? capital : (byVenue.get(venue) ?? 0n)) <= limit);
}

function currencyAt(finding: Finding, venue: string, view: SizingContext["view"]): string {
  for (const { book } of finding.legs) {
    const instrument: Instrument | undefined = view.instrument(book);
    if (instrument?.venue === venue) return instrument.currency;
  }
  return "";
}
