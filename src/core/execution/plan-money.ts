import { type Fill, type Instrument, type Micros, notional, type Pico } from "../../contracts/index.ts";
import { claimOf, contractsOf, isBuy } from "../ledger/claim.ts";
import { type ClaimTransform, conversionYield } from "../ledger/transforms.ts";
import { withheldOf } from "../ledger/withheld.ts";
import type { PlanHoldings } from "./plan-holdings.ts";

/** Cash of one plan by venue, its fees and its claims, kept in step with every fill and transform. */
export class PlanMoney {
  readonly #spent = new Map<string, bigint>();
  #fees = 0n;

  /** Cash in minus cash out. */
  get flow(): Pico {
    let out = 0n;
    for (const amount of this.#spent.values()) out += amount;
    return -out as Pico;
  }

  get fees(): Pico {
    return this.#fees as Pico;
  }

  /** Cash out minus cash in by venue, where positive. */
  spent(): ReadonlyMap<string, Pico> {
    return new Map([...this.#spent].filter(([, amount]) => amount > 0n) as [string, Pico][]);
  }

  /** Books a fill into cash, fees and holdings. @returns the contracts withheld by a fee taken in shares. */
  fill(fill: Fill, instrument: Instrument, holdings: PlanHoldings, at: Micros): bigint {
    const money = notional(fill.priceTicks, fill.lots, instrument.priceScale, instrument.sizeScale);
    const contracts = contractsOf(fill.lots, instrument.sizeScale);
    const entry = holdings.claim(instrument.market, claimOf(fill.action));
    const fee = BigInt(fill.fee);
    this.#fees += fee;
    if (!isBuy(fill.action)) {
      this.#pay(instrument.venue, fee - money);
      entry.held -= contracts;
      return 0n;
    }
    const withheld = withheldOf(instrument, fill.lots, at);
    this.#pay(instrument.venue, money + fee);
    entry.held += contracts - withheld;
    entry.bought += contracts;
    entry.paid += money;
    return withheld;
  }

  /** Cash of a transform; the claims are moved by `PlanHoldings`. */
  transform(transform: ClaimTransform): void {
    const { contracts } = transform;
    if (transform.type !== "convert") {
      this.#pay(transform.terms.venue, transform.type === "split" ? contracts : -contracts);
      return;
    }
    const { markets, noSet, feeBips } = transform.conversion;
    const { gross, fee } = conversionYield(noSet.length, feeBips, contracts);
    this.#fees += fee;
    this.#pay(markets[0]?.venue ?? "", fee - gross);
  }

  #pay(venue: string, amount: bigint): void {
    this.#spent.set(venue, (this.#spent.get(venue) ?? 0n) + amount);
  }
}
