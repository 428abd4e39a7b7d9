import type { Command, Order } from "../../contracts/index.ts";
import { Execution } from "./execution.ts";
import { bucket, FakeView, instrument, micros, planOf } from "./fixture.ts";
import { DEFAULT_EXECUTION_OPTIONS } from "./options.ts";
import type { ExecutionStep } from "./step.ts";

/** Scene of the execution tests: three quoted books and a YES basket over them. Imported by tests only. */

export const BOOKS = [instrument(0), instrument(1), instrument(2)];

export function world(): FakeView {
  const view = new FakeView().list(...BOOKS);
  for (const { book } of BOOKS) view.set(book, [[28, 5000]], [[31, 5000]]);
  return view;
}

export function orders(step: ExecutionStep): Order[] {
  return step.commands.flatMap((command: Command) =>
    command.kind === "venue.submit" ? [command.order] : [],
  );
}

export function yesPlan(id = "opp") {
  return planOf(bucket({ action: "buy_yes", prices: [30, 31, 32], lots: 1000 }, BOOKS), id);
}

export function begin(mergeable: (market: string) => boolean = () => false) {
  const execution = new Execution(DEFAULT_EXECUTION_OPTIONS, mergeable);
  const view = world();
  const step = execution.start(yesPlan(), view, micros(0));
  return { execution, view, step, entries: orders(step) };
}
