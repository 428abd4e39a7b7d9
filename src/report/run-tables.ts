import type { KpiReport } from "./kpi-model.ts";
import { countLabel } from "./money.ts";
import { columns, countCell, moneyCell, textCell } from "./page/cells.ts";
import type { Table } from "./page/document.ts";

/** The accounts of the ledger. */
export function equityTable({ run: { ledger } }: KpiReport): Table {
  return {
    caption: "Ledger at the end",
    columns: columns("Account", "#Amount"),
    rows: [
      [textCell("Start cash"), moneyCell(ledger.startCash)],
      [textCell("Cash"), moneyCell(ledger.cash)],
      [textCell("Reserved for open plans"), moneyCell(ledger.reserved)],
      [textCell("Open claims at their worst state"), moneyCell(ledger.openAtWorst)],
      [textCell("Fees paid"), moneyCell(ledger.fees)],
      [
        textCell("After rows were closed: settlements above worst, netting, liquidations"),
        moneyCell(ledger.outsideRows),
      ],
      [textCell("Equity"), moneyCell(ledger.equity)],
      [textCell("Open positions (count)"), countCell(ledger.openPositions)],
    ],
    note: null,
  };
}

/** Counters and identity of the run. */
export function coverageTable({ run }: KpiReport): Table {
  const seconds = run.wallMs / 1000;
  const rate = seconds > 0 ? `${countLabel(Math.round(run.facts / seconds))} facts/s` : "n/a";
  return {
    caption: "What the run saw",
    columns: columns("Measure", "#Value"),
    rows: [
      [textCell("Raw frames"), countCell(run.frames)],
      [textCell("Facts"), countCell(run.facts)],
      [textCell("Books listed"), countCell(run.books.listed)],
      [textCell("Books valid at the end"), countCell(run.books.valid)],
      [textCell("Quotes quarantined"), countCell(run.quarantines)],
      [textCell("Quotes released"), countCell(run.releases)],
      [textCell("Time the run took"), textCell(`${countLabel(Math.round(run.wallMs))} ms`)],
      [textCell("Rate"), textCell(rate)],
      [textCell("Profile hash"), textCell(run.profileHash)],
      [textCell("Decision digest"), textCell(run.digest)],
      [textCell("Seed"), textCell(String(run.seed))],
      [textCell("Node major version"), textCell(String(run.nodeMajor))],
    ],
    note: null,
  };
}
