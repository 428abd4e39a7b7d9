import type { FeeSpec, FeeVersion, Micros } from "../../contracts/index.ts";
import { type CompiledFee, compileFee, feeAt, takerFee } from "../../proof/fees.ts";

/** A market's fee rule, read once, for both roles. */
export interface FeeTerms {
  readonly taker: CompiledFee;
  readonly maker: CompiledFee;
}

const FREE: CompiledFee = { type: "none" };

/**
 * The rule in force at `now` (docs/fees.md).
 * @throws RangeError when none is in force or it cannot be computed: such a market cannot be listed.
 */
export function feeTermsAt(versions: readonly FeeVersion[], now: Micros): FeeTerms {
  const version = feeAt(versions, now);
  const taker = version === null ? null : compiled(version.spec);
  if (version === null || taker === null)
    throw new RangeError(`no computable fee rule is in force: ${JSON.stringify(version)}`);
  return { taker, maker: makerOf(version.spec, taker) };
}

/** What a maker pays: Kalshi names its own rate; Polymarket's schedule says `takerOnly`; other rules hold for both. */
function makerOf(spec: FeeSpec, taker: CompiledFee): CompiledFee {
  if (spec.type === "kalshi")
    return spec.makerRate === "0" ? FREE : (compiled({ ...spec, takerRate: spec.makerRate }) ?? taker);
  return spec.type === "quadratic" && spec.takerOnly ? FREE : taker;
}

function compiled(spec: FeeSpec): CompiledFee | null {
  const fee = takerFee(spec);
  return fee === null ? null : compileFee(fee);
}
