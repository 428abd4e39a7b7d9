/** Part of governor.ts: who competes. Each always has something to send. */
import type { GovernedRequest, HttpRequest, Micros, RateClass, Rng } from "../src/contracts/index.ts";
import { GovernedClient } from "../src/feed/pacing/governed-client.ts";
import { StepClock } from "../src/sim/net/step-clock.ts";
import { SeededRng } from "../src/sim/rng.ts";
import { HiddenLimit, ONE_WAY_MICROS, type Phase, type Score, stressOf } from "./governor-world.ts";

const SECOND = 1_000_000;
const START_MICROS = 1_700_000_000 * SECOND;
const ALWAYS_WAITING = 32;
const PHASE_SECONDS = 300;
const CAPACITIES = [10, 6, 15];

export interface Stage {
  readonly time: StepClock;
  readonly venue: HiddenLimit;
  readonly rng: Rng;
  readonly end: number;
}

/** Sends on the stage until it ends. */
export type Policy = (stage: Stage) => void;

const REQUEST: HttpRequest = {
  method: "GET",
  url: "http://venue/book",
  headers: {},
  body: null,
  timeoutMicros: 10 * SECOND,
  maxBytes: 1_000,
};

/** What the governor is told: 50 a second are published, so 40 is its ceiling, and neither is the limit in force. */
const HIDDEN: RateClass = {
  id: "books",
  perSecond: 50,
  burst: 10,
  safety: 0.8,
  reserved: 0,
  excess: "refuses",
  maxInFlight: 64,
  source: "bench",
};

/** `GovernedClient` as it is. */
export function governed(rate: RateClass = HIDDEN): Policy {
  return ({ time, venue, rng }) => {
    const parts = { net: venue, clock: time, rng, rates: [rate], stress: stressOf };
    const client = new GovernedClient({ ...parts, options: { startShare: 0.1 } });
    const request: GovernedRequest = {
      ...REQUEST,
      rateClass: rate.id,
      cost: 1,
      purpose: "poll",
      authorise: null,
    };
    const again = () => {
      client.send(request, again);
    };
    for (let i = 0; i < ALWAYS_WAITING; i++) again();
  };
}

/** Growth near a refused rate: this much per second from `from` of it on, for so long. */
interface FixedMemory {
  readonly growth: number;
  readonly from: number;
  readonly seconds: number;
}

/** Additive increase per second, multiplicative decrease once per congestion epoch; starts as the governor does. */
export function additive(growth: number, kept: number, memory: FixedMemory | null = null): Policy {
  return ({ time, venue, end }) => {
    let rate = HIDDEN.perSecond * HIDDEN.safety * 0.1;
    let refused = { rate: 0, at: Number.NEGATIVE_INFINITY };
    let grownAt: number = time.now();
    const pace = (now: number): number => {
      const seconds = (now - grownAt) / SECOND;
      grownAt = now;
      const remembered = memory !== null && now - refused.at < memory.seconds * SECOND;
      const careful = remembered && rate >= memory.from * refused.rate;
      rate += (careful ? memory.growth : growth) * seconds;
      return rate;
    };
    const onRefusal = (sentAt: number, now: number): void => {
      if (sentAt <= refused.at) return;
      refused = { rate, at: now };
      rate *= kept;
    };
    keepSending(time, venue, end, pace, onRefusal);
  };
}

/** A fixed rate. */
export function fixed(perSecond: number): Policy {
  return ({ time, venue, end }) => keepSending(time, venue, end, () => perSecond);
}

/** Knows the limit, and when it changes. */
export const oracle: Policy = ({ time, venue, end }) =>
  keepSending(time, venue, end, (now) => venue.limitAt(now + ONE_WAY_MICROS));

/** Sends at a pace, and honours Retry-After. */
function keepSending(
  time: StepClock,
  venue: HiddenLimit,
  end: number,
  perSecondAt: (now: number) => number,
  onRefusal: (sentAt: number, now: number) => void = () => {},
): void {
  let silentUntil = 0;
  const send = (): void => {
    const now = time.now();
    if (now >= end) return;
    const perSecond = perSecondAt(now);
    if (now < silentUntil) {
      time.after(silentUntil - now, send);
      return;
    }
    venue.request(REQUEST, (outcome) => {
      const stress = stressOf(outcome);
      if (stress.kind !== "rate") return;
      silentUntil = outcome.at + (stress.retryAfterMicros ?? 0);
      onRefusal(outcome.sentAt, outcome.at);
    });
    time.after(SECOND / perSecond, send);
  };
  send();
}

/** The same class, its limit published: 15 a second, of which 95 % are used. */
export const PUBLISHED: RateClass = { ...HIDDEN, perSecond: 15, burst: 5, safety: 0.95 };

/** One run. The seed moves the changes by up to half a minute and draws up to 10 ms of jitter for each way. */
export function play(policy: Policy, seed: number, capacities: readonly number[] = CAPACITIES): Score {
  const rng = new SeededRng(`governor-${seed}`);
  const time = new StepClock(START_MICROS as Micros);
  const phases: Phase[] = [];
  let from = START_MICROS;
  for (const perSecond of capacities) {
    phases.push({ from: from as Micros, perSecond });
    from += (PHASE_SECONDS - 30 + rng.int(61)) * SECOND;
  }
  const net = rng.fork("net");
  const venue = new HiddenLimit(time, phases, () => net.int(10_000));
  policy({ time, venue, rng: rng.fork("policy"), end: from });
  time.advanceTo(from as Micros);
  return venue.score(from);
}
