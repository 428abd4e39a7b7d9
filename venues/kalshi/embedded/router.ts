import type { Clock, ServedAnswer, ServedRequest } from "../../../src/contracts/index.ts";
import { answer, TOO_MANY } from "./answers.ts";
import { type KeyRing, UNSIGNED } from "./auth.ts";
import { EdgeCache } from "./edge-cache.ts";
import { UNKNOWN_PATH } from "./faults.ts";
import type { MarketRoutes } from "./market-routes.ts";
import { legsOf, type OrderRoutes } from "./order-routes.ts";
import type { PortfolioRoutes } from "./portfolio-routes.ts";
import { BadParameter } from "./query.ts";
import { ACCOUNT_LIMITS, callOf, ENDPOINT_COSTS, RateLimits } from "./rate-limits.ts";
import { httpDate, millis } from "./values.ts";

const PREFIX = "/trade-api/v2/";
const MAX_PATH = 8_192;

export interface RouterParts {
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly rateLimits: boolean;
  readonly markets: MarketRoutes;
  readonly portfolio: PortfolioRoutes;
  readonly orders: OrderRoutes;
}

/** Every REST call: who asks, may they, and who answers. */
export class Router {
  readonly #parts: RouterParts;
  readonly #limits = new RateLimits();
  readonly #edge = new EdgeCache();

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  answer(request: ServedRequest): ServedAnswer {
    const now = this.#parts.clock.now();
    const given = this.#guarded(request, now);
    return { ...given, headers: { date: httpDate(now), ...given.headers } };
  }

  #guarded(request: ServedRequest, now: number): ServedAnswer {
    try {
      return this.#admitted(request, now);
    } catch (error) {
      if (error instanceof BadParameter) return error.answer;
      throw error;
    }
  }

  #admitted(request: ServedRequest, now: number): ServedAnswer {
    const { method, path, body } = request;
    const [plain = ""] = path.split("?", 1);
    if (path.length > MAX_PATH) return answer(414, { error: "uri too long" });
    if (!plain.startsWith(PREFIX)) return UNKNOWN_PATH;
    const parts = plain.slice(PREFIX.length).split("/").map(decoded);
    const caller = this.#parts.keys.caller(request, millis(now));
    if (caller.kind === "refused") return caller.answer;
    if (caller.kind === "anonymous") {
      if (isPrivate(parts)) return UNSIGNED;
      if (method !== "GET") return UNKNOWN_PATH;
      return this.#edge.serve(path, now, () => this.#public(parts, path));
    }
    const { account } = caller;
    const call = callOf(method, plain, legsOf(plain, body));
    if (this.#parts.rateLimits && !this.#limits.admit(account, call, now)) return TOO_MANY;
    if (isPrivate(parts)) return this.#private(request, parts, account);
    return method === "GET" ? this.#public(parts, path) : UNKNOWN_PATH;
  }

  #public(parts: readonly string[], path: string): ServedAnswer {
    if (parts.join("/") === "account/endpoint_costs") return answer(200, ENDPOINT_COSTS);
    return this.#parts.markets.get(parts, path) ?? UNKNOWN_PATH;
  }

  #private({ method, path, body }: ServedRequest, parts: readonly string[], account: string): ServedAnswer {
    const [area, ...below] = parts;
    if (area === "account")
      return method === "GET" && below[0] === "limits" ? answer(200, ACCOUNT_LIMITS) : UNKNOWN_PATH;
    if (below[0] === "events" && below[1] === "orders" && below.length <= 4)
      return this.#parts.orders.call(method, below.slice(2), account, body) ?? UNKNOWN_PATH;
    if (method !== "GET") return UNKNOWN_PATH;
    return this.#parts.portfolio.get(below, account, path) ?? UNKNOWN_PATH;
  }
}

function isPrivate([area, name]: readonly string[]): boolean {
  return area === "portfolio" || (area === "account" && name !== "endpoint_costs");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
