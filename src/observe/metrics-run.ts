import { counter, gauge, type MetricFamily, one } from "./metrics-family.ts";

/** The run as a whole: identity, health, start, process. */
export const RUN_FAMILIES: readonly MetricFamily[] = [
  gauge(
    "emp_info",
    ["profile", "version", "venues", "orders"],
    "What runs; always 1.",
    ({ run: { profile, version, venues, orders } }) => [[[profile, version, venues, orders], 1]],
  ),
  gauge("emp_uptime_seconds", [], "Time since the run began.", ({ uptimeMs }) => one(uptimeMs / 1000)),
  gauge("emp_healthy", [], "1 while /health answers 200.", ({ health }) => one(health.ok)),
  gauge("emp_start_complete", [], "1 once every venue gave a usable quote.", ({ start }) =>
    one(start.complete),
  ),
  gauge(
    "emp_start_stage_ms",
    ["venue", "stage"],
    "From the start of the run to the end of a stage; absent while it lasts.",
    ({ start }) =>
      start.stages.flatMap(({ venue, stage, endedMs }) =>
        endedMs === null ? [] : [[[venue, stage], endedMs] as const],
      ),
  ),
  gauge("emp_risk_halted", [], "1 while trading is off: paused, killed or daily drawdown.", ({ desk }) =>
    one(desk === null ? null : desk.halted !== null),
  ),
  gauge(
    "emp_degraded",
    ["scope"],
    "1 while nothing is sized there: all, or a venue.",
    ({ degraded, venues }) =>
      ["all", ...venues.map(({ id }) => id)].map((scope) => [
        [scope],
        degraded.some((each) => each.scope === scope) ? 1 : 0,
      ]),
  ),
  gauge("emp_journal_ok", [], "0 while the journal cannot be written: trading is off.", ({ desk }) =>
    one(desk?.journalOk ?? null),
  ),
  counter("emp_journal_lost_records_total", [], "Records that the disk refused for too long.", ({ desk }) =>
    one(desk?.journalLost ?? null),
  ),
  gauge("emp_process_resident_bytes", [], "Memory of the process.", ({ capacity }) =>
    one(capacity.residentBytes),
  ),
  gauge("emp_process_heap_bytes", [], "Used heap of the main thread.", ({ capacity }) =>
    one(capacity.heapBytes),
  ),
  gauge("emp_process_external_bytes", [], "Buffers outside the heap.", ({ capacity }) =>
    one(capacity.externalBytes),
  ),
  counter("emp_process_cpu_seconds_total", [], "User and system time of all threads.", ({ capacity }) =>
    one(capacity.cpuSeconds),
  ),
  gauge(
    "emp_process_handles",
    [],
    "Timers, sockets, files and threads that keep the process alive.",
    ({ capacity }) => one(capacity.handles),
  ),
];
