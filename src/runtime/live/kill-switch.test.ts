import { describe, expect, it } from "vitest";
import type { CancelAllOutcome, Micros, OrderGateway } from "../../contracts/index.ts";
import { StepClock } from "../../sim/net/step-clock.ts";
import { SeededRng } from "../../sim/rng.ts";
import { type KillState, KillSwitch } from "./kill-switch.ts";

const START = 1_000_000 as Micros;

/** A venue that confirms after `micros`, or refuses `refusals` times before. */
function gateway(clock: StepClock, micros: number, refusals = 0): OrderGateway & { asked: number } {
  const made = {
    asked: 0,
    prepare: () => {},
    submit: () => {},
    cancel: () => {},
    query: () => {},
    cancelAll: (done: (outcome: CancelAllOutcome) => void) => {
      const refused = made.asked++ < refusals;
      clock.after(micros, () => {
        const at = clock.now();
        done(
          refused
            ? { ok: false, reason: "feed.timeout", detail: "no answer", at }
            : { ok: true, cancelled: 3, at },
        );
      });
    },
  };
  return made;
}

function setUp(gateways: (clock: StepClock) => Record<string, OrderGateway>) {
  const clock = new StepClock(START);
  const changes: KillState[] = [];
  const map = new Map(Object.entries(gateways(clock)));
  const kill = new KillSwitch(map, clock, new SeededRng("kill"), (state) => changes.push(state));
  return { clock, kill, changes };
}

describe("the kill switch", () => {
  it("asks all venues at once: none waits for another", () => {
    const { clock, kill } = setUp((c) => ({ fast: gateway(c, 20_000), slow: gateway(c, 300_000) }));
    kill.pull();
    clock.advanceTo((START + 200_000) as Micros);
    expect(kill.states().map(({ venue, flat }) => [venue, flat])).toEqual([
      ["fast", true],
      ["slow", false],
    ]);
    expect(kill.states()[0]!.tookMicros).toBe(20_000);
    clock.advanceTo((START + 300_000) as Micros);
    expect(kill.states()[1]).toMatchObject({ flat: true, tookMicros: 300_000, attempts: 1 });
  });

  it("asks a venue again until it confirms, and says that it is not flat until then", () => {
    const { clock, kill, changes } = setUp((c) => ({ shaky: gateway(c, 10_000, 4) }));
    kill.pull();
    clock.advanceTo((START + 10_000_000) as Micros);
    expect(changes.map(({ flat }) => flat)).toEqual([false, false, false, false, true]);
    expect(kill.states()[0]!.attempts).toBe(5);
  });

  it("names a venue that says nothing until it does", () => {
    const { clock, kill, changes } = setUp((c) => ({ fast: gateway(c, 20_000), slow: gateway(c, 700_000) }));
    kill.pull();
    clock.advanceTo((START + 10_000_000) as Micros);
    expect(changes.map(({ venue, flat, detail }) => [venue, flat, detail])).toEqual([
      ["fast", true, "3 cancelled"],
      ["slow", false, "no answer yet"],
      ["slow", false, "no answer yet"],
      ["slow", false, "no answer yet"],
      ["slow", true, "3 cancelled"],
    ]);
    expect(clock.pending).toBe(0);
  });

  it("does nothing when pulled again, and stops asking when closed", () => {
    const { clock, kill } = setUp((c) => ({ dead: gateway(c, 10_000, 1_000_000) }));
    kill.pull();
    kill.pull();
    clock.advanceTo((START + 20_000_000) as Micros);
    const { attempts } = kill.states()[0]!;
    expect(attempts).toBeGreaterThan(5);
    kill.close();
    clock.advanceTo((START + 60_000_000) as Micros);
    expect(kill.states()[0]!.attempts).toBe(attempts);
    expect(clock.pending).toBe(0);
  });
});
