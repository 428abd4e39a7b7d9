import type { Micros } from "../../contracts/index.ts";
import { Fifo, type Place } from "./fifo.ts";
import { TokenBucket } from "./token-bucket.ts";

/** One of several who share a budget: a lane, a venue, a purpose. */
export interface Flow {
  readonly id: string;
  /** Share relative to the others; an integer of at least 1. */
  readonly weight: number;
  /** Units per second at most, whatever is left over; null = no ceiling. */
  readonly perSecond: number | null;
  /** Units that may come at once in spite of the ceiling. */
  readonly burst: number;
}

/** Something that waits in a `FairQueue`. */
export interface Ticket<T> {
  readonly item: T;
  readonly cost: number;
  readonly flow: number;
  readonly place: Place<Ticket<T>>;
}

interface FlowState<T> {
  readonly flow: Flow;
  readonly ceiling: TokenBucket | null;
  readonly waiting: Fifo<Ticket<T>>;
  deficit: number;
}

/**
 * Deficit round robin (Shreedhar, Varghese 1995) over weighted flows, with a ceiling and a burst per flow. A flow that
 * has nothing to send, or is at its ceiling, leaves its share to the others. The quantum is the largest cost seen, so
 * every flow whose turn it is sends at least once per round.
 */
export class FairQueue<T> {
  readonly #flows: readonly FlowState<T>[];
  readonly #index = new Map<string, number>();
  readonly #maxWaiting: number;
  #quantum = 1;
  #turn = 0;
  /** True when the flow whose turn it is has not had its quantum of this round yet. */
  #fresh = true;
  #size = 0;

  /**
   * @param maxWaiting of each flow.
   * @throws RangeError when a flow's numbers are out of range, or two have one id.
   */
  constructor(flows: readonly Flow[], maxWaiting: number, now: Micros) {
    this.#maxWaiting = maxWaiting;
    this.#flows = flows.map((flow, index) => {
      checkFlow(flow);
      if (this.#index.has(flow.id)) throw new RangeError(`two flows have the id ${flow.id}`);
      this.#index.set(flow.id, index);
      const ceiling = flow.perSecond === null ? null : new TokenBucket(flow.perSecond, flow.burst, now);
      return { flow, ceiling, waiting: new Fifo(), deficit: 0 };
    });
  }

  get size(): number {
    return this.#size;
  }

  /** How many wait in one flow. */
  waiting(flowId: string): number {
    return this.#state(flowId).waiting.size;
  }

  /** Queues it. @param cost above 0. @returns null when the flow's queue is full. */
  push(flowId: string, item: T, cost: number): Ticket<T> | null {
    const state = this.#state(flowId);
    if (state.waiting.size >= this.#maxWaiting) return null;
    const ticket: { -readonly [Key in keyof Ticket<T>]: Ticket<T>[Key] } = {
      item,
      cost,
      flow: this.#index.get(flowId)!,
      place: null as unknown as Place<Ticket<T>>,
    };
    ticket.place = state.waiting.push(ticket);
    this.#quantum = Math.max(this.#quantum, cost);
    this.#size++;
    return ticket;
  }

  /** Whose turn it is; the same until it is taken, removed, or its flow hits its ceiling. Null = nobody may go now. */
  next(now: Micros): Ticket<T> | null {
    for (let step = 0; step <= this.#flows.length; step++) {
      const state = this.#flows[this.#turn]!;
      const first = state.waiting.first;
      if (first === null) state.deficit = 0;
      else if (state.ceiling === null || state.ceiling.covers(first.item.cost, now)) {
        if (this.#fresh) state.deficit += this.#quantum * state.flow.weight;
        this.#fresh = false;
        if (state.deficit >= first.item.cost) return first.item;
      }
      this.#turn = (this.#turn + 1) % this.#flows.length;
      this.#fresh = true;
    }
    return null;
  }

  /** It goes. Only what `next` returned. */
  take(ticket: Ticket<T>, now: Micros): void {
    const state = this.#flows[ticket.flow]!;
    if (!this.remove(ticket)) throw new RangeError("not in the queue");
    state.deficit -= ticket.cost;
    state.ceiling?.take(ticket.cost, now);
  }

  /** Takes it out of turn. @returns false when it is not waiting any more. */
  remove(ticket: Ticket<T>): boolean {
    if (!this.#flows[ticket.flow]!.waiting.remove(ticket.place)) return false;
    this.#size--;
    return true;
  }

  /** Earliest instant at which a ceiling lets someone go; null = nobody waits. */
  readyAt(now: Micros): Micros | null {
    let earliest: Micros | null = null;
    for (const { waiting, ceiling } of this.#flows) {
      if (waiting.first === null) continue;
      const at = ceiling === null ? now : ceiling.readyAt(waiting.first.item.cost, now);
      if (earliest === null || at < earliest) earliest = at;
    }
    return earliest;
  }

  /** Takes everything out, flow by flow. */
  clear(): T[] {
    const items: T[] = [];
    for (const { waiting } of this.#flows) {
      for (let first = waiting.first; first !== null; first = waiting.first) {
        items.push(first.item.item);
        this.remove(first.item);
      }
    }
    return items;
  }

  #state(flowId: string): FlowState<T> {
    const index = this.#index.get(flowId);
    if (index === undefined) throw new RangeError(`no flow ${flowId}`);
    return this.#flows[index]!;
  }
}

function checkFlow(flow: Flow): void {
  if (!(Number.isInteger(flow.weight) && flow.weight >= 1))
    throw new RangeError(`flow ${flow.id}: weight must be an integer of at least 1, found ${flow.weight}`);
  if (flow.perSecond !== null && !(flow.perSecond > 0 && flow.burst > 0))
    throw new RangeError(`flow ${flow.id}: perSecond and burst must be above 0`);
}
