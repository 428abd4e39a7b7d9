import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as passed } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import type { HealthReading, RunReading } from "../../observe/metrics-reading.ts";
import { type ParsedFamily, parseExposition } from "../../observe/metrics-test-parser.ts";
import { openStatusServer, type StatusServer } from "../../observe/status-server.ts";
import { LANES, VENUES } from "../../registry.gen.ts";
import { SeededRng } from "../../sim/rng.ts";
import { EmpError } from "../emp-error.ts";
import { loadProfile } from "../profile/load.ts";
import { runVenues } from "../run/run-venues.ts";
import { type ConnectedRoom, type ConnectedRunResult, connectedRun } from "./connected-run.ts";
import { type EmbeddedStack, openLoopbackStack } from "./embedded-stack.ts";
import { openRunStatus, RunMetrics } from "./run-metrics.ts";

const PROFILES = join(import.meta.dirname, "..", "..", "..", "profiles");
const HOST = "127.0.0.1";
const PATIENCE = { timeout: 60_000, interval: 20 };

const canary = loadProfile("canary", {}, [PROFILES]).profile;
const BUSY_MARKET = { marketsPerVenue: 16, eventsPerSecond: 100, plantEveryMs: 500, decoyEveryMs: 0 };

/** A canary run on embedded venues over loopback, with its pages on a free port. */
class ServedRun {
  readonly dir = mkdtempSync(join(tmpdir(), "emp-status-"));
  readonly loaded = this.#profile();
  readonly venues = runVenues(this.loaded.profile, VENUES);
  room: ConnectedRoom | null = null;
  /** Every reading is a fresh one. */
  #real = 0;
  #stack!: EmbeddedStack;
  #metrics!: RunMetrics;
  #server!: StatusServer;
  #ending: Promise<ConnectedRunResult> | null = null;
  #stopped = false;

  async open(): Promise<void> {
    const rng = new SeededRng(this.loaded.profile.seed).fork("embedded");
    this.#stack = await openLoopbackStack(this.loaded.profile, this.venues, rng, 0);
    this.#metrics = new RunMetrics({
      loaded: this.loaded,
      version: "0.0.0-test",
      venues: "embedded",
      orders: "paper",
      clock: this.#stack.clock,
      realMs: () => (this.#real += 10_000),
    });
    this.#server = await openStatusServer(HOST, 0, this.#metrics);
  }

  begin(): void {
    const { clock } = this.#stack;
    this.#ending = connectedRun({
      loaded: this.loaded,
      venues: this.venues,
      lanes: LANES,
      outDir: this.dir,
      stack: this.#stack,
      origin: "embedded",
      assumptions: [],
      orders: "off",
      durationMs: null,
      userAgent: "emp/test",
      product: { commit: "test", nodeMajor: 24 },
      wallMicros: () => clock.now(),
      stopped: () => this.#stopped,
      loads: null,
      drive: async (until, going) => {
        while (going() && clock.now() < until) await passed(5);
      },
      taps: [this.#metrics.trades],
      onStage: () => {},
      onReady: (room) => {
        this.room = room;
        this.#metrics.attach(room);
      },
      onRound: (_, now) => this.#metrics.round(now),
    });
    this.#ending.catch(() => {});
  }

  async get(path: string): Promise<Response> {
    return fetch(`http://${HOST}:${this.#server.port}${path}`);
  }

  async health(): Promise<{ readonly status: number; readonly codes: readonly string[] }> {
    const answer = await this.get("/health");
    const { ok, reasons } = (await answer.json()) as HealthReading;
    expect(ok).toBe(answer.status === 200);
    return { status: answer.status, codes: reasons.map(({ code, scope }) => `${code} ${scope}`) };
  }

  async metrics(): Promise<ReadonlyMap<string, ParsedFamily>> {
    return parseExposition(await (await this.get("/metrics")).text());
  }

  async total(name: string): Promise<number> {
    const samples = (await this.metrics()).get(name)!.samples;
    return samples.reduce((sum, { value }) => sum + value, 0);
  }

  async status(): Promise<RunReading> {
    return (await (await this.get("/status")).json()) as RunReading;
  }

  degrade(scope: string, on: boolean): void {
    this.room!.core.fact({ kind: "degraded.mode", on, scope, reason: "feed.frozen" }, this.#now());
  }

  fail(error: Error): void {
    this.room!.failure = { error };
  }

  /** Every secret that the run was given. */
  secrets(): readonly string[] {
    return this.venues.flatMap(({ id }) => Object.values(this.#stack.ports(id).secrets));
  }

  async end(): Promise<unknown> {
    this.#stopped = true;
    return this.#ending;
  }

  async close(): Promise<void> {
    await this.end().catch(() => {});
    await this.#server.close();
    await this.#stack.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #now(): Micros {
    return this.#stack.clock.now();
  }

  #profile() {
    const file = join(this.dir, "served.yaml");
    const { kalshi, polymarket } = canary.venues;
    const profile = {
      ...canary,
      name: "served",
      venues: { kalshi, polymarket },
      risk: { ...canary.risk, minTimeToCloseMs: 0 },
      opportunity: { ...canary.opportunity, cooldownMs: 0 },
      log: { ...canary.log, level: "silent" },
      embedded: { ...canary.embedded, ...BUSY_MARKET },
    };
    writeFileSync(file, JSON.stringify(profile));
    return loadProfile(file, {}, []);
  }
}

describe("the pages of a run on embedded venues", () => {
  const run = new ServedRun();
  beforeAll(() => run.open());
  afterAll(() => run.close());

  it("are there before the venues are: not healthy, and every metric is stated", async () => {
    expect(await run.health()).toEqual({ status: 503, codes: ["start_incomplete all"] });
    const families = await run.metrics();
    expect(families.get("emp_start_complete")!.samples[0]!.value).toBe(0);
    expect(families.get("emp_healthy")!.samples[0]!.value).toBe(0);
    expect((await run.status()).market).toBeNull();
  });

  it("turn healthy once every venue gave a quote, and say how far each is before", async () => {
    run.begin();
    await expect.poll(() => run.room, PATIENCE).not.toBeNull();
    const early = await run.health();
    expect(early.codes.every((code) => /^start_incomplete (kalshi|polymarket)$/.test(code))).toBe(true);
    await expect.poll(() => run.health(), PATIENCE).toEqual({ status: 200, codes: [] });
    const { start } = await run.status();
    expect(start.complete).toBe(true);
    expect(start.stages.filter(({ stage }) => stage === "quote")).toHaveLength(2);
  });

  it("count what is judged, asked and covered", async () => {
    await expect.poll(() => run.total("emp_facts_total"), PATIENCE).toBeGreaterThan(100);
    await expect.poll(() => run.total("emp_coverage_ratio"), PATIENCE).toBe(2);
    const families = await run.metrics();
    const venuesOf = (name: string) =>
      new Set(families.get(name)!.samples.map(({ labels }) => labels["venue"]));
    for (const name of ["emp_connectivity", "emp_books", "emp_queue_depth", "emp_requests_sent_total"])
      expect([...venuesOf(name)].sort()).toEqual(["kalshi", "polymarket"]);
    expect(await run.total("emp_requests_sent_total")).toBeGreaterThan(0);
    expect(await run.total("emp_requests_inside_retry_after_total")).toBe(0);
    expect(await run.total("emp_event_lag_ms")).toBeGreaterThan(0);
    expect(await run.total("emp_connectivity")).toBe(2);
    const staleness = families.get("emp_staleness_ms")!.samples.map(({ value }) => value);
    for (const ms of staleness) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it("count every opportunity by what became of it, and time the fills", async () => {
    await expect.poll(() => run.total("emp_opportunities_closed_total"), PATIENCE).toBeGreaterThan(2);
    await expect.poll(() => run.total("emp_orders_total"), PATIENCE).toBeGreaterThan(0);
    await expect.poll(() => run.total("emp_er_latency_ms"), PATIENCE).toBeGreaterThan(0);
    const { trades, lanes, venues } = await run.status();
    const count = (of: typeof trades.closed) => of.reduce((sum, each) => sum + each.count, 0);
    expect(count(trades.detected)).toBeGreaterThanOrEqual(count(trades.closed));
    expect(lanes.map(({ id }) => id)).toEqual(["bucket", "intra"]);
    expect(venues.every(({ classes }) => classes.length > 0)).toBe(true);
  });

  it("say when the operator halts trading, and when it goes on", async () => {
    run.room!.core.operator("pause", "test", "lunch");
    expect(await run.health()).toEqual({ status: 503, codes: ["halted all"] });
    expect((await run.metrics()).get("emp_risk_halted")!.samples[0]!.value).toBe(1);
    expect((await run.status()).desk!.halted).toBe("lunch");
    run.room!.core.operator("resume", "test", "back");
    expect((await run.health()).status).toBe(200);
  });

  it("say which scope is degraded", async () => {
    run.degrade("kalshi", true);
    expect(await run.health()).toEqual({ status: 503, codes: ["degraded kalshi"] });
    const scopes = (await run.metrics()).get("emp_degraded")!.samples;
    expect(scopes.map(({ labels, value }) => [labels["scope"], value])).toEqual([
      ["all", 0],
      ["kalshi", 1],
      ["polymarket", 0],
    ]);
    run.degrade("all", true);
    expect((await run.health()).codes[0]).toBe("degraded all");
    run.degrade("all", false);
    run.degrade("kalshi", false);
    expect((await run.health()).status).toBe(200);
  });

  it("agree with the run's own counters", async () => {
    const { status } = run;
    const reading = await status.call(run);
    const session = run.room!.record.session;
    expect(reading.market!.facts).toBeLessThanOrEqual(session.facts);
    expect(reading.desk!.startCash).toBe(session.engine.desk.summary().startCash);
    expect(reading.run).toMatchObject({ profile: "served", venues: "embedded", orders: "paper" });
    expect(reading.capacity.maxWatchedPerVenue).toBe(run.loaded.profile.feed.maxWatched);
  });

  it("show no secret and no path of this machine", async () => {
    run.room!.core.operator("pause", "test", "Bearer abcdefgh12345678");
    const texts = await Promise.all(
      ["/metrics", "/health", "/status"].map(async (path) => (await run.get(path)).text()),
    );
    run.room!.core.operator("resume", "test", "");
    const secrets = run
      .secrets()
      .flatMap((secret) => [secret, ...secret.split("\n").filter((line) => line.length > 20)]);
    expect(secrets.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
      expect(text).not.toContain(run.dir);
      expect(text).not.toContain("abcdefgh12345678");
    }
  });

  it("say that the run failed, or is ending", async () => {
    run.fail(new Error("the disk is full"));
    expect((await run.health()).codes[0]).toBe("failed all");
    await expect(run.end()).rejects.toThrow("the disk is full");
    run.room!.failure = null;
    expect((await run.health()).codes).toContain("ending all");
    expect((await run.get("/metrics")).status).toBe(200);
  });
});

describe("readings", () => {
  it("are made once a second at most", async () => {
    let real = 0;
    const loaded = loadProfile("canary", {}, [PROFILES]);
    const clock = { now: () => 0 as Micros };
    const metrics = new RunMetrics({
      loaded,
      version: "0",
      venues: "public",
      orders: "paper",
      clock,
      realMs: () => real,
    });
    const uptime = () => (metrics.status() as RunReading).uptimeMs;
    real = 500;
    expect(uptime()).toBe(500);
    real = 1_400;
    expect(uptime()).toBe(500);
    real = 1_500;
    expect(uptime()).toBe(1_500);
  });
});

describe("a port that cannot be had", () => {
  const pages = {
    metrics: async () => ({ type: "", text: "" }),
    health: () => ({ ok: true }),
    status: () => 0,
  };

  it("is one line that says which, and how to mend it", async () => {
    const first = await openRunStatus(HOST, 0, pages);
    const second = openRunStatus(HOST, first.port, pages);
    await expect(second).rejects.toThrow(EmpError);
    await expect(second).rejects.toThrow(
      `run: status: port ${first.port} of ${HOST} is taken; choose another with --status-port or status.port`,
    );
    await first.close();
  });

  it("names a host that is not this machine's", async () => {
    const refused = openRunStatus("192.0.2.1", 0, pages);
    await expect(refused).rejects.toThrow(
      /^run: status: cannot listen on port 0 of 192\.0\.2\.1: .*status\.host$/,
    );
  });
});
