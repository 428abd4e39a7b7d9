import type { Finding, MarketView } from "../contracts/index.ts";
import type { Execution } from "./execution/execution.ts";
import type { FamilyIndex } from "./family-index.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Opportunities } from "./opportunities.ts";
import type { EngineOutput } from "./output.ts";
import type { DailyDrawdown } from "./risk/daily-drawdown.ts";
import type { Exposure } from "./risk/exposure.ts";
import type { VerifyCertificate } from "./risk/gate.ts";
import type { RiskLimits } from "./risk/limits.ts";
import type { OrderFee } from "./risk/reserve.ts";
import type { DrawdownScale } from "./sizing/drawdown.ts";
import type { Sizer } from "./sizing/size.ts";

/** Everything the desk decides with; each part has its own file and its own tests. */
export interface DeskParts {
  readonly view: MarketView;
  readonly out: EngineOutput;
  readonly opportunities: Opportunities;
  readonly sizer: Sizer;
  readonly drawdown: DrawdownScale;
  readonly daily: DailyDrawdown;
  readonly exposure: Exposure;
  readonly ledger: Ledger;
  readonly execution: Execution;
  readonly limits: RiskLimits;
  /** The independent checker, bound to the books as they stand. */
  readonly verifyFinding: (finding: Finding) => ReturnType<VerifyCertificate>;
  readonly orderFee: OrderFee;
  readonly families: FamilyIndex;
  /** How long an opportunity may wait for a settled size. */
  readonly settleMicros: number;
}
