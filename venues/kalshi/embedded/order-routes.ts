import type { ServedAnswer } from "../../../src/contracts/index.ts";
import { answer, flatError, nestedError } from "./answers.ts";
import type { OrderDesk, Placed } from "./order-desk.ts";
import {
  type Read,
  type Refused,
  readAmend,
  readBatch,
  readBatchCancel,
  readCreate,
  readDecrease,
  readJson,
} from "./order-request.ts";

/** Order entry: `/portfolio/events/orders` and below. */
export class OrderRoutes {
  readonly #desk: OrderDesk;

  constructor(desk: OrderDesk) {
    this.#desk = desk;
  }

  /** @param parts path below `.../orders`, split. @returns null for a call that is not served. */
  call(method: string, [id, verb]: readonly string[], account: string, body: string): ServedAnswer | null {
    const value = readJson(body);
    if (id === undefined) return this.#root(method, account, value);
    if (verb === undefined && id === "batched") return this.#batch(method, account, value);
    if (verb === undefined && method === "DELETE") return shown(this.#desk.cancel(account, id));
    if (method !== "POST") return null;
    if (verb === "amend") return run(readAmend(value), (request) => this.#desk.amend(account, id, request));
    if (verb === "decrease")
      return run(readDecrease(value), ({ by, to }) => this.#desk.decrease(account, id, by, to));
    return null;
  }

  #root(method: string, account: string, value: unknown): ServedAnswer | null {
    if (method === "POST") return run(readCreate(value), (request) => this.#desk.create(account, request));
    if (method !== "DELETE") return null;
    this.#desk.cancelAll(account);
    return { status: 204, headers: {}, body: "" };
  }

  /** 201 even when every leg fails: what failed is said leg by leg. */
  #batch(method: string, account: string, value: unknown): ServedAnswer | null {
    const legs = readBatch(value);
    if (method !== "POST" && method !== "DELETE") return null;
    if (legs === null)
      return flatError(400, "bad_request", "json: cannot unmarshal value into Go struct field .orders");
    const orders = legs.map((leg) =>
      method === "POST" ? this.#createLeg(account, leg) : this.#cancelLeg(account, leg),
    );
    return answer(method === "POST" ? 201 : 200, { orders });
  }

  #createLeg(account: string, leg: unknown): Readonly<Record<string, unknown>> {
    const read = readCreate(leg);
    if (!read.ok) return { error: read.error };
    const placed = this.#desk.create(account, read.value);
    if (placed.ok) return placed.fields;
    const client = read.value.clientId === null ? {} : { client_order_id: read.value.clientId };
    return { ...client, error: placed.error };
  }

  #cancelLeg(account: string, leg: unknown): Readonly<Record<string, unknown>> {
    const id = readBatchCancel(leg) ?? "";
    const placed = this.#desk.cancel(account, id);
    return placed.ok ? placed.fields : { error: placed.error, order_id: id, reduced_by: "0.00" };
  }
}

/** Legs of a batch body, for its cost; 0 when it is none. */
export function legsOf(path: string, body: string): number {
  return path.endsWith("/batched") ? (readBatch(readJson(body))?.length ?? 0) : 0;
}

function run<T>(read: Read<T>, call: (value: T) => Placed): ServedAnswer {
  return read.ok ? shown(call(read.value)) : refused(read);
}

function refused({ flat, error }: Refused): ServedAnswer {
  return flat ? flatError(400, error.code, error.details ?? "") : nestedError(400, error);
}

function shown(placed: Placed): ServedAnswer {
  return placed.ok ? answer(placed.status, placed.fields) : nestedError(placed.status, placed.error);
}
