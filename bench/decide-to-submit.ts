/**
 * Decision to order on the wire, in a whole connected run with real orders to embedded venues (in a process of their
 * own), while 10,000 messages a second arrive: from `plan.approved` to `submit` of the venue's gateway, to the request
 * handed to the network, to the headers written to the socket. The journal's barrier and the signatures lie between.
 * Phases take turns: as the product does it, and with a Kalshi signature kept fresh (`OrderGateway.prepare`). Then what
 * each way of signing costs the thread.
 *
 * Usage: node bench/decide-to-submit.ts [seconds=40] [perSecond=10000]
 */
import { subscribe } from "node:diagnostics_channel";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import type { Net, Order, OrderGateway, VenueId } from "../src/contracts/index.ts";
import type { ConnectedRoom } from "../src/runtime/live/connected-run.ts";
import type { SessionTap } from "../src/runtime/session.ts";
import { signingRows } from "./decide-to-submit-signing.ts";
import { quantile } from "./ingest-child.ts";
import { benchRun, CountingNet, openVenues, started } from "./live-start-run.ts";

// As `./emp` starts Node.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");

const SECONDS = Number(process.argv[2] ?? 40);
const PER_SECOND = Number(process.argv[3] ?? 10_000);
const TURN_SECONDS = 5;
const EVENTS = 50;
const FIRST_FACTOR = 100;
const WARM_UP_SECONDS = 8;
/** A signature may be used again for a second; it is made anew well before. */
const FRESH_MS = 300;
/** Orders of one plan leave one after the other: the first and the last of them are told apart. */
const GOAL_MICROS = 1_000;

const MARKET = {
  EMP_EMBEDDED__MARKETS_PER_VENUE: "300",
  EMP_EMBEDDED__EVENTS_PER_SECOND: String(EVENTS),
  EMP_EMBEDDED__PLANT_EVERY_MS: "150",
  EMP_EMBEDDED__CROSS_EVERY_MS: "0",
  EMP_EMBEDDED__DECOY_EVERY_MS: "0",
  EMP_EMBEDDED__RATE_LIMITS: "false",
};
const PROFILE = {
  ...MARKET,
  // Budgets that no order of this bench has to wait for.
  EMP_VENUES__KALSHI__SESSION__TIER: "prestige",
  EMP_OPPORTUNITY__COOLDOWN_MS: "0",
  EMP_PAPER__START_CASH__DEFAULT: "90000",
  EMP_RISK__MAX_CONCURRENT: "1000",
  EMP_RISK__FAMILY_CAP: "1000000",
  EMP_RISK__VENUE_CAP: "1000000",
  EMP_RISK__TOTAL_CAP: "1000000",
  EMP_RISK__DAILY_DRAWDOWN: "1",
};

const STAGES = ["gateway", "network", "socket"] as const;
type Stage = (typeof STAGES)[number];
type Way = "as it is" | "Kalshi prepared";

interface Issued {
  readonly venue: VenueId;
  readonly way: Way;
  readonly approvedMs: number;
  /** Position within its plan. */
  readonly index: number;
}

/** Takes the time of each order on its way out. */
class Stopwatch {
  readonly #approvedMs = new Map<string, { readonly atMs: number; orders: number }>();
  readonly #orders = new Map<string, Issued>();
  readonly #bodies = new Map<string, Issued>();
  /** The order whose gateway is at work. */
  #current: Issued | null = null;
  /** Requests that left later than their gateway's call: they waited for the venue's budget. */
  queued = 0;
  way: Way = "as it is";
  /** Microseconds by venue, way, place in the plan and stage. */
  readonly micros = new Map<string, number[]>();
  last: ReadonlyMap<VenueId, Order> = new Map();

  readonly tap: SessionTap = {
    quote: () => {},
    decision: (decision) => {
      if (decision.kind === "plan.approved")
        this.#approvedMs.set(decision.id, { atMs: performance.now(), orders: 0 });
      else if (decision.kind === "command.issued" && decision.command.kind === "venue.submit")
        this.#issued(decision.command.order, decision.command.venue);
    },
  };

  watch({ core }: ConnectedRoom): void {
    for (const { id, session } of core.links) {
      const { gateway } = session;
      if (gateway === null) throw new Error(`${id}: no gateway`);
      const submit = gateway.submit.bind(gateway);
      gateway.submit = (order, instrument) => {
        this.last = new Map(this.last).set(id, order);
        this.#current = this.#orders.get(order.id) ?? null;
        if (this.#current !== null) this.#note(this.#current, "gateway");
        submit(order, instrument);
        this.#current = null;
      };
    }
    subscribe("undici:client:sendHeaders", (message) => {
      const { body } = (message as { readonly request: { readonly body: unknown } }).request;
      const text = body instanceof Uint8Array ? Buffer.from(body).toString() : String(body);
      const issued = this.#bodies.get(text);
      if (issued !== undefined) this.#note(issued, "socket");
    });
  }

  /** A network that says when an order's request is handed to it. */
  through(net: Net): Net {
    return {
      connect: (...args) => net.connect(...args),
      request: (request, done) => {
        if (this.#current !== null && request.body !== null) {
          this.#bodies.set(request.body, this.#current);
          this.#note(this.#current, "network");
        } else if (request.method === "POST" && /order/.test(request.url)) this.queued++;
        return net.request(request, done);
      },
    };
  }

  #issued(order: Order, venue: VenueId): void {
    const plan = this.#approvedMs.get(order.opportunity);
    if (plan === undefined || order.purpose !== "entry" || order.attempt > 0) return;
    this.#orders.set(order.id, { venue, way: this.way, approvedMs: plan.atMs, index: plan.orders++ });
  }

  #note({ venue, way, approvedMs, index }: Issued, stage: Stage): void {
    const micros = (performance.now() - approvedMs) * 1000;
    for (const place of index === 0 ? ["first order", "every order"] : ["every order"]) {
      const key = `${venue} | ${way} | ${place} | ${stage}`;
      const all = this.micros.get(key) ?? [];
      this.micros.set(key, all);
      all.push(micros);
    }
  }
}

/** Keeps a signature of each gateway fresh while `way` says so. */
function keepFresh({ core, record }: ConnectedRoom, watch: Stopwatch): NodeJS.Timeout {
  const kalshi: OrderGateway | null = core.links.find(({ id }) => id === "kalshi")?.session.gateway ?? null;
  return setInterval(() => {
    const order = watch.last.get("kalshi");
    const instrument =
      order === undefined ? undefined : record.session.engine.replica.view.instrument(order.book);
    if (watch.way === "as it is" || order === undefined || instrument === undefined) return;
    kalshi?.prepare({ ...order, id: "kept fresh" }, instrument);
  }, FRESH_MS);
}

async function measure(watch: Stopwatch): Promise<number> {
  const venues = await openVenues(MARKET, "decide-to-submit");
  let net: CountingNet | null = null;
  let perSecond = 0;
  const burst = (factor: number, seconds: number): void =>
    venues.child.tell({ kind: "burst", factor, seconds });
  try {
    await benchRun({
      venues,
      fields: PROFILE,
      orders: "on",
      taps: [watch.tap],
      through: (own) => {
        net = new CountingNet(watch.through(own));
        return net;
      },
      during: async (room) => {
        await started(room);
        burst(FIRST_FACTOR, WARM_UP_SECONDS);
        const messages = net!.messages;
        await sleep(WARM_UP_SECONDS * 1000);
        const seen = (net!.messages - messages) / WARM_UP_SECONDS;
        burst((FIRST_FACTOR * PER_SECOND) / seen, SECONDS + 5);
        watch.watch(room);
        const fresh = keepFresh(room, watch);
        const before = { messages: net!.messages, atMs: performance.now() };
        for (let turn = 0; turn < SECONDS / TURN_SECONDS; turn++) {
          watch.way = turn % 2 === 0 ? "as it is" : "Kalshi prepared";
          await sleep(TURN_SECONDS * 1000);
        }
        clearInterval(fresh);
        perSecond = ((net!.messages - before.messages) / (performance.now() - before.atMs)) * 1000;
      },
    });
  } finally {
    await venues.child.end();
  }
  return perSecond;
}

async function main(): Promise<void> {
  const loadBefore = loadavg()[0]!.toFixed(1);
  const watch = new Stopwatch();
  const perSecond = await measure(watch);
  console.log(
    `decide to submit: ${perSecond.toFixed(0)} msgs/s, load average ${loadBefore} -> ${loadavg()[0]!.toFixed(1)}, ${watch.queued} requests waited for the venue's budget`,
  );
  console.log("| venue | way | which | from approval to | count | p50 us | p99 us |");
  console.log("|---|---|---|---|---|---|---|");
  for (const [key, values] of [...watch.micros].sort()) {
    const sorted = Float64Array.from(values);
    const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
    const verdict =
      key.endsWith("network") && key.includes("first") && p99 > GOAL_MICROS ? " (over 1 ms)" : "";
    console.log(`| ${key} | ${sorted.length} | ${p50.toFixed(0)} | ${p99.toFixed(0)}${verdict} |`);
  }
  console.log("\n| one signature | p50 us | p99 us |");
  console.log("|---|---|---|");
  for (const { name, p50Micros, p99Micros } of await signingRows())
    console.log(`| ${name} | ${p50Micros.toFixed(1)} | ${p99Micros.toFixed(1)} |`);
}

await main();
