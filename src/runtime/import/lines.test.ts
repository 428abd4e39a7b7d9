import fc from "fast-check";
import { expect, it } from "vitest";
import { LineSplitter, MAX_LINE_BYTES } from "./lines.ts";

function split(chunks: readonly Uint8Array[]): {
  lines: string[];
  positions: [number, number][];
  long: number[];
} {
  const lines: string[] = [];
  const positions: [number, number][] = [];
  const long: number[] = [];
  const splitter = new LineSplitter({
    line: (bytes, start, end, line, offset) => {
      lines.push(new TextDecoder().decode(bytes.subarray(start, end)));
      positions.push([line, offset]);
    },
    tooLong: (line) => long.push(line),
  });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, positions, long };
}

it("gives the same lines however the input is cut into chunks", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{0,9}$/)),
      fc.array(fc.integer({ min: 1, max: 7 })),
      (texts, cuts) => {
        const bytes = new TextEncoder().encode(texts.map((text) => `${text}\n`).join(""));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.slice(at, at + cut));
          at += cut;
        }
        chunks.push(bytes.slice(at));
        const result = split(chunks);
        expect(result.lines).toEqual(texts.filter((text) => text !== ""));
        const starts = texts.map((_, index) =>
          texts.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0),
        );
        const wanted = texts.flatMap((text, index) => (text === "" ? [] : [[index + 1, starts[index]!]]));
        expect(result.positions).toEqual(wanted);
      },
    ),
  );
});

it("hands on a last line without a newline and drops carriage returns", () => {
  expect(split([new TextEncoder().encode("a\r\nb")]).lines).toEqual(["a", "b"]);
});

it("skips a line longer than the bound, says so, and goes on with the next", () => {
  const chunk = new Uint8Array(1 << 20).fill(120);
  const chunks = Array.from({ length: MAX_LINE_BYTES / chunk.length + 2 }, () => chunk);
  const result = split([...chunks, new TextEncoder().encode("\nnext\n")]);
  expect(result.long).toEqual([1]);
  expect(result.lines).toEqual(["next"]);
});
