/** A report laid out, before it becomes HTML or Markdown: both are written from this, so they cannot say different numbers. */

export type Tone = "good" | "bad" | "plain";

export interface Tile {
  readonly label: string;
  readonly value: string;
  /** Full precision, shown on hover and in Markdown. */
  readonly exact: string | null;
  readonly detail: string;
  readonly tone: Tone;
}

export interface Cell {
  readonly text: string;
  /** Full precision, shown on hover. */
  readonly exact: string | null;
  readonly tone: Tone;
}

export interface Column {
  readonly title: string;
  readonly numeric: boolean;
}

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said below the table, e.g. how many rows were left out. */
  readonly note: string | null;
}

/** An SVG of its own, with title and description. */
export interface Chart {
  readonly title: string;
  readonly description: string;
  readonly svg: string;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly charts: readonly Chart[];
  readonly tables: readonly Table[];
  /** Folded in HTML until opened. */
  readonly folded: boolean;
}

export interface ReportDocument {
  readonly title: string;
  readonly subtitle: string;
  readonly badge: { readonly text: string; readonly tone: Tone };
  readonly verdict: { readonly text: string; readonly detail: string; readonly tone: Tone };
  readonly tiles: readonly Tile[];
  readonly sections: readonly Section[];
  readonly notes: readonly string[];
}
