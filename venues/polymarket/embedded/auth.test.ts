import { describe, expect, it } from "vitest";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { Auth, authDigest, l2Digest } from "./auth.ts";
import { addressOfKey, recoverAddress, typedHash } from "./eip712.ts";
import { polymarketEmbedded } from "./module.ts";
import { START, VENUE, World } from "./testing/world.ts";

const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

function open(): World {
  const clock = new StepClock(START);
  return new World(new MatchingExchange(VENUE, clock), clock, new SeededRng("auth"));
}

describe("signatures of the venue's own client", () => {
  it("L1: the published vector recovers to its key", () => {
    const address = addressOfKey(KEY)!;
    const signature =
      "0xf62319a987514da40e57e2f4d7529f7bac38f0355bd88bb5adbb3768d80de6c1682518e0af677d5260366425f4361e7b70c25ae232aff0ab2331e2b164a1aedc1b";
    expect(recoverAddress(authDigest(address, "10000000", "23", 80_002), signature)).toBe(address);
    expect(recoverAddress(authDigest(address, "10000001", "23", 80_002), signature)).not.toBe(address);
  });

  it("L2: the published vector", () => {
    const digest = l2Digest(`${"A".repeat(43)}=`, "1000000", "test-sign", "/orders", '{"hash": "0x123"}');
    expect(digest).toBe("ZwAdJKvoYRlEKDkNMwd5BuwNNtg93kNaR_oU2HrfVvc=");
  });

  it("what is none recovers to nobody", () => {
    const digest = authDigest(addressOfKey(KEY)!, "1", "0", 137);
    for (const wrong of [
      "",
      "0x",
      `0x${"00".repeat(65)}`,
      `0x${"ff".repeat(64)}1b`,
      `0x${"11".repeat(64)}05`,
    ])
      expect(recoverAddress(digest, wrong)).toBeNull();
    for (const wrong of ["", "0x12", `0x${"00".repeat(32)}`, `0x${"ff".repeat(32)}`])
      expect(addressOfKey(wrong)).toBeNull();
    const domain = { name: "x", version: "1", chainId: 1, verifyingContract: null };
    for (const value of ["", "-1", "abc", "300"])
      expect(() => typedHash(domain, "X", [{ name: "a", type: "uint8", value }])).toThrow(RangeError);
  });
});

describe("API keys", () => {
  it("are made once for a nonce, and derived again", async () => {
    const world = open();
    const derive = async () => world.call("clob", "GET", "/auth/derive-api-key", "", await world.l1());
    expect(await derive()).toMatchObject({ status: 400, json: { error: "Could not derive api key!" } });
    const made = world.call("clob", "POST", "/auth/api-key", "", await world.l1());
    expect(made.json).toEqual({
      apiKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
      secret: expect.stringMatching(/^[\w-]{43}=$/),
      passphrase: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await derive()).json).toEqual(made.json);
    const again = world.call("clob", "POST", "/auth/api-key", "", await world.l1());
    expect(again).toMatchObject({ status: 400, json: { error: "Could not create api key" } });
    expect(world.call("clob", "POST", "/auth/api-key", "", await world.l1(1)).json).not.toEqual(made.json);
  });

  it("need a fresh signature of a known wallet", async () => {
    const world = open();
    const refused = { status: 401, json: { error: "Invalid L1 Request headers" } };
    const headers = await world.l1();
    const stale = await world.l1(0, String(START / 1_000_000 - 61));
    const stranger = { ...headers, poly_address: addressOfKey(KEY)! };
    for (const wrong of [
      {},
      stale,
      stranger,
      { ...headers, poly_nonce: "1" },
      { ...headers, poly_nonce: "x" },
    ])
      expect(world.call("clob", "POST", "/auth/api-key", "", wrong)).toMatchObject(refused);
  });

  it("open the account's calls, and no longer once removed", async () => {
    const world = open();
    expect(await world.signed("GET", "/auth/ban-status/closed-only")).toMatchObject({
      json: { closed_only: false },
    });
    const { apiKey } = await world.credentials();
    expect((await world.signed("GET", "/auth/api-keys")).json).toEqual({ apiKeys: [apiKey] });
    expect((await world.signed("DELETE", "/auth/api-key")).status).toBe(200);
    expect(await world.signed("GET", "/auth/api-keys")).toMatchObject({
      status: 401,
      json: { error: "Unauthorized/Invalid api key" },
    });
  });

  it("are refused when any part of the signed request differs", async () => {
    const world = open();
    const { apiKey, secret, passphrase } = await world.credentials();
    const timestamp = String(START / 1_000_000);
    const good = {
      poly_address: world.wallet.address,
      poly_api_key: apiKey,
      poly_passphrase: passphrase,
      poly_timestamp: timestamp,
      poly_signature: l2Digest(secret, timestamp, "GET", "/data/orders", ""),
    };
    const call = (headers: Record<string, string>, path = "/data/orders") =>
      world.call("clob", "GET", path, "", headers).status;
    expect(call(good)).toBe(200);
    expect(call(good, "/data/orders?id=1")).toBe(200);
    expect(call(good, "/data/trades")).toBe(401);
    expect(call({})).toBe(401);
    for (const name of Object.keys(good)) expect(call({ ...good, [name]: "1" })).toBe(401);
  });

  it("given in the secrets are known from the start; an account without a wallet is not", () => {
    const clock = new StepClock(START);
    const given = { POLYMARKET_API_KEY: "k", POLYMARKET_API_SECRET: "c2VjcmV0", POLYMARKET_PASSPHRASE: "p" };
    const wallet = polymarketEmbedded.account("a");
    const auth = new Auth(new Map([["a", { ...wallet, ...given }]]), clock);
    expect(auth.ofCredentials("k", "c2VjcmV0", "p")?.account).toBe("a");
    expect(auth.ofCredentials("k", "c2VjcmV0", "q")).toBeNull();
    expect(auth.ofCredentials("j", "c2VjcmV0", "p")).toBeNull();
    expect(new Auth(new Map([["a", given]]), clock).ofCredentials("k", "c2VjcmV0", "p")).toBeNull();
    expect(polymarketEmbedded.account("a")).toEqual(wallet);
    expect(polymarketEmbedded.account("b")).not.toEqual(wallet);
  });
});
