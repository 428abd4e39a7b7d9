import { type Document, isMap, isSeq, type LineCounter, type Node, type Pair, Scalar } from "yaml";

/** `line:column` (from 1) of the field at `path`, of `key` inside it when given, or of the nearest part that exists. */
export function locate(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  key?: string,
): string {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const part of key === undefined ? path : [...path, key]) {
    const pair = isMap(node) ? node.items.find((item) => keyText(item) === String(part)) : undefined;
    const next: unknown =
      pair === undefined ? (isSeq(node) ? node.items[Number(part)] : undefined) : pair.value;
    const found = offsetOf(pair?.key) ?? offsetOf(next);
    if (found === undefined) break;
    offset = found;
    node = next;
  }
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}`;
}

function keyText(pair: Pair): string {
  return pair.key instanceof Scalar ? String(pair.key.value) : String(pair.key);
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
