import { afterEach, expect } from "vitest";
import type { Reason, VenueId } from "../../src/contracts/index.ts";
import { FaultRun, type FaultRunEnd, type FaultRunOptions } from "./harness.ts";
import { hasEnded, type ProbeOrder } from "./probe-orders.ts";
import { FAULT_VENUES } from "./venues.ts";

const CALM_MICROS = 15_000_000;

/** Starts runs for the tests of one file; whatever becomes of a test, its run is ended. */
export function runs(): (options: FaultRunOptions) => Promise<FaultRun> {
  let run: FaultRun | null = null;
  afterEach(async () => {
    await run?.abandon();
    run = null;
  });
  return async (options) => {
    run = new FaultRun(options);
    return await run.start();
  };
}

/** Sends an order at a venue as its books stand now. */
export function order(run: FaultRun, venue: VenueId): ProbeOrder {
  return run.probes.send(run.link(venue), run.room.record.session.engine.replica);
}

/** Lets a venue's books stand still for a while, so that an order finds what it was made for. */
export async function calm(run: FaultRun, venue: VenueId): Promise<void> {
  run.stack.market.faults.quiet(venue, CALM_MICROS);
  await run.pass(1_000);
}

/** The others go on as if nothing was. */
export function othersAreWell(run: FaultRun, struck: VenueId): void {
  for (const { id } of FAULT_VENUES) {
    if (id === struck) continue;
    const { wanted, usable } = run.coverage(id);
    expect([id, usable, run.reconnects(id)]).toEqual([id, wanted, 0]);
  }
}

/**
 * The end of every test: orders are told to their end, books are level by level those of the exchanges, nothing was
 * sent twice or lost, nothing is left open, and what was counted stands in the report and in the journal.
 */
export async function endsWell(
  run: FaultRun,
  venue: VenueId,
  reasons: readonly Reason[],
): Promise<FaultRunEnd> {
  await run.until("every order has ended", () => run.probes.all.every(hasEnded));
  for (const { id } of run.room.core.links) {
    await run.equalBooks(id);
    expect(run.probes.faults(id, run.stack.market)).toEqual([]);
  }
  const end = await run.close();
  expect(run.leaks()).toEqual([]);
  for (const reason of reasons) {
    expect(end.summary.reasons[venue]?.[reason], reason).toBeGreaterThan(0);
    if (reason.startsWith("feed."))
      expect(end.facts).toContainEqual(expect.objectContaining({ kind: "feed.note", venue, stage: reason }));
  }
  return end;
}

/** One line of the table of faults, printed when EMP_FAULT_TABLE is set: `kalshi gap: book.gap after 12 ms, healed in 40 ms`. */
export function told(line: string): void {
  if (process.env["EMP_FAULT_TABLE"] !== undefined) process.stdout.write(`FAULT ${line}\n`);
}
