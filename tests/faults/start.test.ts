import { afterEach, describe, expect, it } from "vitest";
import { EmpError } from "../../src/runtime/emp-error.ts";
import type { Fault } from "../../src/sim/embedded/faults/fault.ts";
import { FaultRun } from "./harness.ts";
import { endsWell, order, runs } from "./scene.ts";
import { FAULT_VENUES } from "./venues.ts";

const STARTS: readonly [Fault, RegExp][] = [
  ["refuse_connect", /^run: (\w+): (auth|discovery): .*(unreachable|reset)/],
  ["unavailable", /^run: (\w+): (auth|discovery): .*(HTTP 503|no progress)/],
  ["forbidden", /^run: (\w+): (auth|discovery): .*HTTP 403/],
  ["timeout_lost", /^run: (\w+): (auth|discovery): .*(no progress|no answer)/],
];

describe("a start that cannot succeed", { retry: 2 }, () => {
  let run: FaultRun | null = null;
  afterEach(async () => await run?.abandon());

  it.each(FAULT_VENUES.flatMap(({ id }) => STARTS.map(([fault, line]) => [id, fault, line] as const)))(
    "%s: %s: ends with venue and stage in one line, and leaves nothing open",
    async (id, fault, line) => {
      run = new FaultRun({
        speed: 20,
        before: (stack) => stack.gates.get(id)!.begin(fault, { durationMicros: null }),
      });
      await run.begin();
      const failed = await run.until("the run ends", () => run!.isOver).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(EmpError);
      const { message } = failed as EmpError;
      expect(message).toMatch(line);
      expect([line.exec(message)?.[1], message.includes("\n")]).toEqual([id, false]);
      await run.abandon();
      expect(run.leaks()).toEqual([]);
    },
  );
});

describe("a start under a fault that passes", { retry: 2 }, () => {
  const start = runs();

  it.each(FAULT_VENUES)("$id: waits, and begins when the venue is there", async ({ id }) => {
    const run = await start({
      speed: 10,
      before: (stack) => stack.gates.get(id)!.begin("unavailable", { durationMicros: 1_500_000 }),
    });
    order(run, id);
    await endsWell(run, id, []);
  });

  it.each(FAULT_VENUES)("$id: signs by the venue's clock when ours is wrong", async ({ id }) => {
    const run = await start({
      speed: 10,
      before: (_stack, skews) => skews.get(id)!.setSkew(-90_000_000),
    });
    order(run, id);
    await run.until("it is said", () => run.count(id, "feed.clock_skew") > 0);
    await endsWell(run, id, ["feed.clock_skew"]);
  });
});
