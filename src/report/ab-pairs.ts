import { type KpiRow, pnlOf } from "./kpi-row.ts";
import { divideRounded } from "./money.ts";

/** One pair: what both runs earned on one family in one time block. */
export interface PairCell {
  readonly family: string;
  readonly title: string;
  /** Index of the block: floor(foundAt / block length). */
  readonly block: number;
  readonly a: bigint;
  readonly b: bigint;
}

/**
 * Opened rows of both runs, paired by family and by the block their first sight falls in. A run that opened nothing
 * there has 0: not trading is a result. Ordered by block, then family.
 */
export function pairCells(a: readonly KpiRow[], b: readonly KpiRow[], blockMicros: number): PairCell[] {
  const cells = new Map<string, { family: string; title: string; block: number; a: bigint; b: bigint }>();
  const add = (row: KpiRow, arm: "a" | "b") => {
    if (!row.opened) return;
    const { family, familyTitle, foundAt } = row.source;
    const block = Math.floor(foundAt / blockMicros);
    const key = `${block}|${family}`;
    const cell = cells.get(key) ?? { family, title: familyTitle || family, block, a: 0n, b: 0n };
    cell[arm] += pnlOf(row);
    cells.set(key, cell);
  };
  for (const row of a) add(row, "a");
  for (const row of b) add(row, "b");
  return [...cells.values()].sort(
    (x, y) => x.block - y.block || (x.family < y.family ? -1 : x.family > y.family ? 1 : 0),
  );
}

/** Capital committed: the sum of `capital` over opened rows. */
export function turnoverOf(rows: readonly KpiRow[]): bigint {
  return rows.reduce((total, row) => (row.opened ? total + row.capital : total), 0n);
}

/**
 * The cells with each run's P&L scaled by `smaller turnover / own turnover`, rounded at the 18th place: what each would
 * have earned per the capital of the smaller. Null when a run committed no capital.
 */
export function atEqualTurnover(
  cells: readonly PairCell[],
  turnoverA: bigint,
  turnoverB: bigint,
): PairCell[] | null {
  if (turnoverA <= 0n || turnoverB <= 0n) return null;
  const smaller = turnoverA < turnoverB ? turnoverA : turnoverB;
  return cells.map((cell) => ({
    ...cell,
    a: divideRounded(cell.a * smaller, turnoverA),
    b: divideRounded(cell.b * smaller, turnoverB),
  }));
}
