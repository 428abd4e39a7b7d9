import { z } from "zod";
import {
  arbitrageGrowth,
  arbitrageKelly,
  binaryKelly,
  breakEvenSuccess,
  exclusiveKelly,
  unconstrainedArbitrageKelly,
} from "../../proof/kelly.ts";
import { type CaseResult, Comparison } from "./vector-case.ts";

export const kellyCase = z.object({
  id: z.string(),
  title: z.string(),
  input: z.record(z.string(), z.unknown()),
  expected: z.record(z.string(), z.unknown()),
  tolerance: z.number().optional(),
});
export type KellyCase = z.infer<typeof kellyCase>;

const TOLERANCE = 1e-9;

type Answer = Readonly<Record<string, number | string | readonly number[]>>;

/** One solver per shape of input: the first whose shape fits computes the answer. */
const SOLVERS: readonly ((input: unknown) => Answer | null)[] = [
  shaped({ p: z.number(), price: z.number(), fee_per_contract: z.number() }, (bet) => ({
    ...binaryKelly(bet.p, bet.price + bet.fee_per_contract),
    fraction_ignoring_fee: binaryKelly(bet.p, bet.price).fraction,
  })),
  shaped({ p: z.number(), price: z.number() }, (bet) => ({ ...binaryKelly(bet.p, bet.price) })),
  shaped({ p_yes: z.number(), no_price: z.number(), yes_price: z.number() }, (bet) => {
    const yes = binaryKelly(bet.p_yes, bet.yes_price);
    const no = binaryKelly(1 - bet.p_yes, bet.no_price);
    const side = no.growth > yes.growth ? "NO" : "YES";
    return { side, fraction: side === "NO" ? no.fraction : yes.fraction, yes_fraction: yes.fraction };
  }),
  shaped(
    { p_success: z.number(), edge: z.number(), unwind_loss: z.number(), leverage_cap: z.number() },
    (input) => {
      const { edge, unwind_loss: unwindLoss } = input;
      const bet = { successProbability: input.p_success, edge, unwindLoss };
      const fraction = arbitrageKelly(bet, input.leverage_cap);
      return {
        unconstrained: unconstrainedArbitrageKelly(bet),
        fraction,
        growth: arbitrageGrowth(bet, fraction),
        break_even_p_success: breakEvenSuccess(edge, unwindLoss),
      };
    },
  ),
  shaped({ p: z.array(z.number()), price: z.array(z.number()) }, (bet) => {
    const { fractions, reserveRate, support, growth } = exclusiveKelly(bet.p, bet.price);
    return { fractions, reserve_rate: reserveRate, support, growth };
  }),
];

/** Compares a sizing case; one whose input or expected values are of a kind that is not built is pending. */
export function checkKelly(vector: KellyCase): CaseResult {
  const answer = SOLVERS.map((solver) => solver(vector.input)).find((found) => found !== null) ?? null;
  const missing = answer === null ? [] : Object.keys(vector.expected).filter((key) => !(key in answer));
  if (answer === null || missing.length > 0) {
    const what = answer === null ? "this kind of case" : missing.join(", ");
    return { id: vector.id, outcome: "PENDING", notes: [`not built: ${what} (${vector.title})`] };
  }
  const comparison = new Comparison();
  for (const [key, expected] of Object.entries(vector.expected))
    compare(comparison, key, expected, answer[key], vector.tolerance ?? TOLERANCE);
  return comparison.result(vector.id, vector.title);
}

function compare(
  comparison: Comparison,
  key: string,
  expected: unknown,
  found: unknown,
  tolerance: number,
): void {
  if (typeof expected === "number" && typeof found === "number")
    comparison.near(key, expected, found, tolerance);
  else if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length)
    for (const [index, item] of expected.entries())
      compare(comparison, `${key}[${index}]`, item, found[index], tolerance);
  else comparison.same(key, JSON.stringify(expected), JSON.stringify(found));
}

function shaped<Shape extends z.ZodRawShape>(
  shape: Shape,
  solve: (input: z.infer<z.ZodObject<Shape>>) => Answer,
): (input: unknown) => Answer | null {
  const schema = z.strictObject(shape);
  return (input) => {
    const parsed = schema.safeParse(input);
    return parsed.success ? solve(parsed.data as z.infer<z.ZodObject<Shape>>) : null;
  };
}
