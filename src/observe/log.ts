import { type Logger, pino } from "pino";
import { BoundedFile } from "./bounded-file.ts";
import { redact } from "./redact.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

export interface LogOptions {
  readonly level: LogLevel;
  /** Absent: standard error, so that standard output stays for results. */
  readonly file?: string | undefined;
  /** The file is replaced at this size; one older file is kept. */
  readonly maxFileBytes?: number;
}

/** What ties a line to everything else about the same thing. Use these names for these things. */
export interface LogContext {
  readonly run?: string;
  readonly venue?: string;
  readonly lane?: string;
  readonly family?: string;
  readonly opportunity?: string;
  readonly order?: string;
  readonly factSeq?: number;
  /** A code of contracts/reasons.ts. */
  readonly reason?: string;
  readonly [field: string]: unknown;
}

/** Structured log: one JSON object a line. Secret-looking fields are redacted at any depth. */
export interface Log {
  debug(message: string, context?: LogContext): void;
  info(message: string, context?: LogContext): void;
  warn(message: string, context?: LogContext): void;
  error(message: string, context?: LogContext): void;
  /** The same log with context on every line. */
  with(context: LogContext): Log;
  close(): void;
}

const DEFAULT_FILE_BYTES = 67_108_864;

/** Opens a log. @throws the system's error when its file cannot be opened. */
export function openLog(options: LogOptions): Log {
  const file =
    options.file === undefined
      ? null
      : new BoundedFile(options.file, options.maxFileBytes ?? DEFAULT_FILE_BYTES);
  const destination = file ?? { write: (line: string) => void process.stderr.write(line) };
  return openLogOn(destination, options.level, () => file?.close());
}

/** A log on any destination that takes lines. */
export function openLogOn(
  destination: { write(line: string): void },
  level: LogLevel,
  close: () => void = () => {},
): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return wrap(logger, close);
}

function wrap(logger: Logger, close: () => void): Log {
  const line = (level: "debug" | "info" | "warn" | "error") => (message: string, context?: LogContext) => {
    if (logger.isLevelEnabled(level)) logger[level](clean(context), String(redact(message)));
  };
  return {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    with: (context) => wrap(logger.child(clean(context)), close),
    close,
  };
}

function clean(context: LogContext | undefined): Record<string, unknown> {
  return context === undefined ? {} : (redact(context) as Record<string, unknown>);
}
