import {
  type Cancel,
  cancelAllOf,
  type EmbeddedServer,
  type FaultAnswer,
  type Rng,
  type ServedAnswer,
  type ServedPeer,
  type ServedRequest,
  type ServedSocket,
  type Timers,
} from "../../../contracts/index.ts";
import { type ActiveFault, concerns, type Target } from "./active-fault.ts";
import { type Fault, type FaultOptions, type FaultPlan, type PlannedFault, settingsOf } from "./fault.ts";
import { GatedSocket, type SocketGate } from "./gated-socket.ts";

export interface FaultGateOptions {
  readonly clock: Timers;
  readonly rng: Rng;
  /** True for keep-alive texts: `frozen` lets them through, and they count as no data. Default: PING and PONG. */
  readonly isHeartbeat?: (text: string) => boolean;
}

const ANSWERS: ReadonlySet<Fault> = new Set<FaultAnswer>([
  "rate_limited",
  "rate_limited_retry_after",
  "cloudflare_html",
  "restarting",
  "forbidden",
  "unavailable",
]);
const UPGRADE_FAULTS: ReadonlySet<Fault> = new Set([...ANSWERS, "refuse_connect"]);
const REQUEST_FAULTS: ReadonlySet<Fault> = new Set([
  ...UPGRADE_FAULTS,
  "timeout_executed",
  "timeout_lost",
  "slow",
]);
const LOOP: ReadonlySet<Fault> = new Set(["resubscribe_loop"]);
const BROKEN = 1006;
const GOING_AWAY = 1001;
/** Status 0: the connection ends without an answer. */
const NOBODY: ServedAnswer = { status: 0, headers: {}, body: "" };

/**
 * An embedded server with faults in front of it, by script and by plan, over real sockets and in simulated time alike.
 * Of several faults that fit, the one that began first strikes; what no fault strikes passes unchanged.
 */
export class FaultGate implements EmbeddedServer {
  readonly #server: EmbeddedServer;
  readonly #clock: Timers;
  readonly #rng: Rng;
  readonly #socketGate: SocketGate;
  readonly #active = new Set<ActiveFault>();
  readonly #sockets = new Set<GatedSocket>();
  readonly #plans = new Set<Cancel>();
  readonly #late = new Set<Cancel>();
  readonly #injected = new Map<Fault, number>();
  #closed = false;

  constructor(server: EmbeddedServer, options: FaultGateOptions) {
    this.#server = server;
    this.#clock = options.clock;
    this.#rng = options.rng;
    this.#socketGate = {
      clock: options.clock,
      rng: options.rng,
      isHeartbeat: options.isHeartbeat ?? ((text) => text === "PING" || text === "PONG"),
      strike: (kinds, target) => this.#strike(kinds, target),
      gone: (socket) => this.#sockets.delete(socket),
    };
  }

  /** Lets a fault strike from now on. @returns what takes it back; what it holds back by then is still delivered. */
  begin(fault: Fault, options: FaultOptions = {}): Cancel {
    if (this.#closed) return () => {};
    const settings = settingsOf(fault, options);
    // A connection that hangs is that connection's fate: one that is opened instead works.
    const onlyOpen = fault === "frozen" || fault === "silent";
    const sockets = onlyOpen ? new Set<object>(this.#sockets) : null;
    const active: ActiveFault = { fault, settings, sockets, left: settings.count, cancelEnd: () => {} };
    const end = () => this.#end(active);
    this.#active.add(active);
    if (settings.durationMicros !== null) active.cancelEnd = this.#clock.after(settings.durationMicros, end);
    if (fault === "disconnect") {
      this.#cutOpen(active, BROKEN, "");
      end();
    } else if (fault === "resubscribe_loop") this.#cutOpen(active, GOING_AWAY, "going away");
    return end;
  }

  /** Begins each fault of a plan at its time from now. @returns what takes back those that have not begun. */
  run(plan: FaultPlan): Cancel {
    const begin = (planned: PlannedFault) => {
      this.begin(planned.fault, planned);
    };
    const alarms = plan.map((planned) => this.#clock.after(planned.afterMicros, () => begin(planned)));
    const cancel = () => {
      this.#plans.delete(cancel);
      cancelAllOf(alarms);
    };
    this.#plans.add(cancel);
    return cancel;
  }

  /** Faults that strike now, in the order they began. */
  active(): readonly Fault[] {
    return [...this.#active].map((each) => each.fault);
  }

  /** How often each fault struck. */
  injected(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#injected);
  }

  /** What is open now, for leak checks. */
  open(): { readonly sockets: number; readonly late: number } {
    return { sockets: this.#sockets.size, late: this.#late.size };
  }

  request(host: string, request: ServedRequest, reply: (answer: ServedAnswer) => void): void {
    const target = { host, label: labelOf(request), socket: null };
    const active = this.#strike(REQUEST_FAULTS, target);
    if (active === null) {
      this.#server.request(host, request, reply);
      return;
    }
    switch (active.fault) {
      case "timeout_lost":
        break;
      case "timeout_executed":
        this.#server.request(host, request, () => {});
        break;
      case "slow": {
        const { delayMicros } = active.settings;
        this.#server.request(host, request, (answer) => this.#later(delayMicros, () => reply(answer)));
        break;
      }
      default:
        reply(this.#answerOf(active.fault));
    }
  }

  socket(host: string, request: ServedRequest, peer: ServedPeer): ServedSocket | ServedAnswer {
    const target = { host, label: labelOf(request), socket: null };
    const refusal = this.#strike(UPGRADE_FAULTS, target);
    if (refusal !== null) return this.#answerOf(refusal.fault);
    const socket = new GatedSocket(this.#socketGate, target, peer);
    // Before the server may speak: its first frame can come from within `socket`.
    const looping = this.#strike(LOOP, target) !== null;
    if (looping) socket.loop();
    const served = this.#server.socket(host, request, socket);
    if ("status" in served) return served;
    socket.serve(served);
    this.#sockets.add(socket);
    return socket;
  }

  faultAnswer(fault: FaultAnswer): ServedAnswer {
    return this.#server.faultAnswer(fault);
  }

  /** Ends every fault and plan, then the server. */
  close(): void {
    this.#closed = true;
    for (const active of this.#active) active.cancelEnd();
    this.#active.clear();
    cancelAllOf([...this.#plans, ...this.#late]);
    this.#late.clear();
    this.#server.close();
  }

  #strike(kinds: ReadonlySet<Fault>, target: Target): ActiveFault | null {
    for (const active of this.#active) {
      if (kinds.has(active.fault) && this.#hits(active, target)) return active;
    }
    return null;
  }

  /** Whether it strikes this time; counted if so. */
  #hits(active: ActiveFault, target: Target): boolean {
    if (!concerns(active, target)) return false;
    const { chance } = active.settings;
    if (chance < 1 && this.#rng.next() >= chance) return false;
    this.#injected.set(active.fault, (this.#injected.get(active.fault) ?? 0) + 1);
    if (active.left !== null && --active.left <= 0) this.#end(active);
    return true;
  }

  #end(active: ActiveFault): void {
    if (this.#active.delete(active)) active.cancelEnd();
  }

  #cutOpen(active: ActiveFault, code: number, reason: string): void {
    for (const socket of [...this.#sockets]) {
      if (this.#active.has(active) && this.#hits(active, socket)) socket.cut(code, reason);
    }
  }

  #answerOf(fault: Fault): ServedAnswer {
    return fault === "refuse_connect" ? NOBODY : this.#server.faultAnswer(fault as FaultAnswer);
  }

  #later(delayMicros: number, run: () => void): void {
    const cancel = this.#clock.after(delayMicros, () => {
      this.#late.delete(cancel);
      run();
    });
    this.#late.add(cancel);
  }
}

function labelOf(request: ServedRequest): string {
  return `${request.method} ${request.path}`;
}
