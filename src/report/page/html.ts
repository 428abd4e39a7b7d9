import type { Cell, Chart, ReportDocument, Section, Table, Tile } from "./document.ts";
import { html, type Markup, trusted } from "./markup.ts";
import { SCRIPT, STYLE } from "./style.ts";

/** One self-contained page: no request is made (its own policy forbids it), and no script is needed to read it. */
export function toHtml(document: ReportDocument): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${document.title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<header>
<span class="badge ${document.badge.tone}">${document.badge.text}</span>
<h1>${document.title}</h1>
<p>${document.subtitle}</p>
</header>
<div class="verdict ${document.verdict.tone}"><strong>${document.verdict.text}</strong><span>${document.verdict.detail}</span></div>
<ul class="tiles">
${document.tiles.map(tile)}
</ul>
<nav aria-label="Sections">
${document.sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}
</nav>
${document.sections.map(section)}
<footer>
<strong>Notes</strong>
<ol>
${document.notes.map((note) => html`<li>${note}</li>`)}
</ol>
</footer>
</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}

function tile({ label, value, exact, detail, tone }: Tile): Markup {
  return html`<li><small>${label}</small><b class="${tone}"${titleOf(exact)}>${value}</b><small>${detail}</small></li>`;
}

function section({ id, title, text, charts, tables, folded }: Section): Markup {
  const content = html`${charts.map(figure)}${tables.map(table)}`;
  return html`<section id="${id}">
<h2>${title}</h2>
${text.map((paragraph) => html`<p>${paragraph}</p>`)}
${folded ? html`<details><summary>Show</summary>${content}</details>` : content}
</section>`;
}

function figure({ title, description, svg }: Chart): Markup {
  return html`<figure><figcaption>${title}<small>${description}</small></figcaption>${trusted(svg)}</figure>`;
}

function table({ caption, columns, rows, note }: Table): Markup {
  const head = columns.map(
    ({ title, numeric }) => html`<th scope="col"${numericClass(numeric)}>${title}</th>`,
  );
  const body = rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, index) => tableCell(cell, columns[index]?.numeric === true))}</tr>`,
  );
  return html`<div class="scroll"><table><caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody></table></div>
${note === null ? null : html`<p class="note">${note}</p>`}`;
}

function tableCell({ text, exact, tone }: Cell, numeric: boolean): Markup {
  const names = [numeric ? "n" : "", tone === "plain" ? "" : tone].filter((name) => name !== "").join(" ");
  return html`<td${names === "" ? null : html` class="${names}"`}${titleOf(exact)}>${text}</td>`;
}

function titleOf(exact: string | null): Markup | null {
  return exact === null ? null : html` title="${exact}"`;
}

function numericClass(numeric: boolean): Markup | null {
  return numeric ? trusted(' class="n"') : null;
}
