/** A run folder that cannot be reported on. The message is one line: which file, what was expected, what was found. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}
