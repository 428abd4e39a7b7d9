import type { HealthReading } from "../../observe/metrics-reading.ts";
import type { ConnectedRoom } from "./connected-run.ts";

type Trouble = HealthReading["reasons"][number];

/** Scope of what concerns the whole run. */
const ALL = "all";

/**
 * Why a run is not fit to trade; nothing = healthy. Cheap: it may be asked every second.
 * @param room null while the venues are not being connected yet.
 */
export function readHealth(room: ConnectedRoom | null): HealthReading {
  const reasons =
    room === null
      ? [{ code: "start_incomplete", scope: ALL, detail: "the venues are not being connected yet" } as const]
      : [...ends(room), ...starts(room), ...halts(room), ...degraded(room)];
  return { ok: reasons.length === 0, reasons };
}

/** Scopes in which nothing is sized, and why. */
export function degradedScopes({
  record,
  core,
}: ConnectedRoom): readonly { readonly scope: string; readonly reason: string }[] {
  const scopes = record.session.engine.desk.degraded;
  const everywhere = scopes.of(ALL);
  const all = everywhere === null ? [] : [{ scope: ALL, reason: everywhere }];
  // Where everything is degraded, the venues' own reasons cannot be told; their watchdogs still say whether.
  const venues = core.links.flatMap(({ id, watchdogs }) => {
    const reason = everywhere === null ? scopes.of(id) : watchdogs.isDegraded ? "its own feed too" : null;
    return reason === null ? [] : [{ scope: id, reason }];
  });
  return [...all, ...venues];
}

function ends({ failure, core }: ConnectedRoom): readonly Trouble[] {
  if (failure !== null) return [{ code: "failed", scope: ALL, detail: textOf(failure.error) }];
  return core.ended ? [{ code: "ending", scope: ALL, detail: "the run is being closed" }] : [];
}

/** One line per venue without a usable quote, with the stage it is in. */
function starts({ startup, core }: ConnectedRoom): readonly Trouble[] {
  if (startup.complete) return [];
  const board = startup.board();
  return core.links.flatMap(({ id }) => {
    const own = board.filter(({ venue }) => venue === id);
    if (own.some(({ stage, endedMs }) => stage === "quote" && endedMs !== null)) return [];
    const current = own.find(({ endedMs }) => endedMs === null) ?? own.at(-1);
    const far = current === undefined ? "" : `${Math.max(0, current.done)} of ${current.total ?? "?"}`;
    const detail = current === undefined ? "not begun" : `${current.stage}: ${far}`;
    return [{ code: "start_incomplete", scope: id, detail } as const];
  });
}

function halts({ record, core }: ConnectedRoom): readonly Trouble[] {
  const { paused } = record.session.engine.desk;
  const open = core.killStates().filter(({ flat }) => !flat);
  return [
    ...(paused === null ? [] : [{ code: "halted", scope: ALL, detail: paused } as const]),
    ...(record.writer.state === "ok"
      ? []
      : [{ code: "journal", scope: ALL, detail: "the journal cannot be written: trading is off" } as const]),
    ...open.map(({ venue, detail }) => ({ code: "not_flat", scope: venue, detail }) as const),
  ];
}

function degraded(room: ConnectedRoom): readonly Trouble[] {
  return degradedScopes(room).map(({ scope, reason }) => ({ code: "degraded", scope, detail: reason }));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
