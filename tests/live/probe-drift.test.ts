import { describe, expect, it } from "vitest";
import { profileOf } from "../../src/cli/profile.ts";
import type { EmbeddedServer } from "../../src/contracts/index.ts";
import { VENUES } from "../../src/registry.gen.ts";
import { EmbeddedHost } from "../../src/runtime/embedded/host.ts";
import { openLoopbackStack } from "../../src/runtime/live/embedded-stack.ts";
import { probeVenue } from "../../src/runtime/live/probe.ts";
import { liveOf } from "../../src/runtime/live/public-stack.ts";
import type { LiveStack } from "../../src/runtime/live/stack.ts";
import { SeededRng } from "../../src/sim/rng.ts";

const USER_AGENT = "emp/test";
const connectable = [...VENUES.values()].filter(({ live }) => live !== null).map(({ id }) => id);

/** The embedded venue of a module, over loopback. */
function embedded(id: string) {
  const venue = { id, module: VENUES.get(id)! };
  return {
    venue,
    open: () => openLoopbackStack(profileOf("canary").profile, [venue], new SeededRng("probe"), 0),
  };
}

/** Renames every key of the answers that `from` names, as a venue does that changes its payloads. */
function renaming(server: EmbeddedServer, from: string, to: string): EmbeddedServer {
  return {
    request: (host, request, reply) =>
      server.request(host, request, (answer) =>
        reply({ ...answer, body: answer.body.replaceAll(`"${from}"`, `"${to}"`) }),
      ),
    socket: (host, request, peer) => server.socket(host, request, peer),
    faultAnswer: (fault) => server.faultAnswer(fault),
    close: () => server.close(),
  };
}

describe("emp probe", () => {
  it.each(connectable)("%s: finds the embedded venue as expected, with the clocks together", async (id) => {
    const { venue, open } = embedded(id);
    const stack = await open();
    try {
      const results = await probeVenue(liveOf(venue), stack, id, USER_AGENT);
      expect(results.map(({ verdict }) => verdict)).toEqual(results.map(() => "ok"));
      for (const { clockSkewMs } of results)
        if (clockSkewMs !== null) expect(Math.abs(clockSkewMs)).toBeLessThan(2_000);
    } finally {
      await stack.close();
    }
  });

  it.each([
    ["kalshi", "event_ticker", "event"],
    ["polymarket", "conditionId", "condition"],
    ["limitless", "tokenId", "token"],
  ])("%s: names the place of a changed shape", async (id, from, to) => {
    const { venue, open } = embedded(id);
    const stack = await open();
    const host = new EmbeddedHost({
      server: renaming(stack.gates.get(id)!, from, to),
      hosts: liveOf(venue).hosts,
    });
    try {
      const changed: LiveStack = {
        ...stack,
        ports: (name) => ({ ...stack.ports(name), hosts: hosts }),
      };
      const hosts = await host.start();
      const results = await probeVenue(liveOf(venue), changed, id, USER_AGENT);
      const drifts = results.flatMap((result) => result.drifts).filter(({ breaks }) => breaks);
      expect(drifts.length).toBeGreaterThan(0);
      expect(drifts.some(({ path }) => path.includes(from))).toBe(true);
    } finally {
      await host.stop();
      await stack.close();
    }
  });

  it("says that nobody answers when nobody does", async () => {
    const { venue, open } = embedded("kalshi");
    const stack = await open();
    await stack.close();
    const again = await open();
    const dead: LiveStack = {
      ...again,
      ports: (name) => ({ ...again.ports(name), hosts: stack.ports(name).hosts }),
    };
    try {
      const results = await probeVenue(liveOf(venue), dead, "kalshi", USER_AGENT);
      expect(results[0]).toMatchObject({ verdict: "none", status: 0 });
    } finally {
      await again.close();
    }
  });
});
