import type { Micros, OrderUpdate } from "../../contracts/index.ts";
import type { ClosedPlan, ExecutionStep } from "./step.ts";
import type { ExecutionView } from "./unwind.ts";

/** Something being carried out with orders of its own: a plan, or the sale of what is held. */
export interface Run {
  readonly id: string;
  readonly done: boolean;
  /** Instant at which `tick` wants to be called; null = only an answer can move it. */
  readonly deadline: number | null;
  update(update: OrderUpdate, view: ExecutionView, at: Micros, step: ExecutionStep): void;
  tick(view: ExecutionView, at: Micros, step: ExecutionStep): void;
  /** Sell everything, as far as it is not sold anyway. */
  liquidate(view: ExecutionView, at: Micros, step: ExecutionStep): void;
  /** The plan as it stands; null when this is no plan. */
  report(): ClosedPlan | null;
}
