import type { Reason } from "../contracts/index.ts";

/** Why the capture layer could not do what it was asked. */
export type CaptureCode =
  | "missing"
  | "empty"
  | "foreign"
  | "exists"
  | "locked"
  | "newer"
  | "compacted"
  | "corrupt"
  | "bad_record"
  | "too_large"
  | "closed"
  | "io"
  | "sql";

/** An error of the journal. The message is one line: what is wrong, where, and what to do about it. */
export class CaptureError extends Error {
  readonly code: CaptureCode;
  /** The catalogued reason where there is one. */
  readonly reason: Reason | null;

  constructor(code: CaptureCode, message: string, reason: Reason | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CaptureError";
    this.code = code;
    this.reason = reason;
  }
}
