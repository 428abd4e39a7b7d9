import { createColors } from "picocolors";

/** One line of the screen as pieces of plain text with a style each; painted only at the end. */
export type Style = "plain" | "dim" | "bold" | "title" | "good" | "warn" | "bad" | "accent";
export type Segment = readonly [text: string, style: Style];
export type Line = readonly Segment[];

/** The line cut to `width` characters, with terminal colours when wanted. Widths count before colours. */
export function paint(line: Line, width: number, colour: boolean): string {
  const colours = createColors(colour);
  const styles: Record<Style, (text: string) => string> = {
    plain: String,
    dim: colours.dim,
    bold: colours.bold,
    title: (text) => colours.bold(colours.cyan(text)),
    good: colours.green,
    warn: colours.yellow,
    bad: colours.red,
    accent: colours.cyan,
  };
  let left = width;
  let painted = "";
  for (const [text, style] of line) {
    if (left <= 0) break;
    const part = text.slice(0, left);
    left -= part.length;
    painted += styles[style](part);
  }
  return colour ? painted : painted.trimEnd();
}

export function lengthOf(line: Line): number {
  return line.reduce((sum, [text]) => sum + text.length, 0);
}

/** `left` and `right` at the two ends of a line of `width`; `right` goes when there is no room. */
export function justified(left: Line, right: Line, width: number): Line {
  const gap = width - lengthOf(left) - lengthOf(right);
  return gap < 2 ? left : [...left, [" ".repeat(gap), "plain"], ...right];
}
