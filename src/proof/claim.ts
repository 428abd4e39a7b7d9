import type { BookId, CertificateFee, Level } from "../contracts/index.ts";
import { ceilDiv, minOf, ONE } from "./exact.ts";
import {
  type Action,
  type CompiledFee,
  compileFee,
  feeOfFill,
  grossOf,
  leastFeeOfFill,
  roundingGift,
  SHARE_PARTS,
} from "./fees.ts";

/** Something that can be bought or sold: one side of one market, with the ladder that is there. */
export interface Claim {
  readonly instrument: string;
  readonly book: BookId;
  readonly venue: string;
  readonly market: string;
  readonly proposition: string;
  readonly side: "YES" | "NO";
  readonly action: Action;
  readonly priceScale: number;
  readonly sizeScale: number;
  readonly lotStep: number;
  readonly minLots: number;
  readonly feeVersion: string;
  readonly fee: CertificateFee;
  /** Prices on the claim's own scale, best first, sizes positive. */
  readonly ladder: readonly Level[];
  /** The venue lists more depth than may be used; null = all of it. */
  readonly maxLots: number | null;
}

/** One consumed ladder level. Lots and ticks on the claim's scales, money in quanta. */
interface WalkedFill {
  readonly ticks: number;
  readonly lots: number;
  readonly fee: bigint;
}

/** What one order over a claim's ladder comes to. */
export interface Walk {
  readonly fills: readonly WalkedFill[];
  readonly gross: bigint;
  readonly fee: bigint;
  /** Paid including fees (buy) or received net of fees (sell). */
  readonly cash: bigint;
}

/** Exact costs of a claim at any size; full levels are summed once. Sizes in lots, contracts in quanta. */
export class CostTable {
  readonly claim: Claim;
  readonly fee: CompiledFee;
  readonly stepLots: number;
  /** Smallest order that the venue takes, on the lot grid. */
  readonly minLots: number;
  /** Largest order that the ladder and the cap allow, on the lot grid. */
  readonly depthLots: number;
  /** Contracts received for one lot bought, in quanta. */
  readonly receivedPerLot: bigint;
  /** Cumulative lots after each level. */
  readonly levelEnds: readonly number[];
  private readonly quantaPerLot: bigint;
  private readonly priceScale: bigint;
  private readonly sizeScale: bigint;
  private readonly prefixGross: readonly bigint[];
  private readonly prefixFee: readonly bigint[];
  private readonly prefixAccumulator: readonly bigint[];
  private readonly prefixLeast: readonly bigint[];

  /** Throws RangeError when the fee or the scales are not usable; `isUsable` tells beforehand. */
  constructor(claim: Claim) {
    const fee = compileFee(claim.fee);
    if (fee === null || !isUsable(claim)) throw new RangeError(`claim ${claim.instrument} is not usable`);
    this.claim = claim;
    this.fee = fee;
    this.stepLots = claim.lotStep;
    this.minLots = Math.max(roundUp(claim.minLots, claim.lotStep), claim.lotStep);
    this.priceScale = BigInt(claim.priceScale);
    this.sizeScale = BigInt(claim.sizeScale);
    this.quantaPerLot = ONE / this.sizeScale;
    const withheld = fee.type === "in_shares" ? fee.parts : 0n;
    this.receivedPerLot = (this.quantaPerLot * (SHARE_PARTS - withheld)) / SHARE_PARTS;
    const ends: number[] = [];
    const gross: bigint[] = [0n];
    const fees: bigint[] = [0n];
    const accumulators: bigint[] = [0n];
    const least: bigint[] = [0n];
    let total = 0;
    for (const [index, level] of claim.ladder.entries()) {
      const terms = this.terms(level.ticks, level.lots);
      const charged = feeOfFill(fee, claim.action, terms, accumulators[index]!);
      total += level.lots;
      ends.push(total);
      gross.push(gross[index]! + grossOf(terms));
      fees.push(fees[index]! + charged.fee);
      accumulators.push(charged.accumulator);
      least.push(least[index]! + leastFeeOfFill(fee, terms));
    }
    this.levelEnds = ends;
    this.prefixGross = gross;
    this.prefixFee = fees;
    this.prefixAccumulator = accumulators;
    this.prefixLeast = least;
    const usable = claim.maxLots === null ? total : Math.min(total, claim.maxLots);
    this.depthLots = usable - (usable % claim.lotStep);
  }

  /** Exact cash of an order of `lots` (0..depthLots): paid for a buy, received for a sell. */
  cash(lots: number): bigint {
    const level = this.levelOf(lots);
    let gross = this.prefixGross[level]!;
    let fee = this.prefixFee[level]!;
    const rest = lots - (level === 0 ? 0 : this.levelEnds[level - 1]!);
    if (rest > 0) {
      const terms = this.terms(this.claim.ladder[level]!.ticks, rest);
      gross += grossOf(terms);
      fee += feeOfFill(this.fee, this.claim.action, terms, this.prefixAccumulator[level]!).fee;
    }
    return this.claim.action === "buy" ? gross + fee : gross - fee;
  }

  /** Price times quantity of the first `lots`. */
  gross(lots: number): bigint {
    const level = this.levelOf(lots);
    const rest = lots - (level === 0 ? 0 : this.levelEnds[level - 1]!);
    if (rest === 0) return this.prefixGross[level]!;
    return this.prefixGross[level]! + grossOf(this.terms(this.claim.ladder[level]!.ticks, rest));
  }

  /**
   * A bound that rounding cannot pass, for any quantity (quanta of contracts, not only whole lots): at most the cash
   * paid (buy), at least the cash received (sell). Piecewise linear and convex (concave for sells) apart from a
   * constant, so a scan may stop when it falls behind.
   */
  cashBound(quantity: bigint): bigint {
    let level = 0;
    while (level < this.levelEnds.length && BigInt(this.levelEnds[level]!) * this.quantaPerLot <= quantity)
      level += 1;
    let gross = this.prefixGross[level]!;
    let fee = this.prefixLeast[level]!;
    const done = level === 0 ? 0n : BigInt(this.levelEnds[level - 1]!) * this.quantaPerLot;
    if (quantity > done && level < this.levelEnds.length) {
      const rest = quantity - done;
      const ticks = BigInt(this.claim.ladder[level]!.ticks);
      const terms = { ticks, lots: rest, priceScale: this.priceScale, sizeScale: ONE };
      const exact = ticks * rest;
      gross += this.claim.action === "buy" ? exact / this.priceScale : ceilDiv(exact, this.priceScale);
      fee += leastFeeOfFill(this.fee, terms);
    }
    if (quantity > 0n) fee -= roundingGift(this.fee) * BigInt(this.levelEnds.length);
    return this.claim.action === "buy" ? gross + fee : gross - fee;
  }

  /** Contracts held after buying `lots`, in quanta. */
  received(lots: number): bigint {
    return this.receivedPerLot * BigInt(lots);
  }

  /** Contracts ordered, in quanta. */
  quantity(lots: number): bigint {
    return this.quantaPerLot * BigInt(lots);
  }

  /** What the claim pays when it wins: contracts less any fee on the winner's profit. */
  payout(lots: number): bigint {
    const received = this.received(lots);
    if (this.fee.type !== "payout_profit") return received;
    const profit = received - this.gross(lots);
    return profit <= 0n ? received : received - ceilDiv(profit * this.fee.parts, SHARE_PARTS);
  }

  /** Smallest order on the grid, minimum respected, that pays at least `target` when it wins; -1 when too large. */
  lotsPaying(target: bigint): number {
    let lots = Number(ceilDiv(target, this.receivedPerLot));
    lots = Math.max(roundUp(lots, this.stepLots), this.minLots);
    if (this.fee.type === "payout_profit") lots = this.searchPayout(target, lots);
    return lots > this.depthLots ? -1 : lots;
  }

  /** Largest order on the grid whose contracts do not exceed `cap`; 0 when below the minimum. */
  lotsWithin(cap: bigint): number {
    const most = cap / this.receivedPerLot;
    const lots = most >= BigInt(this.depthLots) ? this.depthLots : Number(most);
    const onGrid = lots - (lots % this.stepLots);
    return onGrid < this.minLots ? 0 : onGrid;
  }

  /** The order level by level. */
  walk(lots: number): Walk {
    const fills: WalkedFill[] = [];
    let accumulator = 0n;
    let gross = 0n;
    let fee = 0n;
    let left = lots;
    for (const level of this.claim.ladder) {
      if (left <= 0) break;
      const taken = Math.min(left, level.lots);
      const terms = this.terms(level.ticks, taken);
      const charged = feeOfFill(this.fee, this.claim.action, terms, accumulator);
      accumulator = charged.accumulator;
      gross += grossOf(terms);
      fee += charged.fee;
      left -= taken;
      fills.push({ ticks: level.ticks, lots: taken, fee: charged.fee });
    }
    return { fills, gross, fee, cash: this.claim.action === "buy" ? gross + fee : gross - fee };
  }

  private searchPayout(target: bigint, from: number): number {
    let low = from / this.stepLots;
    let high = this.depthLots / this.stepLots;
    if (this.payout(this.depthLots) < target) return this.depthLots + this.stepLots;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.payout(middle * this.stepLots) >= target) high = middle;
      else low = middle + 1;
    }
    return low * this.stepLots;
  }

  private levelOf(lots: number): number {
    let level = 0;
    while (level < this.levelEnds.length && this.levelEnds[level]! <= lots) level += 1;
    return level;
  }

  private terms(ticks: number, lots: number) {
    return {
      ticks: BigInt(ticks),
      lots: BigInt(lots),
      priceScale: this.priceScale,
      sizeScale: this.sizeScale,
    };
  }
}

/** Fee readable, scales exact, lots positive: what a table needs. */
export function isUsable(claim: Claim): boolean {
  const scales = BigInt(claim.priceScale) * BigInt(claim.sizeScale);
  return (
    compileFee(claim.fee) !== null &&
    claim.sizeScale >= 1 &&
    claim.sizeScale <= 1_000_000 &&
    claim.priceScale <= 1_000_000 &&
    ONE % scales === 0n &&
    Number.isSafeInteger(claim.lotStep) &&
    claim.lotStep > 0
  );
}

/** The smaller of the payouts that two tables can reach. */
export function mostPayout(tables: readonly CostTable[]): bigint {
  let most = tables[0] === undefined ? 0n : tables[0].payout(tables[0].depthLots);
  for (const table of tables) most = minOf(most, table.payout(table.depthLots));
  return most;
}

function roundUp(lots: number, step: number): number {
  return lots % step === 0 ? lots : lots - (lots % step) + step;
}
