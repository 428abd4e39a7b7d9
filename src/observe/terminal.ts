import { createLogUpdate } from "log-update";
import { renderScreen, renderSummary } from "./screen.ts";
import type { ScreenState } from "./screen-state.ts";

const DEFAULT_REFRESH_MS = 250;
const DEFAULT_SUMMARY_MS = 5_000;
const FALLBACK_COLUMNS = 100;
const FALLBACK_ROWS = 30;

export interface TerminalOptions {
  /** Where the view goes: usually standard error, so that standard output stays for results. */
  readonly stream: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asked for at each refresh. */
  readonly snapshot: () => ScreenState;
  /** Distance of refreshes on a terminal. */
  readonly refreshMs?: number;
  /** Distance of summary lines where the output is no terminal. */
  readonly summaryMs?: number;
}

export interface TerminalView {
  /** Shows the newest state now. */
  refresh(): void;
  /** Shows the last state, leaves it on the terminal and stops. Calling it again does nothing. */
  close(): void;
}

/** Colours only on a terminal, and never when NO_COLOR is set to anything (no-color.org). */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

/** Starts the live view: a redrawn screen on a terminal, one line every few seconds elsewhere. */
export function openTerminal(options: TerminalOptions): TerminalView {
  const { stream } = options;
  const show = stream.isTTY === true && options.env["TERM"] !== "dumb" ? screen(options) : lines(options);
  const period =
    show.kind === "screen"
      ? (options.refreshMs ?? DEFAULT_REFRESH_MS)
      : (options.summaryMs ?? DEFAULT_SUMMARY_MS);
  const timer = setInterval(show.refresh, period);
  timer.unref();
  let open = true;
  return {
    refresh: () => {
      if (open) show.refresh();
    },
    close: () => {
      if (!open) return;
      open = false;
      clearInterval(timer);
      show.refresh();
      show.end();
    },
  };
}

interface Show {
  readonly kind: "screen" | "lines";
  readonly refresh: () => void;
  readonly end: () => void;
}

function screen({ stream, env, snapshot }: TerminalOptions): Show {
  const update = createLogUpdate(stream);
  const colour = wantsColour(stream, env);
  return {
    kind: "screen",
    refresh: () => {
      // One row stays free: a screen as tall as the terminal would scroll at each redraw.
      const rows = (stream.rows || FALLBACK_ROWS) - 1;
      update(renderScreen(snapshot(), stream.columns || FALLBACK_COLUMNS, rows, colour));
    },
    end: () => update.done(),
  };
}

function lines({ stream, snapshot }: TerminalOptions): Show {
  return {
    kind: "lines",
    refresh: () => void stream.write(`${renderSummary(snapshot())}\n`),
    end: () => {},
  };
}
