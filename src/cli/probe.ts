import { join } from "node:path";
import type { Command } from "commander";
import { VENUES } from "../registry.gen.ts";
import { EmpError } from "../runtime/emp-error.ts";
import { openLoopbackStack } from "../runtime/live/embedded-stack.ts";
import { type ProbeResult, probeVenue } from "../runtime/live/probe.ts";
import { liveOf, openPublicStack } from "../runtime/live/public-stack.ts";
import type { LiveStack } from "../runtime/live/stack.ts";
import type { RunVenue } from "../runtime/replay/journal-venues.ts";
import { SeededRng } from "../sim/rng.ts";
import { colour, ExitCode, print, printJson } from "./console.ts";
import { productVersion } from "./product.ts";
import { profileOf } from "./profile.ts";

const CACHE_DIR = join(".emp", "cache");

interface ProbeOptions {
  readonly venues?: string;
  readonly profile: string;
  readonly json?: boolean;
}

export function addProbeCommand(program: Command): void {
  program
    .command("probe")
    .description(
      "fetch each public endpoint of a venue once and compare its shape with what the adapter reads",
    )
    .argument("<venue>", "a venue of the profile, or the folder of one, such as kalshi")
    .option("--profile <name>", "profile that names the venue's hosts", "canary")
    .option("--venues <where>", "embedded: probe the server inside EMP instead of the public venue")
    .option("--json", "print as JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ emp probe kalshi                       is the public venue still what EMP expects?
  $ emp probe polymarket --venues=embedded the same against the embedded venue, no network

Exit code 1: an endpoint gave no answer, or one that the adapter would refuse.`,
    )
    .action(probe);
}

async function probe(id: string, options: ProbeOptions): Promise<void> {
  const { profile } = profileOf(options.profile);
  const module = VENUES.get(profile.venues[id]?.module ?? id);
  if (module === undefined) {
    const known = [...new Set([...Object.keys(profile.venues), ...VENUES.keys()])].join(", ");
    throw new EmpError("probe.venue", `probe: expected one of ${known}; found "${id}"`);
  }
  const venue: RunVenue = { id, module };
  const stack = await openStack(venue, options);
  try {
    const results = await probeVenue(liveOf(venue), stack, id, `emp/${productVersion()}`);
    if (options.json === true) printJson({ venue: id, results });
    else for (const result of results) printProbe(result);
    const isSound = results.every(({ verdict }) => verdict === "ok");
    if (!isSound) process.exitCode = ExitCode.CheckFailed;
    if (options.json !== true)
      print(isSound ? `${id}: as expected` : `${id}: not as expected; see the lines above`);
  } finally {
    await stack.close();
  }
}

async function openStack(venue: RunVenue, { venues, profile: name }: ProbeOptions): Promise<LiveStack> {
  const { profile } = profileOf(name);
  if (venues === undefined || venues === "public")
    return openPublicStack(profile, [venue], process.env, CACHE_DIR);
  if (venues === "embedded") return openLoopbackStack(profile, [venue], new SeededRng(profile.seed), 0);
  throw new EmpError("probe.venues", `probe: --venues: expected public or embedded, found "${venues}"`);
}

function printProbe({ id, about, verdict, status, tookMs, drifts, detail }: ProbeResult): void {
  const mark = verdict === "ok" ? colour.green("ok     ") : colour.red(verdict.padEnd(7));
  print(
    `${mark} ${id.padEnd(22)} ${String(status).padStart(3)} ${String(tookMs).padStart(6)} ms  ${detail || about}`,
  );
  for (const { path, expected, found, breaks } of drifts)
    print(
      `        ${breaks ? colour.red("breaks") : "differs"} ${path}: expected ${expected}, found ${found}`,
    );
}
