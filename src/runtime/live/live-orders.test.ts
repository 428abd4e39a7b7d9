import { describe, expect, it } from "vitest";
import type {
  Instrument,
  MarketView,
  Micros,
  Order,
  OrderGateway,
  OrderUpdate,
} from "../../contracts/index.ts";
import { LiveOrders } from "./live-orders.ts";

const at = (ms: number) => (ms * 1000) as Micros;
const VIEW = {} as MarketView;
const update = (orderId: string, state: OrderUpdate["state"]): OrderUpdate => ({
  orderId,
  state,
  fills: [],
  reason: null,
  at: at(0),
});

function orders() {
  const said: string[] = [];
  const gateway = {
    submit: (order: Order) => said.push(`submit ${order.id}`),
    cancel: (id: string) => said.push(`cancel ${id}`),
  } as unknown as OrderGateway;
  const live = new LiveOrders(new Map([["acme", gateway]]), () => ({}) as Instrument);
  return { live, said };
}

describe("live orders", () => {
  it("send commands at once and hand answers in as facts, in order, when the session asks", () => {
    const { live, said } = orders();
    expect(live.submit({ id: "o1", book: 0 } as unknown as Order, at(1), "acme")).toBe(true);
    live.cancel("o1", at(2), "acme");
    expect(said).toEqual(["submit o1", "cancel o1"]);
    expect(live.nextAt()).toBeNull();
    live.answered(update("o1", "acked"), at(5));
    live.answered(update("o1", "filled"), at(4));
    expect(live.nextAt()).toBe(at(5));
    expect(live.advance(at(4), VIEW)).toEqual([]);
    expect(live.advance(at(5), VIEW).map((u) => [u.state, u.at])).toEqual([
      ["acked", at(5)],
      ["filled", at(5)],
    ]);
    expect(live.nextAt()).toBeNull();
  });

  it("refuse an order for a venue without order entry", () => {
    const { live } = orders();
    expect(live.submit({ id: "o2", book: 0 } as unknown as Order, at(1), "other")).toBe(false);
    expect(live.advance(at(1), VIEW)).toMatchObject([{ state: "rejected", reason: "order.live_off" }]);
  });
});
