import { type Decision, PICO_DIGITS, parseDecimal } from "../../src/contracts/index.ts";
import type { Profile } from "../../src/runtime/profile/schema.ts";
import type { Session } from "../../src/runtime/session.ts";
import { takenSide } from "../taken-side.ts";
import { type Approval, type SimulatedSession, simulate } from "./simulate.ts";

/** Exact money of decimal text. */
export const pico = (text: string): bigint => parseDecimal(text, PICO_DIGITS)!;

/** What was wrong, as it happened: the laws that must hold at every instant. */
export interface Watched {
  readonly run: SimulatedSession;
  readonly unbalanced: string[];
  readonly barredLegs: string[];
  readonly beyondCaps: string[];
  readonly backwards: number[];
}

/** Plans approved and not yet closed, with what each may lose. */
class OpenPlans {
  readonly #open = new Map<
    string,
    { readonly family: string; readonly venue: string; readonly capital: bigint }
  >();
  readonly #families = new Map<string, string>();

  see(session: Session, decision: Decision): void {
    if (decision.kind === "opportunity.detected") this.#families.set(decision.id, decision.family);
    if (decision.kind === "opportunity.closed") this.#open.delete(decision.row.id);
    if (decision.kind !== "plan.approved") return;
    const venue = session.engine.replica.view.instrument(decision.legs[0]!.book)!.venue;
    this.#open.set(decision.id, {
      family: this.#families.get(decision.id)!,
      venue,
      capital: pico(decision.capital),
    });
  }

  get count(): number {
    return this.#open.size;
  }

  atRisk(key: "family" | "venue"): Map<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const plan of this.#open.values()) sums.set(plan[key], (sums.get(plan[key]) ?? 0n) + plan.capital);
    return sums;
  }

  get total(): bigint {
    return [...this.#open.values()].reduce((sum, { capital }) => sum + capital, 0n);
  }
}

/** Plays a profile's world and watches, at every instant, what must never happen. */
export function watch(profile: Profile, seconds: number): Watched {
  const { familyCap, venueCap, totalCap, maxConcurrent } = profile.risk;
  const watched = {
    unbalanced: [] as string[],
    barredLegs: [] as string[],
    beyondCaps: [] as string[],
    backwards: [] as number[],
  };
  const plans = new OpenPlans();
  let newest = 0;
  const run = simulate(profile, seconds, {
    after(session) {
      const { ledger } = session.engine.desk;
      for (const [unit, sum] of ledger.trialBalance())
        if (sum !== 0n) watched.unbalanced.push(`${unit} ${sum}`);
      if (session.engine.now < newest) watched.backwards.push(session.engine.now);
      newest = session.engine.now;
    },
    deciding(session, decision) {
      plans.see(session, decision);
      if (decision.kind !== "plan.approved") return;
      watched.barredLegs.push(...barredLegs(session, decision));
      for (const [family, sum] of plans.atRisk("family"))
        if (sum > pico(familyCap)) watched.beyondCaps.push(`${family} ${sum}`);
      for (const [venue, sum] of plans.atRisk("venue"))
        if (sum > pico(venueCap)) watched.beyondCaps.push(`${venue} ${sum}`);
      if (plans.total > pico(totalCap) || plans.count > maxConcurrent)
        watched.beyondCaps.push(`total ${plans.total}`);
    },
  });
  return { run, ...watched };
}

function barredLegs(session: Session, { id, legs }: Approval): string[] {
  const { view } = session.engine.replica;
  return legs.flatMap(({ book, action }) => {
    const instrument = view.instrument(book)!;
    const barred = view.barred(book, takenSide(instrument.side, action));
    return barred === 0 ? [] : [`${id} ${instrument.key} ${barred}`];
  });
}
