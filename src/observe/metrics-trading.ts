import { byReason, counted, counter, gauge, type MetricFamily, one } from "./metrics-family.ts";
import type { DeskReading, RunReading } from "./metrics-reading.ts";

/** Lanes, opportunities, orders and money. */
export const TRADING_FAMILIES: readonly MetricFamily[] = [
  gauge(
    "emp_lane_families",
    ["lane", "reason"],
    "Families by the lane's last diagnosis: why it gave nothing, or that it emitted.",
    ({ lanes }) => lanes.flatMap(({ id, families }) => byReason(id, families)),
  ),
  counter(
    "emp_lane_troubles_total",
    ["lane", "reason"],
    "Late, failed and paused cycles of lanes in threads.",
    ({ lanes }) => lanes.flatMap(({ id, troubles }) => byReason(id, troubles)),
  ),
  counter("emp_opportunities_detected_total", ["lane"], "Opportunities detected.", ({ trades }) =>
    counted(trades.detected),
  ),
  counter("emp_opportunities_closed_total", ["lane", "outcome"], "Opportunities that ended.", ({ trades }) =>
    counted(trades.closed),
  ),
  counter(
    "emp_opportunities_refused_total",
    ["lane", "stage", "reason"],
    "Opportunities refused: by the checker, the sizing or the risk gate.",
    ({ trades }) => counted(trades.refused),
  ),
  gauge("emp_opportunities_waiting", [], "Opportunities that wait for a settled size.", ({ desk }) =>
    one(desk?.waiting ?? null),
  ),
  counter("emp_orders_total", ["venue", "purpose"], "Orders issued.", ({ trades }) => counted(trades.orders)),
  counter("emp_orders_unfilled_total", ["venue"], "Orders of ended plans without a fill.", ({ trades }) =>
    counted(trades.unfilled),
  ),
  counter("emp_cancels_total", ["venue"], "Cancels issued.", ({ trades }) => counted(trades.cancels)),
  gauge(
    "emp_kill_flat",
    ["venue"],
    "After a kill: 1 once the venue confirmed that no order is open; absent before a kill.",
    ({ venues }) => venues.flatMap(({ id, flat }) => (flat === null ? [] : [[[id], Number(flat)] as const])),
  ),
  money("emp_equity", "Cash and open claims at their worst state.", ({ equity }) => equity),
  money("emp_start_cash", "Money at the start.", ({ startCash }) => startCash),
  money("emp_cash", "Free cash.", ({ cash }) => cash),
  money("emp_reserved", "Cash reserved for open plans.", ({ reserved }) => reserved),
  money("emp_open_at_worst", "Open claims at their worst state.", ({ openAtWorst }) => openAtWorst),
  money("emp_fees", "Fees paid.", ({ fees }) => fees),
  gauge("emp_open_positions", [], "Claims held.", ({ desk }) => one(desk?.openPositions ?? null)),
];

/** Amounts are exact in the ledger; here they are rounded to floats, which decide nothing. */
function money(name: string, help: string, amountOf: (desk: DeskReading) => string): MetricFamily {
  return gauge(name, ["currency"], help, ({ desk }: RunReading) =>
    desk === null ? [] : [[[desk.currency], Number(amountOf(desk))]],
  );
}
