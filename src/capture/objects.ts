import type { Decision, ObjectFact } from "../contracts/index.ts";

/**
 * JSON records inside an OBJECTS block: u32 JSON bytes, u16 record type, u16 version, f64 instant, JSON, zero padding
 * to a multiple of 8.
 */
export const OBJECT_HEADER_BYTES = 16;

export const ObjectType = { FACT: 1, DECISION: 2 } as const;
export type ObjectType = (typeof ObjectType)[keyof typeof ObjectType];

/** A record that is rare enough to be an object, with its place in the journal. */
export type ObjectRecord =
  | { readonly type: "fact"; readonly seq: number; readonly at: number; readonly fact: ObjectFact }
  | { readonly type: "decision"; readonly seq: number; readonly at: number; readonly decision: Decision };

/** One JSON record as it stands in a block. */
export interface ObjectText {
  readonly type: ObjectType;
  readonly version: number;
  readonly at: number;
  readonly json: string;
}

export function writeObjectHeader(
  bytes: Buffer,
  offset: number,
  jsonBytes: number,
  type: ObjectType,
  version: number,
  at: number,
): void {
  bytes.writeUInt32LE(jsonBytes, offset);
  bytes.writeUInt16LE(type, offset + 4);
  bytes.writeUInt16LE(version, offset + 6);
  bytes.writeDoubleLE(at, offset + 8);
}
