import type { HttpOutcome, Probe, ShapeDrift, VenueLive } from "../../contracts/index.ts";
import type { LiveStack } from "./stack.ts";

const TIMEOUT_MICROS = 10_000_000;
const MAX_SPACING_MICROS = 400_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** What one probe saw. */
export interface ProbeResult {
  readonly id: string;
  readonly about: string;
  /** `ok`: as expected, or only with fields that are ignored; `drift`: the adapter would refuse it; `none`: no answer. */
  readonly verdict: "ok" | "drift" | "none" | "skipped";
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly tookMs: number;
  readonly drifts: readonly ShapeDrift[];
  readonly detail: string;
  /** Venue clock minus ours; null when the answer states no date. Whole seconds are all that HTTP states. */
  readonly clockSkewMs: number | null;
}

/** Fetches each public endpoint of a venue once, in order, and compares its shape with what the adapter reads. */
export async function probeVenue(
  live: VenueLive,
  stack: LiveStack,
  id: string,
  userAgent: string,
): Promise<readonly ProbeResult[]> {
  const learned = new Map<string, string>();
  const results: ProbeResult[] = [];
  for (const [index, probe] of live.probes.entries()) {
    if (index > 0) await new Promise<void>((resolve) => stack.clock.after(spacingMicros(live), resolve));
    results.push(await runProbe(probe, stack, id, userAgent, learned));
  }
  return results;
}

/** Probes go past the governor, so they keep the distance of the venue's slowest class, within reason. */
function spacingMicros({ rates }: VenueLive): number {
  const distances = rates.map(({ perSecond, safety }) => 1_000_000 / (perSecond * safety));
  return Math.min(MAX_SPACING_MICROS, Math.max(0, ...distances));
}

async function runProbe(
  probe: Probe,
  stack: LiveStack,
  venue: string,
  userAgent: string,
  learned: Map<string, string>,
): Promise<ProbeResult> {
  const { id, about } = probe;
  const { net, hosts } = stack.ports(venue);
  const request = probe.request(learned);
  const base = hosts[probe.host];
  if (request === null || base === undefined) {
    const detail =
      request === null ? "an earlier probe did not find what this one needs" : `no host ${probe.host}`;
    return { id, about, verdict: "skipped", status: 0, tookMs: 0, drifts: [], detail, clockSkewMs: null };
  }
  const { method, path, body } = request;
  const outcome = await new Promise<HttpOutcome>((resolve) => {
    const headers: Record<string, string> = { "user-agent": userAgent, accept: "application/json" };
    if (body !== null) headers["content-type"] = "application/json";
    net.request(
      { method, url: `${base}${path}`, headers, body, timeoutMicros: TIMEOUT_MICROS, maxBytes: MAX_BYTES },
      resolve,
    );
  });
  const tookMs = Math.round((outcome.at - outcome.sentAt) / 1000);
  if (outcome.kind === "none") {
    const detail = `${outcome.why}: ${outcome.detail}`;
    return { id, about, verdict: "none", status: 0, tookMs, drifts: [], detail, clockSkewMs: null };
  }
  const drifts = probe.check(outcome, learned);
  const verdict = drifts.some(({ breaks }) => breaks) ? "drift" : "ok";
  return {
    id,
    about,
    verdict,
    status: outcome.status,
    tookMs,
    drifts,
    detail: "",
    clockSkewMs: skewMs(outcome),
  };
}

function skewMs({ headers, sentAt, at }: Extract<HttpOutcome, { kind: "answer" }>): number | null {
  const stated = Date.parse(headers["date"] ?? "");
  if (Number.isNaN(stated)) return null;
  // The date is cut to the second and was written somewhere between sending and receiving.
  const middle = (sentAt + at) / 2000;
  return Math.round(stated + 500 - middle);
}
