/** Indented JSON with a final newline. Key order is the order of construction, which is fixed. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
