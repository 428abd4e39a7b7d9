import type { CertificateRelation } from "../contracts/index.ts";

/**
 * States of the world: every truth assignment that the relations allow, found by depth-first search with propagation.
 * Every relation is a set of cardinality rules over literals: at least `min` and at most `max` of them are true.
 */
export interface State {
  /** Truth of each proposition, in proposition order. */
  readonly truth: readonly boolean[];
  readonly name: string;
}

/** More states than this are refused: such a family needs another proof. */
export const MAX_STATES = 4096;

interface Rule {
  /** Proposition index, or its bitwise complement for "is false". */
  readonly literals: readonly number[];
  readonly min: number;
  readonly max: number;
}

const UNSET = -1;

/** All states in lexicographic order, false before true; null when there are more than `cap`. */
export function enumerateStates(
  propositions: readonly string[],
  relations: readonly CertificateRelation[],
  cap = MAX_STATES,
): readonly State[] | null {
  const rules = compileRules(propositions, relations);
  const values = new Int8Array(propositions.length).fill(UNSET);
  const states: State[] = [];
  if (!propagate(rules, values)) return states;
  return search(propositions, rules, values, 0, states, cap) ? states : null;
}

function search(
  propositions: readonly string[],
  rules: readonly Rule[],
  values: Int8Array,
  from: number,
  states: State[],
  cap: number,
): boolean {
  let next = from;
  while (next < values.length && values[next] !== UNSET) next += 1;
  if (next === values.length) {
    if (states.length === cap) return false;
    states.push(stateOf(propositions, values));
    return true;
  }
  for (const value of [0, 1]) {
    const branch = values.slice();
    branch[next] = value;
    if (!propagate(rules, branch)) continue;
    if (!search(propositions, rules, branch, next + 1, states, cap)) return false;
  }
  return true;
}

/** Sets what the rules force; false on a contradiction. */
function propagate(rules: readonly Rule[], values: Int8Array): boolean {
  for (let changed = true; changed; ) {
    changed = false;
    for (const rule of rules) {
      let met = 0;
      let open = 0;
      for (const literal of rule.literals) {
        const value = values[literal < 0 ? ~literal : literal]!;
        if (value === UNSET) open += 1;
        else if ((value === 1) === literal >= 0) met += 1;
      }
      if (met > rule.max || met + open < rule.min) return false;
      if (open === 0 || (met < rule.max && met + open > rule.min)) continue;
      const fill = met === rule.max ? 0 : 1;
      for (const literal of rule.literals) {
        const index = literal < 0 ? ~literal : literal;
        if (values[index] === UNSET) values[index] = literal < 0 ? 1 - fill : fill;
      }
      changed = true;
    }
  }
  return true;
}

function compileRules(propositions: readonly string[], relations: readonly CertificateRelation[]): Rule[] {
  const index = new Map(propositions.map((name, at) => [name, at]));
  const of = (name: string): number => {
    const at = index.get(name);
    if (at === undefined) throw new RangeError(`relation names "${name}", which is no proposition`);
    return at;
  };
  return relations.flatMap((relation) => rulesOf(relation, of));
}

function rulesOf(relation: CertificateRelation, of: (name: string) => number): Rule[] {
  switch (relation.type) {
    case "unknown":
      return [];
    case "exclusive":
      return [atMost(relation.propositions.map(of), 1)];
    case "exhaustive":
      return [atLeast(relation.propositions.map(of), 1)];
    case "at_most":
      return [atMost(relation.propositions.map(of), relation.k)];
    case "at_least":
      return [atLeast(relation.propositions.map(of), relation.k)];
    case "implies":
      return [atLeast([~of(relation.a), of(relation.b)], 1)];
    case "equals":
      return [atLeast([~of(relation.a), of(relation.b)], 1), atLeast([of(relation.a), ~of(relation.b)], 1)];
    case "complement":
      return [{ literals: [of(relation.a), of(relation.b)], min: 1, max: 1 }];
    case "union":
      return family(of(relation.parent), relation.children.map(of), false);
    case "intersection":
      return family(of(relation.parent), relation.children.map(of), true);
  }
}

/** Parent = any child (or, negated throughout, all children). */
function family(parent: number, children: readonly number[], all: boolean): Rule[] {
  const head = all ? ~parent : parent;
  const tail = all ? children.map((child) => ~child) : children;
  return [...tail.map((child) => atLeast([~child, head], 1)), atLeast([~head, ...tail], 1)];
}

function atLeast(literals: readonly number[], min: number): Rule {
  return { literals, min, max: literals.length };
}

function atMost(literals: readonly number[], max: number): Rule {
  return { literals, min: 0, max };
}

function stateOf(propositions: readonly string[], values: Int8Array): State {
  const truth = [...values].map((value) => value === 1);
  const name = propositions.filter((_, index) => truth[index]).join("+");
  return { truth, name: name === "" ? "none" : name };
}
