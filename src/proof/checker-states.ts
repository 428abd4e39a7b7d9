import type { Certificate, CertificateRelation } from "../contracts/index.ts";
import { list, live, must, shape, text, whole } from "./checker-text.ts";

const MOST_STATES = 4096;
const MOST_STEPS = 1_000_000;

/** Whether a relation can still hold: members true, undecided, its k, whether its first member is true, members. */
type Law = (met: number, open: number, k: number, head: boolean, size: number) => boolean;
const of = (names: string, law: Law) => ({
  fields: `${names} evidenceHash expiresAt type`.split(" ").sort(),
  law,
});
const LAWS: Readonly<Record<string, { readonly fields: readonly string[]; readonly law: Law }>> = {
  unknown: of("propositions", () => true),
  exclusive: of("propositions", (met) => met <= 1),
  exhaustive: of("propositions", (met, open) => met + open >= 1),
  at_most: of("k propositions", (met, _, k) => met <= k),
  at_least: of("k propositions", (met, open, k) => met + open >= k),
  implies: of("a b", (met, open, _, head) => open > 0 || !head || met === 2),
  equals: of("a b", (met, open) => open > 0 || met !== 1),
  complement: of("a b", (met, open) => open > 0 || met === 1),
  union: of("children parent", (met, open, _, head) => open > 0 || head === met > Number(head)),
  intersection: of("children parent", (met, open, _, head, size) => {
    return open > 0 || head === met - Number(head) >= size - 1;
  }),
};

interface Rule {
  readonly law: Law;
  readonly k: number;
  readonly members: readonly number[];
  /** Members decided to be true, and members not decided yet. */
  met: number;
  open: number;
}

/** Every truth assignment that the relations allow, false before true, as lists of the true propositions. */
export function enumerate(
  c: Certificate,
  index: ReadonlyMap<string, number>,
): readonly (readonly number[])[] {
  const size = index.size;
  const rules = list(c.relations).map((relation) => ruleOf(relation, index, c.issuedAt));
  const touching = c.propositions.map((_, at) => rules.filter((rule) => rule.members.includes(at)));
  const truth = c.propositions.map(() => false);
  const trues: number[] = [];
  const states: number[][] = [];
  let steps = 0;
  const allowed = (at: number, value: boolean): boolean => {
    let holds = true;
    for (const rule of touching[at]!) {
      rule.open -= 1;
      if (value) rule.met += 1;
      const head = rule.members[0]!;
      holds &&= rule.law(rule.met, rule.open, rule.k, head <= at && truth[head]!, rule.members.length);
    }
    return holds;
  };
  const undo = (at: number, value: boolean): void => {
    for (const rule of touching[at]!) {
      rule.open += 1;
      if (value) rule.met -= 1;
    }
  };
  const visit = (at: number): void => {
    steps += 1;
    must(steps <= MOST_STEPS && states.length < MOST_STATES, "states: more than allowed");
    if (at === size) {
      states.push(trues.slice());
      return;
    }
    for (const value of [false, true]) {
      truth[at] = value;
      if (value) trues.push(at);
      if (allowed(at, value)) visit(at + 1);
      undo(at, value);
    }
    trues.pop();
  };
  must(size > 0, "states: no propositions");
  visit(0);
  must(states.length > 0, "states: the relations contradict each other");
  return states;
}

function ruleOf(relation: CertificateRelation, index: ReadonlyMap<string, number>, now: number): Rule {
  must(Object.hasOwn(LAWS, relation.type), "relation: type is not known");
  const { fields, law } = LAWS[relation.type]!;
  shape(relation, fields);
  must(text(relation.evidenceHash) && live(relation.expiresAt, now), "relation: evidence is not valid");
  const group = "parent" in relation ? [relation.parent, ...list(relation.children)] : [];
  const pair = "a" in relation ? [relation.a, relation.b] : group;
  const members = list("propositions" in relation ? relation.propositions : pair).map(
    (name) => index.get(name)!,
  );
  const distinct = new Set(members).size === members.length && !members.includes(undefined as never);
  const k = "k" in relation ? relation.k : 0;
  must(distinct && members.length > 0 && whole(k), "relation: members or k are not usable");
  return { law, k, members, met: 0, open: members.length };
}
