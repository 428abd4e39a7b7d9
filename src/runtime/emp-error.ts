/**
 * An error for a person: one line that says what, where and how to mend it. The command line prints the message and
 * exits with 2. Anything else that is thrown is a bug.
 */
export class EmpError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "EmpError";
    this.code = code;
  }
}
