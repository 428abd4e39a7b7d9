import type { KpiReport } from "./kpi-model.ts";
import { countLabel, exactLabel, money, moneyLabel, percentLabel, signOf } from "./money.ts";
import type { Tile, Tone } from "./page/document.ts";

/** The headline numbers. */
export function tilesOf(report: KpiReport): Tile[] {
  const { run, robust, funnel, equity } = report;
  const total = report.views[0]!.total;
  const moneyTile = (label: string, exact: string, detail: string, tone: Tone = "plain"): Tile => ({
    label,
    value: moneyLabel(money(exact)),
    exact: exactLabel(exact),
    detail,
    tone,
  });
  const plain = (label: string, value: string, detail: string): Tile => ({
    label,
    value,
    exact: null,
    detail,
    tone: "plain",
  });
  const share = robust.topShare === null ? "n/a" : `${(robust.topShare * 100).toFixed(1)} %`;
  return [
    moneyTile(
      "Simulated-realised",
      total.ladder.simulatedRealised,
      `after fees of ${moneyLabel(money(total.fees))}`,
      (["bad", "plain", "good"] as const)[signOf(money(total.ladder.simulatedRealised)) + 1]!,
    ),
    moneyTile(
      "Expected-realised",
      total.ladder.expectedRealised,
      `${percentLabel(money(total.ladder.simulatedRealised), money(total.ladder.expectedRealised))} of it simulated`,
    ),
    moneyTile("Certified", total.ladder.certified, `of ${moneyLabel(money(total.ladder.detected))} detected`),
    plain(
      "Opened",
      countLabel(funnel.opened),
      `of ${countLabel(funnel.detected)} detected, ${countLabel(robust.families)} families`,
    ),
    plain(
      "Share of the top row",
      share,
      robust.top === null
        ? "nothing opened"
        : `${moneyLabel(money(robust.top))} of ${moneyLabel(money(robust.total))}`,
    ),
    moneyTile(
      "Maximum drawdown",
      equity.maxDrawdown,
      `${percentLabel(money(equity.maxDrawdown), money(equity.peak))} of the peak`,
    ),
    moneyTile("Equity", run.ledger.equity, `started with ${moneyLabel(money(run.ledger.startCash))}`),
    plain("Books valid at the end", countLabel(run.books.valid), `of ${countLabel(run.books.listed)} listed`),
  ];
}
