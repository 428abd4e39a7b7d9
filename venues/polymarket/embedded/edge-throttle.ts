import type { Micros } from "../../../src/contracts/index.ts";

const SECOND = 1_000_000;
const WINDOW = 10 * SECOND;
const LONG_WINDOW = 600 * SECOND;
/** Longer waits are refused with a block page. */
const MAX_WAIT = 30 * SECOND;

interface Limit {
  readonly count: number;
  readonly windowMicros: number;
}

const short = (count: number): Limit => ({ count, windowMicros: WINDOW });
const long = (count: number): Limit => ({ count, windowMicros: LONG_WINDOW });

/** Published limits per address (docs rate-limits, late 2026): of a host, and of endpoints by method and path. */
const HOSTS: Readonly<Record<string, readonly Limit[]>> = {
  gamma: [short(4_000)],
  clob: [short(9_000)],
};
const ENDPOINTS: Readonly<Record<string, readonly Limit[]>> = {
  "gamma GET /events": [short(500)],
  "gamma GET /markets": [short(300)],
  "clob GET /ok": [short(100)],
  "clob GET /book": [short(1_500)],
  "clob POST /books": [short(500)],
  "clob GET /price": [short(1_500)],
  "clob POST /prices": [short(500)],
  "clob GET /midpoint": [short(1_500)],
  "clob POST /midpoints": [short(500)],
  "clob GET /prices-history": [short(1_000)],
  "clob GET /tick-size": [short(200)],
  "clob GET /balance-allowance": [short(200)],
  "clob GET /balance-allowance/update": [short(50)],
  "clob GET /data/orders": [short(500)],
  "clob GET /data/trades": [short(500)],
  "clob POST /auth/api-key": [short(100)],
  "clob GET /auth/derive-api-key": [short(100)],
  "clob POST /order": [short(3_500), long(36_000)],
  "clob DELETE /order": [short(3_000), long(30_000)],
  "clob POST /orders": [short(1_000), long(15_000)],
  "clob DELETE /orders": [short(1_000), long(15_000)],
  "clob DELETE /cancel-all": [short(250), long(6_000)],
  "clob DELETE /cancel-market-orders": [short(1_000), long(1_500)],
};

/** Passages of one limit: a request may pass once the one `count` before it is a window old. */
class Window {
  readonly #limit: Limit;
  readonly #passed: Float64Array;
  #next = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
    this.#passed = new Float64Array(limit.count).fill(Number.NEGATIVE_INFINITY);
  }

  earliest(now: Micros): number {
    return Math.max(now, this.#passed[this.#next]! + this.#limit.windowMicros);
  }

  pass(at: number): void {
    this.#passed[this.#next] = at;
    this.#next = (this.#next + 1) % this.#passed.length;
  }
}

/** The edge before the servers: what exceeds a limit is not refused but held back. */
export class EdgeThrottle {
  readonly #windows = new Map<string, readonly Window[]>();

  /** How long a request is held back, in microseconds; null = so long that it is blocked. */
  delay(host: string, method: string, path: string, now: Micros): number | null {
    const limits = [...this.#of(host, HOSTS[host]), ...this.#of(...endpointOf(host, method, path))];
    let at: number = now;
    for (const window of limits) at = Math.max(at, window.earliest(now));
    if (at - now > MAX_WAIT) return null;
    for (const window of limits) window.pass(at);
    return at - now;
  }

  #of(key: string, limits: readonly Limit[] | undefined): readonly Window[] {
    if (limits === undefined) return [];
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const made = limits.map((limit) => new Window(limit));
    this.#windows.set(key, made);
    return made;
  }
}

/** Gamma's listings share the limit of their collection, whichever form is asked for. */
function endpointOf(host: string, method: string, path: string): [string, readonly Limit[] | undefined] {
  const collection = host === "gamma" ? `/${path.split("/")[1] ?? ""}` : path;
  const key = `${host} ${method} ${collection}`;
  return [key, ENDPOINTS[key]];
}
