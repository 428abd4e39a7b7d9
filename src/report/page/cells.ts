import { countLabel, exactLabel, money, moneyLabel, percentLabel } from "../money.ts";
import type { Cell, Column, Table } from "./document.ts";

/** Rows shown of a long table. */
const TABLE_ROWS = 50;

export function textCell(text: string, exact: string | null = null): Cell {
  return { text, exact, tone: "plain" };
}

export function countCell(value: number): Cell {
  return { text: countLabel(value), exact: null, tone: "plain" };
}

/** Exact decimal text shown in cents; the full number is kept for the reader who hovers. */
export function moneyCell(exact: string): Cell {
  return { text: moneyLabel(money(exact)), exact: exactLabel(exact), tone: "plain" };
}

/** Like `moneyCell`, coloured by sign: for profit and loss. */
export function pnlCell(exact: string): Cell {
  const value = money(exact);
  return { ...moneyCell(exact), tone: value > 0n ? "good" : value < 0n ? "bad" : "plain" };
}

/** Share of one amount in another. */
export function shareCell(part: string, whole: string): Cell {
  return textCell(percentLabel(money(part), money(whole)));
}

export function countShareCell(part: number, whole: number): Cell {
  return textCell(percentLabel(BigInt(part), BigInt(whole)));
}

/** Outcome of a check: `equal`, or by how much it fails. */
export function resultCell(ok: boolean, detail: string): Cell {
  return { text: detail, exact: null, tone: ok ? "good" : "bad" };
}

/** Column titles; those beginning with `#` hold numbers (the mark is not shown). */
export function columns(...titles: readonly string[]): Column[] {
  return titles.map((title) =>
    title.startsWith("#") ? { title: title.slice(1), numeric: true } : { title, numeric: false },
  );
}

/** A table of at most `limit` rows that says how many it left out and where they are. */
export function cappedTable(
  caption: string,
  head: readonly Column[],
  rows: readonly (readonly Cell[])[],
  where: string,
  limit = TABLE_ROWS,
): Table {
  const more = rows.length - limit;
  return {
    caption,
    columns: head,
    rows: rows.slice(0, limit),
    note: more > 0 ? `… and ${countLabel(more)} more in ${where}` : null,
  };
}
