import { constants, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { HttpOutcome, Micros } from "../../../src/contracts/index.ts";
import { ClockSkew } from "./clock-skew.ts";
import { configure, HOSTS, SECRETS } from "./configure.ts";
import { failureOf, stress } from "./failures.ts";
import { readOptions } from "./options.ts";
import { RATES, readClass, writeClass } from "./rates.ts";
import { Signer } from "./signing.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { PUBLIC_KEY, SECRETS as TEST_SECRETS } from "./testing/fixture.ts";

const AT = 1_787_000_000_000_000 as Micros;

function reply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "answer", status, headers, body: new TextEncoder().encode(text), sentAt: AT, at: AT };
}

function none(
  why: "timeout" | "reset" | "too_large" | "cancelled" | "queue_full" | "unreachable",
  sent = true,
) {
  return { kind: "none", why, detail: "", sent, sentAt: AT, at: AT } as const;
}

const signer = () => Signer.create("key-1", TEST_SECRETS.KALSHI_PRIVATE_KEY) as Signer;

function verified(method: string, path: string, headers: Readonly<Record<string, string>>): boolean {
  return verify(
    "sha256",
    Buffer.from(`${headers["kalshi-access-timestamp"]}${method}${path}`),
    { key: PUBLIC_KEY, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    Buffer.from(headers["kalshi-access-signature"]!, "base64"),
  );
}

describe("signing", () => {
  it("covers milliseconds, method and the path with its prefix and without its query", () => {
    const headers = signer().headers("GET", `${HOSTS["rest"]}/portfolio/orders?ticker=A&limit=5`, AT);
    expect(headers["kalshi-access-key"]).toBe("key-1");
    expect(headers["kalshi-access-timestamp"]).toBe("1787000000000");
    expect(verified("GET", "/trade-api/v2/portfolio/orders", headers)).toBe(true);
    expect(verified("POST", "/trade-api/v2/portfolio/orders", headers)).toBe(false);
  });

  it("the websocket handshake is a GET of its path", () => {
    const headers = signer().headers("GET", HOSTS["ws"]!, AT);
    expect(verified("GET", "/trade-api/ws/v2", headers)).toBe(true);
  });

  it("a signature made ahead serves for a second and no longer", () => {
    const made = signer();
    made.prepare("POST", "/trade-api/v2/portfolio/events/orders", AT);
    const at = (micros: number) =>
      made.headers("POST", "/trade-api/v2/portfolio/events/orders", AT + micros)["kalshi-access-timestamp"];
    expect([at(0), at(1_000_000), at(1_001_000), at(-1_000)]).toEqual([
      "1787000000000",
      "1787000000000",
      "1787000001001",
      "1786999999999",
    ]);
  });

  it("takes a key whose line ends were written as \\n, as environment files do", () => {
    expect(Signer.create("k", TEST_SECRETS.KALSHI_PRIVATE_KEY.replaceAll("\n", "\\n"))).toBeInstanceOf(
      Signer,
    );
  });

  it("says what is wrong with a key without quoting it", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    expect(Signer.create("k", pem)).toBe("KALSHI_PRIVATE_KEY: expected an RSA key, found ed25519");
    expect(Signer.create("k", "secret")).toBe("KALSHI_PRIVATE_KEY: expected a private key in PEM form");
    expect(Signer.create("", pem)).toMatch(/^KALSHI_API_KEY_ID/);
  });
});

describe("failures", () => {
  it.each([
    ["nested", 409, { error: { code: "order_already_exists" } }, "order_already_exists", "feed.bad_answer"],
    [
      "flat",
      400,
      { code: "bad_request", message: "bad request", details: "x" },
      "bad_request",
      "feed.bad_answer",
    ],
    ["a bare text", 429, { error: "too many requests" }, "too many requests", "feed.rate_limited"],
    ["a bare message", 400, { msg: "Parameter validation failed" }, "", "feed.bad_answer"],
    ["no body", 503, "", "", "feed.maintenance"],
    ["a page", 403, "<html><body>blocked</body></html>", "", "feed.html"],
    [
      "a refused signature",
      401,
      { error: { code: "header_timestamp_expired" } },
      "header_timestamp_expired",
      "feed.auth",
    ],
    ["a region", 403, { error: { code: "x", message: "not in your region" } }, "x", "feed.geo"],
    ["nothing there", 404, { error: { code: "not_found" } }, "not_found", "feed.not_found"],
    ["a page with status 200", 200, " <!doctype html>", "", "feed.html"],
  ])("%s is understood", (_name, status, body, code, reason) => {
    const failure = failureOf(reply(status, body));
    expect(failure).toMatchObject({ status, code, reason, sent: true });
    expect(failure!.detail).toContain(`HTTP ${status}`);
  });

  it("nothing is wrong with a good answer", () => {
    expect(failureOf(reply(201, { order_id: "x" }))).toBeNull();
    expect(stress(reply(201, {}))).toEqual({ kind: "none" });
  });

  it("no answer tells whether the venue can have acted", () => {
    expect(failureOf(none("timeout"))).toMatchObject({ reason: "feed.timeout", retry: true, sent: true });
    expect(failureOf(none("queue_full", false))).toMatchObject({ reason: "feed.queue_full", sent: false });
    expect(failureOf(none("too_large"))).toMatchObject({ retry: false });
  });

  it("only refusals for the rate slow the governor down; waits are taken to the letter", () => {
    const date = new Date(AT / 1_000 + 4_000).toUTCString();
    expect(stress(reply(429, { error: "too many requests" }))).toEqual({
      kind: "rate",
      retryAfterMicros: null,
    });
    expect(stress(reply(429, "", { "retry-after": "2" }))).toEqual({
      kind: "rate",
      retryAfterMicros: 2_000_000,
    });
    expect(stress(reply(503, "", { "retry-after": date }))).toEqual({
      kind: "maintenance",
      retryAfterMicros: 4_000_000,
    });
    expect(stress(reply(403, "<html>"))).toMatchObject({ kind: "maintenance" });
    expect(stress(reply(404, {}))).toEqual({ kind: "none" });
    expect(stress(none("timeout"))).toEqual({ kind: "timeout" });
    expect(stress(none("reset"))).toEqual({ kind: "none" });
  });
});

describe("clock skew", () => {
  const dated = (seconds: number, age?: number): HttpOutcome => {
    const headers = { date: new Date(AT / 1_000 + seconds * 1_000).toUTCString() };
    return reply(200, {}, age === undefined ? headers : { ...headers, age: String(age) });
  };

  it("is the median of the dates of answers, cached ones corrected by their age", () => {
    const skew = new ClockSkew();
    expect([skew.micros, skew.large, skew.hint]).toEqual([null, false, ""]);
    for (const outcome of [dated(40), dated(42), dated(27, 15), dated(-900), reply(200, {}), none("timeout")])
      skew.observe(outcome);
    expect(Math.abs(skew.micros! - 42_000_000)).toBeLessThanOrEqual(1_000_000);
    expect(skew.hint).toMatch(/ahead of this machine's: set this machine's clock/);
  });

  it("dates signatures by the venue's clock only after a refusal, and only when that can help", () => {
    const skew = new ClockSkew();
    skew.observe(dated(0));
    expect(skew.correct()).toBe(false);
    for (let i = 0; i < 9; i++) skew.observe(dated(-60));
    expect(skew.signingMicros(AT)).toBe(AT);
    expect([skew.correct(), skew.correct()]).toEqual([true, false]);
    expect(skew.signingMicros(AT)).toBeLessThan(AT - 58_000_000);
  });
});

describe("options, rates and secrets", () => {
  it("an empty block is a whole set of options", () => {
    expect(readOptions(undefined)).toMatchObject({ tier: "basic", environment: "prod", pageLimit: 200 });
  });

  it.each([
    [{ tier: "gold" }, /^session\.tier: /],
    [{ pageLimit: 500 }, /^session\.pageLimit: .*200/],
    [{ pagelimit: 5 }, /pagelimit/],
    [7, /^session: /],
  ])("%o is refused with its field", (options, message) => {
    expect(() => configure(options)).toThrow(message);
  });

  it("every tier has its classes, keyless requests stay at 5 a second", () => {
    const ids = new Set(RATES.map(({ id }) => id));
    for (const tier of ["basic", "advanced", "expert", "premier", "paragon", "prime", "prestige"] as const)
      expect(ids.has(readClass(tier)) && ids.has(writeClass(tier))).toBe(true);
    const [open] = RATES;
    expect(open!.perSecond * open!.safety).toBe(5);
    expect(RATES.find(({ id }) => id === "read.basic")).toMatchObject({ perSecond: 200, burst: 400 });
    expect(RATES.find(({ id }) => id === "write.basic")).toMatchObject({ perSecond: 100, burst: 100 });
  });

  it("the names of the secrets are those the session reads", () => {
    expect(SECRETS.map(({ name }) => name)).toEqual(Object.keys(TEST_SECRETS));
  });
});

describe("the clock of these tests", () => {
  it("rings in order of instants", () => {
    const clock = new FakeClock(0);
    const rung: string[] = [];
    clock.after(2, () => rung.push("b"));
    clock.after(1, () => clock.after(0, () => rung.push("a")));
    clock.pass(5);
    expect([rung, clock.now(), clock.pending]).toEqual([["a", "b"], 5, 0]);
  });
});
