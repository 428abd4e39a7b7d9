import { quantaOf, quantaText } from "../../proof/exact.ts";
import { alignCash, compileFee, feeOfFill, grossOf } from "../../proof/fees.ts";
import { type CaseResult, Comparison, shortest } from "./vector-case.ts";
import { certificateFee, scaled } from "./vector-problem.ts";
import type { FeeCase } from "./vector-schema.ts";

const SCALE = 1_000_000n;

/** Charges the fills of one order and compares every net fee, the total, and Kalshi's accumulator and rebate. */
export function checkFees(vector: FeeCase): CaseResult {
  const comparison = new Comparison();
  const fee = compileFee(certificateFee(vector.fee));
  if (fee === null) throw new Error("the fee terms cannot be read");
  let accumulator = 0n;
  let total = 0n;
  for (const [index, [price, size]] of vector.fills.entries()) {
    const fill = {
      ticks: BigInt(scaled(price)),
      lots: BigInt(scaled(size)),
      priceScale: SCALE,
      sizeScale: SCALE,
    };
    const given = vector.fee.type === "kalshi" ? vector.fee.trade_fee_given?.[index] : undefined;
    const charged =
      given === undefined || fee.type !== "kalshi"
        ? feeOfFill(fee, vector.side, fill, accumulator)
        : alignCash(quantaOf(given), grossOf(fill), vector.side, fee.balance, accumulator);
    const at = `fill ${index + 1}`;
    comparison.same(
      `${at} net fee`,
      shortest(vector.expected.net_fee_per_fill[index] ?? "none"),
      quantaText(charged.fee),
    );
    const detail = vector.expected.detail?.[index];
    if (detail !== undefined) {
      // The cases print the sum before its rebate; ours is what the order carries on.
      const carried = quantaOf(detail.accumulator) - quantaOf(detail.rebate);
      comparison.same(`${at} carried rounding`, quantaText(carried), quantaText(charged.accumulator));
    }
    accumulator = charged.accumulator;
    total += charged.fee;
  }
  comparison.same("total fee", shortest(vector.expected.total_fee), quantaText(total));
  return comparison.result(vector.id, `total ${quantaText(total)}`);
}
