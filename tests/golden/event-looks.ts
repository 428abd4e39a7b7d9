import { expect } from "vitest";
import { openJournalReader } from "../../src/capture/reader.ts";
import { type Family, type ObjectFact, type Reason, reasonOf } from "../../src/contracts/index.ts";
import { ReplicaView } from "../../src/core/market/view.ts";
import type { LoadedProfile } from "../../src/runtime/profile/load.ts";
import type { Session } from "../../src/runtime/session.ts";
import { profile, replayJournal, watchReplay } from "./pipeline.ts";

/** The bucket lane is the only lane of the replay profile that looks at events. */
function bucketIndex(session: Session): number {
  return session.engine.lanes.findIndex(({ id }) => id === "bucket");
}

export interface Look {
  readonly at: number;
  readonly family: Family;
  readonly reason: Reason | undefined;
}

/** What the bucket lane said of each family each time a poll of it came in. */
export async function looksOf(journal: string, loaded: LoadedProfile): Promise<Look[]> {
  const looks: Look[] = [];
  await watchReplay(journal, loaded, (session, at) => {
    const { view } = session.engine.replica;
    if (!(view instanceof ReplicaView)) throw new Error("the view of a replica has another type");
    for (let index = 0; index < view.familyCount(); index++) {
      const family = view.family(index);
      if (!family.members.some((book) => view.provedAt(book) === at)) continue;
      looks.push({ at, family, reason: reasonOf(session.engine.diagnoses.get(bucketIndex(session), index)) });
    }
  });
  return looks;
}

export function tally(looks: readonly Look[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of looks) counts[reason ?? "none"] = (counts[reason ?? "none"] ?? 0) + 1;
  return counts;
}

/** Imports, replays under a profile and reports; everything must reconcile. */
export async function through(journal: string, loaded = profile("replay")) {
  const result = await replayJournal(journal, loaded);
  expect(result.report.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(result.report.reconciled).toBe(true);
  expect(result.summary.ledger).toMatchObject({ equity: "5000", openPositions: 0 });
  return result;
}

function objectsOf(journal: string): ObjectFact[] {
  const reader = openJournalReader(journal, { validate: false });
  const facts: ObjectFact[] = [];
  for (let block = reader.next(); block !== null; block = reader.next()) {
    if (block.kind === "objects")
      facts.push(...block.records.flatMap((r) => (r.type === "fact" ? [r.fact] : [])));
  }
  reader.close();
  return facts;
}

export const familiesOf = (journal: string): Family[] =>
  objectsOf(journal).flatMap((fact) => (fact.kind === "market.families" ? fact.families : []));

/** Payouts by book, and the last word on each family. */
export function settlementsOf(
  journal: string,
): { readonly family: Family; readonly payouts: readonly (string | undefined)[] }[] {
  const marketOf = new Map<number, string>();
  const paid = new Map<string, string>();
  const families = new Map<string, Family>();
  for (const fact of objectsOf(journal)) {
    if (fact.kind === "market.instruments")
      for (const { book, market } of fact.instruments) marketOf.set(book, market);
    else if (fact.kind === "market.families")
      for (const family of fact.families) families.set(family.id, family);
    else if (fact.kind === "market.resolved") paid.set(fact.market, fact.yesPayout);
  }
  return [...families.values()].map((family) => ({
    family,
    payouts: family.members.map((book) => paid.get(marketOf.get(book)!)),
  }));
}
