import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FeeSpec, parseScaled } from "../../contracts/index.ts";
import { SeededRng } from "../rng.ts";
import type { FamilyTerms, Plant, WorldAction, WorldBook } from "./actions.ts";
import { DEFAULT_WORLD, type WorldOptions } from "./options.ts";
import { Client } from "./testing-client.ts";
import { createWorld, type World } from "./world.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const OPTIONS: WorldOptions = { ...DEFAULT_WORLD, sha256 };
const SECOND = 1_000_000;
/** How many worlds the search for unlabelled arbitrage plays; more on demand. */
const SEEDS = Number(process.env["EMP_WORLD_SEEDS"] ?? 2);

function world(seed: string, options: Partial<WorldOptions> = {}): World {
  return createWorld({ ...OPTIONS, ...options }, new SeededRng(seed));
}

function play(source: World, seconds: number, see: (action: WorldAction) => void): void {
  const end = OPTIONS.startAt + seconds * SECOND;
  for (let action = source.next(); action.at <= end; action = source.next()) see(action);
}

function digest(source: World, count: number): string {
  const hash = createHash("sha256");
  const short = (key: string, value: unknown) =>
    key === "book" && value !== null ? (value as WorldBook).symbol : value;
  for (let i = 0; i < count; i++) hash.update(JSON.stringify(source.next(), short));
  return hash.digest("hex");
}

/** Ticks per set before fees if one buys every YES (or every NO) of a family at the best prices; null = not possible. */
function gross(client: Client, family: FamilyTerms, side: "yes" | "no"): number | null {
  const pair = family.kind === "market" && family.members.length === 2;
  if (family.kind === "market" && !pair) return null;
  if (pair && side === "no") return null;
  let left = side === "yes" ? 10_000 : (family.members.length - 1) * 10_000;
  for (const symbol of family.members) {
    const price =
      side === "yes"
        ? client.best(symbol, "asks")
        : 10_000 - (client.best(symbol, "bids") ?? Number.NEGATIVE_INFINITY);
    if (price === null || !Number.isFinite(price)) return null;
    left -= price;
  }
  return left;
}

/** Cash for one leg in 1e-6 units with plain integers, rounded against the buyer. */
function cash(fee: FeeSpec, ticks: number, contracts: number): number {
  const rate = fee.type === "kalshi" ? fee.takerRate : fee.type === "quadratic" ? fee.rate : "0";
  const rateMicros = parseScaled(rate, 6)!;
  const feeMicros = Math.ceil((rateMicros * contracts * ticks * (10_000 - ticks)) / 1e8 - 1e-9);
  const micros =
    ticks * 100 * contracts + (fee.type === "kalshi" ? feeMicros : Math.ceil(feeMicros / 10) * 10);
  return fee.type === "kalshi" ? Math.ceil(micros / 10_000) * 10_000 : micros;
}

describe("createWorld", () => {
  it("gives the same actions for the same seed", () => {
    void fc.assert(
      fc.property(fc.string({ maxLength: 8 }), (seed) => {
        const first = digest(world(seed), 2_000);
        expect(digest(world(seed), 2_000)).toBe(first);
      }),
      { numRuns: 5 },
    );
  });

  it("gives other actions for another seed", () => {
    expect(digest(world("a"), 2_000)).not.toBe(digest(world("b"), 2_000));
  });

  it("keeps its golden digest", () => {
    expect(digest(world("golden"), 20_000)).toMatchInlineSnapshot(
      `"170fea48bbee09bcbbb0937c9e529d531a823c9dd7cec7f421debdb5421f314b"`,
    );
  });

  it("tells actions in time order, the venue's instant never after the receipt", () => {
    let last = 0;
    play(world("order"), 60, (action) => {
      expect(action.at).toBeGreaterThanOrEqual(last);
      last = action.at;
      if ("venueAt" in action) expect(action.venueAt).toBeLessThanOrEqual(action.at);
    });
  });

  it("gives a gapless sequence and books that agree with the venue's best prices when nothing goes wrong", () => {
    const client = new Client();
    let frames = 0;
    play(world("calm", { hazardEveryMicros: 0, decoyEveryMicros: 0 }), 120, (action) => {
      client.see(action);
      frames++;
    });
    expect(frames).toBeGreaterThan(20_000);
    expect(client.gaps).toEqual([]);
    expect(client.mismatches).toBe(0);
  });

  it("runs at about the asked rate over about 120 markets", () => {
    let count = 0;
    const source = world("rate");
    play(source, 120, () => count++);
    expect(count / 120).toBeGreaterThan(225);
    expect(count / 120).toBeLessThan(400);
    const markets = new Set(source.books().map((book) => book.market)).size;
    expect(markets).toBeGreaterThan(95);
    expect(markets).toBeLessThan(150);
  });

  it("reaches every kind of fault and every kind of plant", () => {
    const hazards = new Set<string>();
    const kinds = new Set<string>();
    const source = world("faults", { hazardEveryMicros: SECOND, decoyEveryMicros: 4 * SECOND });
    play(source, 400, (action) => {
      kinds.add(action.kind);
      if (action.kind === "hazard") hazards.add(action.hazard);
    });
    expect([...hazards].sort()).toEqual([
      "absurd_size",
      "burst",
      "connection_lost",
      "crossed",
      "drop",
      "duplicate",
      "jump",
      "malformed",
      "negative_level",
      "reorder",
      "silent_book",
      "stall",
      "tick_size",
      "torn_snapshot",
      "zero_size",
    ]);
    expect(kinds).toContain("resolve");
    const labels = new Set(source.plants().map((plant) => `${plant.style}/${plant.decoy ?? "genuine"}`));
    expect([...labels].sort()).toEqual([
      "intra_pair/genuine",
      "intra_pair/stale_leg",
      "no_basket/genuine",
      "yes_basket/fees",
      "yes_basket/genuine",
      "yes_basket/micro_price",
      "yes_basket/not_exhaustive",
      "yes_basket/too_small",
    ]);
  });

  it("heals every book within seconds of a fault", () => {
    const client = new Client();
    const source = world("healing");
    const invalidSince = new Map<string, number>();
    let longest = 0;
    let seen = 0;
    play(source, 300, (action) => {
      client.see(action);
      if (++seen % 100 !== 0) return;
      for (const { symbol } of source.books()) {
        const valid = client.books.get(symbol)?.valid === true;
        if (valid) invalidSince.delete(symbol);
        else if (!invalidSince.has(symbol)) invalidSince.set(symbol, action.at);
        longest = Math.max(longest, action.at - (invalidSince.get(symbol) ?? action.at));
      }
    });
    expect(longest).toBeLessThan(12 * SECOND);
    expect(longest).toBeGreaterThan(0);
  });

  it("never shows an arbitrage that it has not labelled", () => {
    for (let run = 1; run <= SEEDS; run++) {
      const client = new Client();
      const source = world(`quiet-${run}`);
      const seen: { readonly family: string; readonly at: number; readonly what: string }[] = [];
      play(source, 200, (action) => {
        client.see(action);
        if (action.kind !== "level" && action.kind !== "snapshot") return;
        for (const family of client.families.values()) {
          if (!family.members.includes(action.book.symbol)) continue;
          for (const side of ["yes", "no"] as const) {
            const edge = gross(client, family, side);
            if (edge !== null && edge > 0)
              seen.push({ family: family.id, at: action.at, what: `${side} ${edge}` });
          }
        }
      });
      const plants = source.plants();
      const unlabelled = seen.filter(({ family, at }) => !plants.some((plant) => covers(plant, family, at)));
      expect(seen.length).toBeGreaterThan(10);
      expect(unlabelled).toEqual([]);
    }
  });

  it("labels genuine arbitrages with the edge that its books really give", () => {
    const client = new Client();
    const source = world("edges");
    const pending: WorldAction[] = [];
    const checked = new Set<number>();
    play(source, 300, (action) => {
      client.see(action);
      pending.push(action);
      for (const plant of source.plants().slice(-3)) {
        if (plant.decoy !== null || checked.has(plant.id) || action.at <= plant.from + 1_000) continue;
        checked.add(plant.id);
        expect(edgeMicros(client, plant)).toBe(parseScaled(plant.edge, 6));
        expect(parseScaled(plant.edge, 6)).toBeGreaterThan(0);
      }
    });
    expect(checked.size).toBeGreaterThan(12);
  });

  it("labels traps with a loss after fees, or a size below the minimum", () => {
    const source = world("traps", { decoyEveryMicros: 2 * SECOND, hazardEveryMicros: 0 });
    const client = new Client();
    play(source, 200, (action) => client.see(action));
    const traps = source.plants().filter((plant) => plant.decoy !== null);
    for (const trap of traps) {
      if (trap.decoy === "fees") expect(trap.edge.startsWith("-")).toBe(true);
      const minimum = client.listed.get(trap.symbols[0]!)!.listing.minLots;
      if (trap.decoy === "too_small") expect(trap.lots).toBeLessThan(minimum);
      if (trap.decoy === "not_exhaustive")
        expect(client.families.get(trap.family)!.exhaustive.label).not.toBe("yes");
    }
    expect(traps.length).toBeGreaterThan(20);
  });
});

function covers(plant: Plant, family: string, at: number): boolean {
  const tail = plant.disturbed ? 8 * SECOND : 5_000;
  return plant.family === family && at >= plant.from - 5_000 && at <= plant.until + tail;
}

function edgeMicros(client: Client, plant: Plant): number {
  const { listing } = client.listed.get(plant.symbols[0]!)!;
  const contracts = plant.lots / listing.sizeScale;
  const fee = listing.fees[0]!.spec;
  const no = plant.style === "no_basket";
  const sets = no ? plant.symbols.length - 1 : 1;
  return plant.symbols.reduce(
    (left, symbol) => {
      const price = no ? 10_000 - client.best(symbol, "bids")! : client.best(symbol, "asks")!;
      return left - cash(fee, price, contracts);
    },
    sets * contracts * 1e6,
  );
}
