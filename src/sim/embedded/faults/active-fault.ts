import type { Cancel } from "../../../contracts/index.ts";
import type { Fault, FaultSettings } from "./fault.ts";

/** A fault while it strikes. */
export interface ActiveFault {
  readonly fault: Fault;
  readonly settings: FaultSettings;
  /** The sockets it strikes; null = any. */
  readonly sockets: ReadonlySet<object> | null;
  /** Strikes left; null = no limit. */
  left: number | null;
  /** Takes back the alarm that ends it. */
  cancelEnd: Cancel;
}

/** What a fault may strike: a request, or a socket with what it carries. */
export interface Target {
  readonly host: string;
  /** `METHOD /path`. */
  readonly label: string;
  /** Null for a request, and for a socket that is not there yet. */
  readonly socket: object | null;
}

export function concerns(active: ActiveFault, target: Target): boolean {
  const { host, match } = active.settings;
  if (host !== null && host !== target.host) return false;
  if (match !== null && !target.label.includes(match)) return false;
  return active.sockets === null || (target.socket !== null && active.sockets.has(target.socket));
}
