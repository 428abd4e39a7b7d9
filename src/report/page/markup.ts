/** HTML that is already safe. Made by the `html` tag only, or by `trusted` for text of our own making. */
export interface Markup {
  readonly markup: string;
}

type Value = Markup | readonly Markup[] | string | number | null;

/** Template tag: every interpolated text is escaped; markup and lists of it are not. `null` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = strings[0] ?? "";
  values.forEach((value, index) => {
    text += render(value) + (strings[index + 1] ?? "");
  });
  return { markup: text };
}

/** Marks text as safe HTML: only for constants and SVG that this program made. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** Escapes text for element content and quoted attributes. */
export function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function render(value: Value): string {
  if (value === null) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  if ("markup" in value) return value.markup;
  return value.map((part) => part.markup).join("\n");
}
