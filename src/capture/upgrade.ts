import { FACT_VERSION } from "../contracts/index.ts";
import { CaptureError } from "./errors.ts";

/** Turns a record of one version into the next version. Gets and gives plain JSON values. */
export type UpgradeStep = (record: unknown) => unknown;

/**
 * Makes the function that lifts a record of any earlier version to `current`.
 * @param steps `steps[v]` turns version v into version v + 1; every version from 1 to `current - 1` needs one.
 */
export function createUpgrade(
  current: number,
  steps: Readonly<Record<number, UpgradeStep>>,
): (record: unknown, version: number) => unknown {
  for (let version = 1; version < current; version++) {
    if (steps[version] === undefined) throw new RangeError(`no upgrade from record version ${version}`);
  }
  return (record, version) => {
    if (!Number.isInteger(version) || version < 1) {
      throw new CaptureError(
        "bad_record",
        `journal: record version: expected 1 to ${current}, was ${version}`,
      );
    }
    if (version > current) {
      throw new CaptureError(
        "newer",
        `journal: record version: expected at most ${current}, was ${version}; a newer EMP wrote it`,
      );
    }
    let lifted = record;
    for (let from = version; from < current; from++) lifted = (steps[from] as UpgradeStep)(lifted);
    return lifted;
  };
}

/** Lifts an object fact or decision to `FACT_VERSION`. A new version adds its step here. */
export const upgradeRecord = createUpgrade(FACT_VERSION, {});
