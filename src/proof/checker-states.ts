import type { Certificate } from "../contracts/index.ts";
import { list, live, must, shape, text, whole } from "./checker-text.ts";

const MOST_STATES = 4096;
const MOST_STEPS = 1_000_000;

/** Whether a relation can still hold: members true, undecided, its k, whether its first member is true, members. */
type Law = (met: number, open: number, k: number, head: boolean, size: number) => boolean;
const LAWS: Readonly<Record<string, readonly [names: readonly string[], law: Law]>> = {
  unknown: [["propositions"], () => true],
  exclusive: [["propositions"], (met) => met <= 1],
  exhaustive: [["propositions"], (met, open) => met + open >= 1],
  at_most: [["k", "propositions"], (met, _, k) => met <= k],
  at_least: [["k", "propositions"], (met, open, k) => met + open >= k],
  implies: [["a", "b"], (met, open, _, head) => open > 0 || !head || met === 2],
  equals: [["a", "b"], (met, open) => open > 0 || met !== 1],
  complement: [["a", "b"], (met, open) => open > 0 || met === 1],
  union: [["children", "parent"], (met, open, _, head) => open > 0 || head === met > Number(head)],
  intersection: [["children", "parent"], (met, open, _, head, size) => open > 0 || head === met >= size - 1],
};

/** Every truth assignment that the relations allow, false before true, as lists of the true propositions. */
export function enumerate(
  c: Certificate,
  index: ReadonlyMap<string, number>,
): readonly (readonly number[])[] {
  const rules = list(c.relations).map((relation) => {
    must(Object.hasOwn(LAWS, relation.type), "relation: type is not known");
    const [names, law] = LAWS[relation.type]!;
    shape(relation, [...names, "evidenceHash", "expiresAt", "type"].sort());
    must(
      text(relation.evidenceHash) && live(relation.expiresAt, c.issuedAt),
      "relation: evidence is not valid",
    );
    const group = "parent" in relation ? [relation.parent, ...list(relation.children)] : [];
    const all =
      "a" in relation ? [relation.a, relation.b] : "propositions" in relation ? relation.propositions : group;
    const members = list(all).map((name) => index.get(name) ?? -1);
    must(
      !members.includes(-1) && new Set(members).size === members.length,
      "relation: members are not usable",
    );
    const k = "k" in relation ? relation.k : 0;
    must(whole(k), "relation: k is not usable");
    return { members, law, k };
  });
  const truth: boolean[] = [];
  const states: number[][] = [];
  let steps = 0;
  const allowed = ({ members, law, k }: (typeof rules)[number]): boolean => {
    let [met, open] = [0, 0];
    for (const member of members)
      if (member >= truth.length) open += 1;
      else if (truth[member]) met += 1;
    return law(met, open, k, truth[members[0]!] === true, members.length);
  };
  const visit = (trues: readonly number[]): void => {
    steps += 1;
    must(steps <= MOST_STEPS && states.length < MOST_STATES, "states: more than allowed");
    const at = truth.length;
    if (at === index.size) return void states.push([...trues]);
    for (const value of [false, true]) {
      truth.push(value);
      if (rules.every(allowed)) visit(value ? [...trues, at] : trues);
      truth.pop();
    }
  };
  visit([]);
  must(states.length > 0 && index.size > 0, "states: none");
  return states;
}
