import { readFileSync, writeFileSync } from "node:fs";
import { listSegments } from "../../src/capture/files.ts";
import {
  BLOCK_HEADER_BYTES,
  BlockKind,
  decodeBlockHeader,
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  sealBlock,
  segmentHeaderCrc,
} from "../../src/capture/format.ts";
import { FACT_BYTES, W_PRICE } from "../../src/contracts/index.ts";

/**
 * Moves the price of one packed fact by one tick and repairs every checksum and the chain behind it, so that nothing
 * but the content differs from what was recorded. Returns how many records were changed (1, or 0 when there is no such seq).
 */
export function plantTick(journal: string, seq: number): number {
  let planted = 0;
  let previous: number | null = null;
  for (const { path } of listSegments(journal, "facts")) {
    const bytes = readFileSync(path);
    if (previous !== null) rechain(bytes, previous);
    let chain = segmentHeaderCrc(bytes);
    for (let start = SEGMENT_HEADER_BYTES; start < bytes.length; ) {
      const block = decodeBlockHeader(bytes, start)!;
      const index = seq - block.firstSeq;
      if (block.kind === BlockKind.PACKED && index >= 0 && index < block.count) {
        const at = start + BLOCK_HEADER_BYTES + index * FACT_BYTES + W_PRICE * 4;
        bytes.writeInt32LE(bytes.readInt32LE(at) + 1, at);
        planted++;
      }
      chain = sealBlock(bytes, start, { ...block, previousCrc: chain });
      start += BLOCK_HEADER_BYTES + block.payloadBytes;
    }
    writeFileSync(path, bytes);
    previous = chain;
  }
  return planted;
}

/** Lets a segment name the changed last block of the segment before it. */
function rechain(bytes: Buffer, previousCrc: number): void {
  const header = decodeSegmentHeader(bytes, "facts");
  if (typeof header === "string") throw new Error(header);
  encodeSegmentHeader({ ...header, previousCrc }).copy(bytes);
}
