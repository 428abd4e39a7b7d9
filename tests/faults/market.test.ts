import { describe, expect, it } from "vitest";
import { ASK, BID, type Order, type Ticks, type VenueId } from "../../src/contracts/index.ts";
import type { FaultRun } from "./harness.ts";
import { ACCOUNT, hasEnded, type ProbeOrder } from "./probe-orders.ts";
import { endsWell, order, othersAreWell, runs, told } from "./scene.ts";
import { FAULT_VENUES } from "./venues.ts";

/** A book that is usable on both sides, and its market. */
function someBook(run: FaultRun, venue: VenueId) {
  const { replica } = run.room.record.session.engine;
  const link = run.link(venue);
  for (const book of link.books()) {
    const [bid, ask] = [replica.view.bestTicks(book, BID), replica.view.bestTicks(book, ASK)];
    const instrument = replica.view.instrument(book)!;
    if (instrument.status !== "open" || bid <= 0 || ask <= 0 || !replica.isExact(book)) continue;
    return { book, symbol: link.symbolOf(book)!, ask };
  }
  throw new Error(`${venue}: no usable book`);
}

const stepOf = (run: FaultRun, book: number): number =>
  Math.min(
    ...run.room.record.session.engine.replica.view
      .instrument(book as never)!
      .tickRanges.map(({ stepTicks }) => stepTicks),
  );

describe("the exchange itself", { retry: 2 }, () => {
  const start = runs();

  it.each(FAULT_VENUES)("$id: the tick changes while an order is on its way", async ({ id }) => {
    const run = await start({ speed: 2, feed: { reconcileEveryMs: 500 } });
    const { faults } = run.stack.market;
    const { book, symbol } = someBook(run, id);
    const isExact = () => run.room.record.session.engine.replica.isExact(book);
    const before = stepOf(run, book);
    expect(faults.tickChange(id, symbol)).toBe(true);
    const detected = await run.until("the tick is read", () => stepOf(run, book) !== before && isExact());
    const fine = Math.min(before, stepOf(run, book));
    if (stepOf(run, book) !== fine) {
      faults.tickChange(id, symbol);
      await run.until("the tick is fine", () => stepOf(run, book) === fine && isExact());
    }
    // The order is made on the fine grid, and meets the coarse one.
    const instrument = run.room.record.session.engine.replica.view.instrument(book)!;
    const sample = order(run, id);
    await run.until("an order on the fine grid is taken", () => hasEnded(sample));
    const limitTicks = (Math.floor(instrument.priceScale / 2 / (fine * 10)) * fine * 10 + fine) as Ticks;
    expect(faults.tickChange(id, symbol)).toBe(true);
    const off: ProbeOrder = {
      venue: id,
      instrument,
      updates: [],
      order: { ...sample.order, id: `${sample.order.id}-off`, book, limitTicks } as Order,
    };
    run.probes.all.push(off);
    run.link(id).session.gateway!.submit(off.order, instrument);
    await run.until("it was refused", () => hasEnded(off));
    expect(off.updates.map(({ state, reason }) => [state, reason])).toEqual([["rejected", "order.tick"]]);
    const healed = await run.until(
      "the tick is read anew",
      () => stepOf(run, book) === fine * 10 && run.isWhole(id),
    );
    othersAreWell(run, id);
    order(run, id);
    await endsWell(run, id, ["book.tick_change"]);
    told(`${id} tick change: book.tick_change, order.tick after ${detected} ms, healed in ${healed} ms`);
  });

  it.each(FAULT_VENUES)("$id: a market closes and opens again", async ({ id }) => {
    const run = await start({
      speed: 4,
      sessions: { kalshi: { rediscoverMs: 2_000 } },
      feed: { rediscoverMs: 2_000 },
    });
    const { faults } = run.stack.market;
    const sample = order(run, id);
    await run.until("an order is taken", () => hasEnded(sample));
    const { book } = sample.order;
    const symbol = run.link(id).symbolOf(book)!;
    const { view } = run.room.record.session.engine.replica;
    const others = run.coverage(id).wanted - 1;
    expect(faults.closeAndReopen(id, symbol, 20_000_000)).toBe(true);
    const late: ProbeOrder = {
      ...sample,
      updates: [],
      order: { ...sample.order, id: `${sample.order.id}-late` },
    };
    run.probes.all.push(late);
    run.link(id).session.gateway!.submit(late.order, late.instrument);
    await run.until("it has ended", () => hasEnded(late));
    expect(late.updates.at(-1)?.fills).toEqual([]);
    const tradable = ([BID, ASK] as const).map(
      (side) => () => view.barred(book, side) === 0 && view.bestTicks(book, side) > 0,
    );
    const detected = await run.until("nobody can trade it", () => !tradable.some((is) => is()));
    expect(run.coverage(id).usable).toBeGreaterThanOrEqual(others);
    othersAreWell(run, id);
    const healed = await run.until("it is usable again", () => {
      const [bid, ask] = [view.bestTicks(book, BID), view.bestTicks(book, ASK)];
      return view.instrument(book)?.status === "open" && bid > 0 && ask > 0 && run.isWhole(id);
    });
    order(run, id);
    await endsWell(run, id, []);
    told(
      `${id} close and reopen: ${late.updates.map(({ state, reason }) => `${state} ${reason}`).join()} , barred after ${detected} ms, healed in ${healed} ms`,
    );
  });

  it.each(FAULT_VENUES)("$id: every resting order of a market is cancelled", async ({ id }) => {
    const run = await start({ speed: 2 });
    const { book, symbol } = someBook(run, id);
    const { view } = run.room.record.session.engine.replica;
    // Nobody but the makers comes back to it, half a second later.
    run.stack.market.faults.quiet(id, 5_000_000);
    expect(run.stack.market.faults.massCancel(id, symbol)).toBe(true);
    const detected = await run.until(
      "the book is empty",
      () => view.bestTicks(book, BID) <= 0 && view.bestTicks(book, ASK) <= 0,
    );
    othersAreWell(run, id);
    const healed = await run.until(
      "it is quoted again",
      () => view.bestTicks(book, BID) > 0 && view.bestTicks(book, ASK) > 0,
    );
    expect(run.reconnects(id)).toBe(0);
    order(run, id);
    await endsWell(run, id, []);
    told(`${id} mass cancel: empty after ${detected} ms, quoted again in ${healed} ms`);
  });

  it.each(FAULT_VENUES)("$id: its clock runs away while orders are sent", async ({ id }) => {
    const run = await start({
      speed: 10,
      feed: { rediscoverMs: 1_000 },
      sessions: { kalshi: { rediscoverMs: 1_000, statusMs: 1_000 } },
    });
    run.taps.skews.get(id)!.setSkew(60_000_000);
    const detected = await run.until("it is said", () => run.count(id, "feed.clock_skew") > 0);
    othersAreWell(run, id);
    const taken = () => run.exchange(id).orders(ACCOUNT).length;
    order(run, id);
    await run.until("the order has ended", () => run.probes.all.every(hasEnded));
    const healed = await run.until("orders are taken", () => taken() > 0);
    expect(Math.abs(run.link(id).health().clockSkewMicros! - 60_000_000)).toBeLessThan(5_000_000);
    // A connection made now is signed by the venue's clock too.
    run.gate(id).begin("disconnect");
    await run.until(`${id} is whole again`, () => run.reconnects(id) > 0 && run.isWhole(id));
    await endsWell(run, id, ["feed.clock_skew"]);
    told(`${id} clock skew: feed.clock_skew after ${detected} ms, healed in ${healed} ms`);
  });
});
