import { describe, expect, it } from "vitest";
import { profileOf } from "../../src/cli/profile.ts";
import { VENUES } from "../../src/registry.gen.ts";
import { probeVenue } from "../../src/runtime/live/probe.ts";
import { liveOf, openPublicStack } from "../../src/runtime/live/public-stack.ts";

/** Opt-in: these ask the public venues. `LIVE=1 npm test -- live` */
const isAsked = process.env["LIVE"] === "1";
const connectable = [...VENUES.values()].filter(({ live }) => live !== null);

describe.skipIf(!isAsked)("the public venues (LIVE=1)", () => {
  it.each(connectable.map(({ id }) => id))("%s answers in the shapes that its adapter reads", async (id) => {
    const venue = { id, module: VENUES.get(id)! };
    const stack = openPublicStack(profileOf("canary").profile, [venue], {}, ".emp/cache");
    try {
      const results = await probeVenue(liveOf(venue), stack, id, "emp/live-test");
      expect(results.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    } finally {
      await stack.close();
    }
  });
});
