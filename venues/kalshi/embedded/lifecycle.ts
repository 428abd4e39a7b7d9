import type {
  Cancel,
  EmbeddedEvent,
  EmbeddedMarket,
  ExchangeChange,
  InstrumentStatus,
  Micros,
  Rng,
  Timers,
} from "../../../src/contracts/index.ts";
import { type EncodedLifecycle, encodeEventFee, encodeLifecycle } from "../encode.ts";
import type { Audience } from "./audience.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Determination, Settlement } from "./market-state.ts";
import type { Settlements } from "./settlements.ts";
import { gridOfStep } from "./terms.ts";
import { seconds } from "./values.ts";

const CHANNEL = "market_lifecycle_v2";
/** One determination in this many is disputed, and amended to another result. */
const DISPUTES = 12;
/** A market closed before its time that opens again without a planned close gets this long. */
const REOPENED_MICROS = 3_600_000_000;

const DECODER = new TextDecoder();

export interface LifecycleParts {
  readonly catalogue: Catalogue;
  readonly clock: Timers;
  readonly rng: Rng;
  readonly audience: Audience;
  readonly settlements: Settlements;
}

/**
 * Markets from their creation to their settlement. Openings and closings by the clock are silent; everything else is
 * told on the lifecycle channel. Source: market lifecycle page (facts: section 6).
 */
export class Lifecycle {
  readonly #parts: LifecycleParts;
  readonly #statuses = new WeakMap<EmbeddedMarket, InstrumentStatus>();
  readonly #timers = new Set<Cancel>();

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  listed(event: EmbeddedEvent): void {
    const { records } = this.#parts.catalogue.listed(event);
    const { title, sub_title, collateral_return_type, series_ticker } = records.event;
    const { override } = records.fees;
    this.#tell("event_lifecycle", {
      event_ticker: event.id,
      exchange_index: 0,
      title,
      subtitle: sub_title,
      collateral_return_type,
      series_ticker,
    });
    for (const market of event.markets) this.#tell(CHANNEL, this.#created(event, market));
    for (const subscription of override === null ? [] : this.#parts.audience.whole(CHANNEL)) {
      const terms = { eventTicker: event.id, feeType: null, multiplier: override };
      const { sid } = subscription;
      subscription.send(DECODER.decode(encodeEventFee({ sid, seq: subscription.next(), ...terms })));
    }
  }

  status({ symbol, status, at }: Extract<ExchangeChange, { kind: "status" }>): void {
    const market = this.#parts.catalogue.market(symbol);
    if (market === undefined) return;
    const before = this.#statuses.get(market.market) ?? "open";
    this.#statuses.set(market.market, status);
    const closesAt = this.#parts.catalogue.states.closesAt(market);
    if (status === "paused") this.#change(market.market, { event_type: "deactivated" });
    else if (status === "closed" && at < closesAt) this.#moveClose(market.market, at);
    else if (status === "open" && before !== "open") {
      if (before === "closed" && closesAt <= at)
        this.#moveClose(
          market.market,
          market.closesAt > at ? market.closesAt : ((at + REOPENED_MICROS) as Micros),
        );
      // The first opening happens by the clock, in silence.
      if (before === "closed" || (market.market.listing.opensAt ?? 0) < at)
        this.#change(market.market, { event_type: "activated" });
    }
  }

  tick({ symbol, newStepTicks }: Extract<ExchangeChange, { kind: "tick_size" }>): void {
    const market = this.#parts.catalogue.market(symbol);
    if (market === undefined) return;
    const grid = gridOfStep(newStepTicks);
    this.#parts.catalogue.states.of(market.market).grid = grid;
    this.#change(market.market, {
      event_type: "price_level_structure_updated",
      price_level_structure: grid.structure,
      price_ranges: grid.ranges,
    });
  }

  /** The result is known: it is announced, now and then disputed first, and settled when the timer has run. */
  resolved({ symbol, yesPayout, at }: Extract<ExchangeChange, { kind: "resolved" }>): void {
    const market = this.#parts.catalogue.market(symbol)?.market;
    const event = market === undefined ? undefined : this.#parts.catalogue.event(market.event);
    if (market === undefined || event === undefined) return;
    const final = determinationOf(yesPayout);
    const timerMicros = this.#parts.catalogue.stateOf(event).records.settlementTimerSeconds * 1_000_000;
    this.#parts.settlements.resolved(symbol, market.event, final, at);
    if (yesPayout !== "0.5" && this.#parts.rng.int(DISPUTES) === 0) {
      const first = determinationOf(yesPayout === "1" ? "0" : "1");
      this.#determine(market, first, "determined");
      this.#later(timerMicros / 2, () => {
        this.#phase(market, first, "disputed");
        this.#later(timerMicros / 2, () => {
          this.#determine(market, final, "amended");
          this.#later(timerMicros, () => this.#settle(market, final));
        });
      });
      return;
    }
    this.#determine(market, final, "determined");
    this.#later(timerMicros, () => this.#settle(market, final));
  }

  #determine(market: EmbeddedMarket, determination: Determination, phase: "determined" | "amended"): void {
    const now = this.#phase(market, determination, phase);
    this.#change(market, {
      event_type: "determined",
      result: determination.result,
      settlement_value: determination.value,
      determination_ts: seconds(now),
    });
  }

  #settle(market: EmbeddedMarket, determination: Determination): void {
    const now = this.#phase(market, determination, "finalized");
    this.#change(market, { event_type: "settled", settled_ts: seconds(now) });
    this.#parts.audience.forget(market.symbol);
  }

  #phase(market: EmbeddedMarket, determination: Determination, phase: Settlement["phase"]): Micros {
    const at = this.#parts.clock.now();
    this.#parts.catalogue.states.of(market).settlement = { phase, determination, at };
    return at;
  }

  #moveClose(market: EmbeddedMarket, closesAt: Micros): void {
    this.#parts.catalogue.states.of(market).closesAt = closesAt;
    this.#change(market, { event_type: "close_date_updated", close_ts: seconds(closesAt) });
  }

  #created(event: EmbeddedEvent, market: EmbeddedMarket): Readonly<Record<string, unknown>> {
    const { records } = this.#parts.catalogue.stateOf(event);
    const { opensAt, closesAt } = event.spec;
    const fixed = records.markets[market.outcome]!;
    const { title, yes_sub_title, no_sub_title, rules_primary, rules_secondary, can_close_early } = fixed;
    const strikes = Object.entries(fixed).filter(([key]) => key.includes("strike"));
    return {
      market_ticker: market.symbol,
      exchange_index: 0,
      open_ts: seconds(opensAt),
      close_ts: seconds(closesAt),
      additional_metadata: {
        name: yes_sub_title,
        title,
        yes_sub_title,
        no_sub_title,
        rules_primary,
        rules_secondary,
        can_close_early,
        event_ticker: event.id,
        expected_expiration_ts: seconds(closesAt),
        ...Object.fromEntries(strikes),
      },
      event_type: "created",
      price_level_structure: records.grid.structure,
    };
  }

  /** Tells a change of the market record, which counts as updated from now on. */
  #change(market: EmbeddedMarket, body: EncodedLifecycle): void {
    this.#parts.catalogue.states.of(market).updatedAt = this.#parts.clock.now();
    const { symbol } = market;
    for (const subscription of this.#parts.audience.whole(CHANNEL)) {
      const { sid } = subscription;
      subscription.send(DECODER.decode(encodeLifecycle({ sid, seq: subscription.next(), symbol, body })));
    }
  }

  #tell(type: string, msg: Readonly<Record<string, unknown>>): void {
    const audience = this.#parts.audience.whole(CHANNEL);
    if (audience.length === 0) return;
    const text = JSON.stringify(msg);
    for (const subscription of audience) subscription.sendNumbered(type, text);
  }

  #later(delayMicros: number, run: () => void): void {
    const cancel = this.#parts.clock.after(delayMicros, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }
}

function determinationOf(yesPayout: "0" | "1" | "0.5"): Determination {
  if (yesPayout === "0.5") return { result: "scalar", value: "0.5000" };
  return yesPayout === "1" ? { result: "yes", value: "1.0000" } : { result: "no", value: "0.0000" };
}
