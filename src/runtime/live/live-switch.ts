import { EmpError } from "../emp-error.ts";
import type { Profile } from "../profile/schema.ts";

/** The exact words that the environment must hold: nobody sets them by accident. */
export const LIVE_VARIABLE = "EMP_LIVE_TRADING";
export const LIVE_WORDS = "real orders with real money";

/**
 * Whether real orders may leave. Three separate things must say so: the profile (`mode: live`), the command line
 * (`--live`) and the environment (`EMP_LIVE_TRADING`). None of them: paper. Some of them: an error, never a guess.
 * @throws EmpError that names what is missing.
 */
export function liveOrdersAllowed(
  profile: Profile,
  flag: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const said = {
    "mode: live in the profile": profile.mode === "live",
    "--live on the command line": flag,
    [`${LIVE_VARIABLE}="${LIVE_WORDS}" in the environment`]: env[LIVE_VARIABLE] === LIVE_WORDS,
  };
  const missing = Object.entries(said).filter(([, yes]) => !yes);
  const asked = profile.mode === "live" || flag;
  if (!asked) return false;
  if (missing.length === 0) return true;
  throw new EmpError(
    "run.live",
    `run: live trading needs three confirmations; missing: ${missing.map(([what]) => what).join(", ")}`,
  );
}
