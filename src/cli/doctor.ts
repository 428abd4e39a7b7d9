import { accessSync, constants, existsSync, mkdirSync, statfsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { VENUES } from "../registry.gen.ts";
import { probeVenue } from "../runtime/live/probe.ts";
import { liveOf, openPublicStack } from "../runtime/live/public-stack.ts";
import { readSecrets } from "../runtime/live/secrets.ts";
import type { Profile } from "../runtime/profile/schema.ts";
import type { RunVenue } from "../runtime/replay/journal-venues.ts";
import { runVenues } from "../runtime/run/run-venues.ts";
import { colour, ExitCode, print, printJson } from "./console.ts";
import { productVersion } from "./product.ts";
import { profileOf } from "./profile.ts";

const CACHE_DIR = join(".emp", "cache");
const GIB = 1_073_741_824;
const LEAST_FREE_BYTES = 2 * GIB;
const NODE_MAJOR = 22;
const NODE_MINOR = 19;

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly verdict: "ok" | "note" | "bad";
  readonly found: string;
  /** How to mend it; empty when there is nothing to mend. */
  readonly mend: string;
}

interface DoctorOptions {
  readonly profile: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("check Node, disk, keys, clock, network and venues, and say what to mend")
    .option("--profile <name>", "profile whose venues and folders are checked", "canary")
    .option("--offline", "leave out what needs the network")
    .option("--json", "print as JSON")
    .addHelpText("after", "\nExit code 1: something must be mended before a run can work.")
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const { profile } = profileOf(options.profile);
  const venues = runVenues(profile, VENUES);
  const findings = [node(), disk(profile), ...venues.flatMap(keys)];
  if (options.offline !== true) findings.push(...(await network(profile, venues)));
  if (options.json === true) printJson({ findings });
  else for (const finding of findings) printFinding(finding);
  const bad = findings.filter(({ verdict }) => verdict === "bad").length;
  if (options.json !== true) print(bad === 0 ? "nothing to mend" : `${bad} to mend`);
  if (bad > 0) process.exitCode = ExitCode.CheckFailed;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const good = major > NODE_MAJOR || (major === NODE_MAJOR && minor >= NODE_MINOR);
  return {
    what: "node",
    verdict: good ? "ok" : "bad",
    found: process.versions.node,
    mend: good
      ? ""
      : `start EMP by ./emp, which brings its own Node, or install ${NODE_MAJOR}.${NODE_MINOR} or newer`,
  };
}

function disk({ capture }: Profile): Finding {
  const dir = resolve(capture.dir);
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
    const { bavail, bsize } = statfsSync(dir);
    const free = bavail * bsize;
    const good = free >= LEAST_FREE_BYTES;
    const found = `${(free / GIB).toFixed(1)} GiB free in ${capture.dir}`;
    return {
      what: "disk",
      verdict: good ? "ok" : "bad",
      found,
      mend: good ? "" : "make room, or set capture.dir",
    };
  } catch {
    const parent = existsSync(dirname(dir)) ? dirname(dir) : process.cwd();
    return {
      what: "disk",
      verdict: "bad",
      found: `${dir} cannot be written`,
      mend: `make ${parent} writable`,
    };
  }
}

/** What is configured, never its value. */
function keys(venue: RunVenue): readonly Finding[] {
  const { secrets } = liveOf(venue);
  return secrets.map((spec): Finding => {
    const what = `key ${venue.id}`;
    try {
      const has = readSecrets([spec], process.env)[spec.name] !== undefined;
      const found = `${spec.name} ${has ? "set" : "not set"}`;
      return { what, verdict: has ? "ok" : "note", found, mend: has ? "" : `without it: no ${spec.unlocks}` };
    } catch (error) {
      return {
        what,
        verdict: "bad",
        found: error instanceof Error ? error.message : String(error),
        mend: "",
      };
    }
  });
}

async function network(profile: Profile, venues: readonly RunVenue[]): Promise<readonly Finding[]> {
  const stack = openPublicStack(profile, venues, process.env, CACHE_DIR);
  try {
    const all = await Promise.all(
      venues.map(async (venue) => {
        const results = await probeVenue(liveOf(venue), stack, venue.id, `emp/${productVersion()}`);
        return { venue, results };
      }),
    );
    return all.flatMap(({ venue, results }) => {
      const failed = results.filter(({ verdict }) => verdict === "none" || verdict === "drift");
      const answered = results.filter(({ verdict }) => verdict !== "none").length;
      const first = failed[0];
      const venueFinding: Finding =
        first === undefined
          ? { what: `venue ${venue.id}`, verdict: "ok", found: `${answered} endpoints as expected`, mend: "" }
          : {
              what: `venue ${venue.id}`,
              verdict: "bad",
              found: `${first.id}: ${first.verdict === "none" ? first.detail : "another shape"}`,
              mend: first.verdict === "none" ? "check the network and the region" : `emp probe ${venue.id}`,
            };
      return [
        venueFinding,
        clock(
          profile,
          venue,
          results.map(({ clockSkewMs }) => clockSkewMs),
        ),
      ];
    });
  } finally {
    await stack.close();
  }
}

function clock(profile: Profile, { id }: RunVenue, skews: readonly (number | null)[]): Finding {
  const known = skews.filter((skew) => skew !== null).sort((a, b) => a - b);
  const middle = known[known.length >> 1];
  const what = `clock ${id}`;
  if (middle === undefined) return { what, verdict: "note", found: "the venue states no time", mend: "" };
  const good = Math.abs(middle) <= profile.feed.maxSkewMs;
  const found = `${(middle / 1000).toFixed(1)} s apart`;
  return { what, verdict: good ? "ok" : "bad", found, mend: good ? "" : "set this machine's clock (NTP)" };
}

function printFinding({ what, verdict, found, mend }: Finding): void {
  const mark = { ok: colour.green("ok  "), note: "note", bad: colour.red("bad ") }[verdict];
  print(`${mark}  ${what.padEnd(18)} ${found}${mend === "" ? "" : `; ${mend}`}`);
}
