import type { Cell, ReportDocument, Section, Table } from "./document.ts";

/** The same report as Markdown (charts are in the HTML only). Amounts are shown in cents, as on the page. */
export function toMarkdown(document: ReportDocument): string {
  const lines = [
    `# ${escapeMarkdown(document.title)}`,
    "",
    escapeMarkdown(document.subtitle),
    "",
    `**${escapeMarkdown(document.badge.text)}**`,
    "",
    `**${escapeMarkdown(document.verdict.text)}** ${escapeMarkdown(document.verdict.detail)}`,
    "",
    "| | | |",
    "|---|---:|---|",
    ...document.tiles.map(({ label, value, detail }) => row([label, value, detail])),
    "",
    ...document.sections.flatMap(section),
    "## Notes",
    "",
    ...document.notes.map((note, index) => `${index + 1}. ${escapeMarkdown(note)}`),
    "",
  ];
  return lines.join("\n");
}

function section({ title, text, tables }: Section): string[] {
  return [
    `## ${escapeMarkdown(title)}`,
    "",
    ...text.flatMap((line) => [escapeMarkdown(line), ""]),
    ...tables.flatMap(table),
  ];
}

function table({ caption, columns, rows, note }: Table): string[] {
  return [
    `**${escapeMarkdown(caption)}**`,
    "",
    row(columns.map((column) => column.title)),
    `|${columns.map((column) => (column.numeric ? "---:" : "---")).join("|")}|`,
    ...rows.map((cells) => row(cells.map((cell: Cell) => cell.text))),
    "",
    ...(note === null ? [] : [escapeMarkdown(note), ""]),
  ];
}

function row(texts: readonly string[]): string {
  return `| ${texts.map(escapeMarkdown).join(" | ")} |`;
}

/** Venue and market titles are foreign text: they may not open markup, a link or a table cell. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
