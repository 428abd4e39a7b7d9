import type { Approved, Micros, OrderId, OrderUpdate, Pico, Plan } from "../../contracts/index.ts";
import type { Holding } from "../ledger/worst-value.ts";
import type { ExecutionOptions } from "./options.ts";
import { type Mergeable, PlanRun } from "./plan-run.ts";
import type { Run } from "./run.ts";
import { type HeldPosition, SellOff } from "./sell-off.ts";
import { type ClosedPlan, type ExecutionStep, newStep } from "./step.ts";
import type { ExecutionView } from "./unwind.ts";

/**
 * All plans being carried out. Each call returns what is to be done: commands, ledger entries in order, plans that
 * ended, alarms. Whenever the next deadline moved, the step ends with one `wake`.
 */
export class Execution {
  readonly #options: ExecutionOptions;
  readonly #mergeable: Mergeable;
  readonly #open = new Map<string, Run>();
  /** Plan of every order sent, in order of sending; also of ended plans, up to the bound. */
  readonly #plans = new Map<OrderId, Run>();
  #wakeAt: number | null = null;

  constructor(options: ExecutionOptions, mergeable: Mergeable) {
    this.#options = options;
    this.#mergeable = mergeable;
  }

  /** Plans (and sales) being carried out. */
  get openPlans(): number {
    return this.#open.size;
  }

  /** Sends the entry orders of a plan. A plan that is already under way is not started again. */
  start(plan: Approved<Plan>, view: ExecutionView, at: Micros): ExecutionStep {
    const step = newStep();
    const { id } = plan.opportunity;
    if (this.#open.has(id) || this.#plans.has(`${id}.0.0`)) return step;
    const run = new PlanRun(plan, view, this.#options, this.#mergeable);
    this.#open.set(id, run);
    run.start(at, step);
    return this.#finish(run, step);
  }

  /** One answer of a venue. An order that is not ours is reported as an alarm and changes nothing. */
  update(update: OrderUpdate, view: ExecutionView, at: Micros): ExecutionStep {
    const step = newStep();
    const run = this.#plans.get(update.orderId);
    if (run === undefined) {
      step.alarms.push({ orderId: update.orderId, reason: "order.duplicate" });
      return step;
    }
    run.update(update, view, at, step);
    return this.#finish(run, step);
  }

  /** Time passed: deadlines are judged. */
  tick(view: ExecutionView, at: Micros): ExecutionStep {
    const step = newStep();
    for (const run of [...this.#open.values()]) {
      run.tick(view, at, step);
      this.#finish(run, step, false);
    }
    return this.#wake(step);
  }

  /**
   * Ends everything: open plans cancel and sell what they hold, `held` are the positions of plans that ended
   * (leave out what the open plans hold). `id` names the sale in its order ids; the same id is carried out once.
   */
  liquidate(id: string, held: readonly HeldPosition[], view: ExecutionView, at: Micros): ExecutionStep {
    const step = newStep();
    for (const run of [...this.#open.values()]) {
      run.liquidate(view, at, step);
      this.#finish(run, step, false);
    }
    if (held.length > 0 && !this.#open.has(id)) {
      const sale = new SellOff(id, held, this.#options);
      this.#open.set(id, sale);
      sale.sell(view, at, step);
      this.#finish(sale, step, false);
    }
    return this.#wake(step);
  }

  /** Positions that the open plans hold, by market: what a liquidation of the ledger must leave to them. */
  heldByPlans(): Holding[] {
    return [...this.#open.values()].flatMap((run) => run.report()?.holdings ?? []);
  }

  /** Earliest deadline; null when only answers can move anything. */
  nextAt(): Micros | null {
    let first: number | null = null;
    for (const { deadline } of this.#open.values()) {
      if (deadline !== null && (first === null || deadline < first)) first = deadline;
    }
    return first as Micros | null;
  }

  /**
   * Result so far of the open plans, claims at their worst state. Equity at worst minus this counts open plans at cost:
   * what a drawdown is measured on, since a basket is worth nothing in the worst case until its last leg fills.
   */
  openResult(): Pico {
    let sum = 0n;
    for (const run of this.#open.values()) sum += run.report()?.simulatedRealised ?? 0n;
    return sum as Pico;
  }

  /** End of the run: the plans that have not ended, as they stand. */
  unfinished(): ClosedPlan[] {
    return [...this.#open.values()].flatMap((run) => run.report() ?? []);
  }

  #finish(run: Run, step: ExecutionStep, wake = true): ExecutionStep {
    for (const command of step.commands) {
      if (command.kind === "venue.submit" && command.order.opportunity === run.id) {
        this.#plans.set(command.order.id, run);
      }
    }
    if (run.done) this.#open.delete(run.id);
    this.#forget();
    return wake ? this.#wake(step) : step;
  }

  /** Oldest order ids of ended plans go first; a plan under way is never forgotten. */
  #forget(): void {
    if (this.#plans.size <= this.#options.maxRemembered) return;
    for (const [orderId, run] of this.#plans) {
      if (!run.done) continue;
      this.#plans.delete(orderId);
      if (this.#plans.size <= this.#options.maxRemembered) return;
    }
  }

  #wake(step: ExecutionStep): ExecutionStep {
    const at = this.nextAt();
    if (at !== null && at !== this.#wakeAt) step.commands.push({ kind: "wake", at });
    this.#wakeAt = at;
    return step;
  }
}
