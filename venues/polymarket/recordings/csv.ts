const DECODER = new TextDecoder("utf-8", { fatal: true });

/** Cells of one CSV line (RFC 4180 quoting, no line breaks inside); null when it is not one. */
export function splitCsv(bytes: Uint8Array, start: number, end: number): readonly string[] | null {
  let line: string;
  try {
    line = DECODER.decode(bytes.subarray(start, end)).replace(/\r$/, "");
  } catch {
    return null;
  }
  const cells: string[] = [];
  let pos = 0;
  for (;;) {
    const cell = readCell(line, pos);
    if (cell === null) return null;
    cells.push(cell.text);
    if (cell.next === line.length) return cells;
    if (line[cell.next] !== ",") return null;
    pos = cell.next + 1;
  }
}

function readCell(line: string, from: number): { readonly text: string; readonly next: number } | null {
  if (line[from] !== '"') {
    const comma = line.indexOf(",", from);
    const next = comma === -1 ? line.length : comma;
    return { text: line.slice(from, next), next };
  }
  let text = "";
  let pos = from + 1;
  for (;;) {
    const quote = line.indexOf('"', pos);
    if (quote === -1) return null;
    text += line.slice(pos, quote);
    if (line[quote + 1] !== '"') return { text, next: quote + 1 };
    text += '"';
    pos = quote + 2;
  }
}
