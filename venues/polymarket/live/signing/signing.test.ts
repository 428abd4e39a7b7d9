import { Wallet as EthersWallet, TypedDataEncoder, verifyTypedData } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TEST_ADDRESS, TEST_KEY } from "../testing/vectors.ts";
import { orderAmounts } from "./amounts.ts";
import { hmacSignature, keyHeaders, walletHeaders } from "./clob-auth.ts";
import { type Chain, exchangeOf } from "./contracts.ts";
import { addressWord, bytes32Word, uintWord } from "./eip712.ts";
import { type OrderDomain, type OrderTerms, orderDigest, signOrder, ZERO_BYTES32 } from "./order.ts";
import { checksumAddress, openReferenceWallet, openWallet } from "./wallet.ts";

const wallet = openWallet(TEST_KEY)!;
const ethersWallet = new EthersWallet(TEST_KEY);

const ORDER_TYPES = {
  Order: [
    ["salt", "uint256"],
    ["maker", "address"],
    ["signer", "address"],
    ["tokenId", "uint256"],
    ["makerAmount", "uint256"],
    ["takerAmount", "uint256"],
    ["side", "uint8"],
    ["signatureType", "uint8"],
    ["timestamp", "uint256"],
    ["metadata", "bytes32"],
    ["builder", "bytes32"],
  ].map(([name, type]) => ({ name: name!, type: type! })),
};

function ethersDomain({ chain, version, negRisk }: OrderDomain) {
  return {
    name: "Polymarket CTF Exchange",
    version: String(version),
    chainId: chain,
    verifyingContract: exchangeOf(chain, version, negRisk),
  };
}

const ethersOrder = (terms: OrderTerms) => ({ ...terms, side: terms.side === "BUY" ? 0 : 1 });

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => `0x${Buffer.from(value).toString("hex")}`);
const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const anyTerms: fc.Arbitrary<OrderTerms> = fc.record({
  salt: fc.maxSafeNat(),
  maker: hex(20),
  signer: hex(20),
  tokenId: uint(256).map(String),
  makerAmount: uint(80).map(String),
  takerAmount: uint(80).map(String),
  side: fc.constantFrom("BUY", "SELL"),
  signatureType: fc.constantFrom(0, 1, 2),
  timestamp: uint(44).map(String),
  metadata: hex(32),
  builder: hex(32),
});
const anyDomain: fc.Arbitrary<OrderDomain> = fc.record({
  chain: fc.constantFrom<Chain>(137, 80_002),
  version: fc.constantFrom(2, 3),
  negRisk: fc.boolean(),
});

describe("wallets", () => {
  it("sign alike, and as ethers does: the same address, the same bytes", () => {
    expect(wallet.address).toBe(TEST_ADDRESS);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), hex(32), (digest, key) => {
        const fast = openWallet(key);
        const reference = openReferenceWallet(key);
        expect(fast?.address).toBe(reference?.address);
        if (fast === null) return;
        expect(fast.sign(digest)).toBe(reference!.sign(digest));
        const ethers = new EthersWallet(key);
        expect(fast.address).toBe(ethers.address);
        expect(fast.sign(digest)).toBe(ethers.signingKey.sign(digest).serialized);
      }),
      { numRuns: 40 },
    );
  });

  it("refuse what is no private key", () => {
    const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    for (const text of ["", "0x12", "0".repeat(64), order, "z".repeat(64)]) {
      expect(openWallet(text)).toBeNull();
      expect(openReferenceWallet(text)).toBeNull();
    }
    expect(openWallet(` ${TEST_KEY.slice(2)}\n`)?.address).toBe(TEST_ADDRESS);
    expect(checksumAddress(TEST_ADDRESS.toLowerCase())).toBe(TEST_ADDRESS);
  });
});

describe("orders", () => {
  it("hash as ethers hashes them, for every version, contract and chain", () => {
    fc.assert(
      fc.property(anyTerms, anyDomain, (terms, domain) => {
        const digest = `0x${Buffer.from(orderDigest(terms, domain)).toString("hex")}`;
        expect(digest).toBe(TypedDataEncoder.hash(ethersDomain(domain), ORDER_TYPES, ethersOrder(terms)));
      }),
    );
  });

  it("are signed as ethers signs them, and their digest is their id", async () => {
    const terms: OrderTerms = {
      salt: 479_249_096_354,
      maker: TEST_ADDRESS,
      signer: TEST_ADDRESS,
      tokenId: "1234",
      makerAmount: "100000000",
      takerAmount: "50000000",
      side: "BUY",
      signatureType: 0,
      timestamp: "1780449126930",
      metadata: ZERO_BYTES32,
      builder: ZERO_BYTES32,
    };
    for (const version of [2, 3] as const) {
      const domain = { chain: 80_002, version, negRisk: false } as const;
      const signed = signOrder(terms, domain, wallet);
      const types = ethersDomain(domain);
      expect(signed.signature).toBe(await ethersWallet.signTypedData(types, ORDER_TYPES, ethersOrder(terms)));
      expect(signed.id).toBe(TypedDataEncoder.hash(types, ORDER_TYPES, ethersOrder(terms)));
      expect(verifyTypedData(types, ORDER_TYPES, ethersOrder(terms), signed.signature)).toBe(TEST_ADDRESS);
      expect(signOrder(terms, domain, openReferenceWallet(TEST_KEY)!)).toEqual(signed);
    }
  });

  it("go to the contract of their version and kind", () => {
    expect(exchangeOf(137, 2, false)).toBe("0xE111180000d2663C0091e4f400237545B87B996B");
    expect(exchangeOf(137, 2, true)).toBe("0xe2222d279d744050d28e00520010520000310F59");
    expect(exchangeOf(137, 3, true)).toBe(exchangeOf(137, 3, false));
  });

  it("refuse values outside their types", () => {
    expect(() => uintWord(-1n)).toThrow(RangeError);
    expect(() => uintWord(1n << 256n)).toThrow(RangeError);
    expect(() => addressWord("0x12")).toThrow(RangeError);
    expect(() => bytes32Word("0x12")).toThrow(RangeError);
    const domain = { chain: 137, version: 2, negRisk: false } as const;
    const [terms] = fc.sample(anyTerms, { seed: 1, numRuns: 1 });
    expect(() => orderDigest({ ...terms!, tokenId: "0x1" }, domain)).toThrow(RangeError);
  });
});

describe("account calls", () => {
  it("carry the wallet's attestation: the venue's own vector", () => {
    expect(walletHeaders(wallet, 80_002, 10_000_000, 23)).toEqual({
      poly_address: TEST_ADDRESS,
      poly_signature:
        "0xf62319a987514da40e57e2f4d7529f7bac38f0355bd88bb5adbb3768d80de6c1682518e0af677d5260366425f4361e7b70c25ae232aff0ab2331e2b164a1aedc1b",
      poly_timestamp: "10000000",
      poly_nonce: "23",
    });
  });

  it("are signed with the key: the venue's own vector", () => {
    const secret = `${"A".repeat(43)}=`;
    const expected = "ZwAdJKvoYRlEKDkNMwd5BuwNNtg93kNaR_oU2HrfVvc=";
    expect(hmacSignature(secret, 1_000_000, "test-sign", "/orders", '{"hash": "0x123"}')).toBe(expected);
    const key = { apiKey: "k", secret, passphrase: "p" };
    expect(keyHeaders(key, "0x1", 1_000_000, "test-sign", "/orders", '{"hash": "0x123"}')).toEqual({
      poly_address: "0x1",
      poly_signature: expected,
      poly_timestamp: "1000000",
      poly_api_key: "k",
      poly_passphrase: "p",
    });
  });

  it("take secrets in both alphabets of base64", () => {
    const plain = Buffer.from([251, 255, 190, 3]).toString("base64");
    const url = plain.replaceAll("+", "-").replaceAll("/", "_");
    expect(plain).not.toBe(url);
    expect(hmacSignature(plain, 1, "GET", "/x", "")).toBe(hmacSignature(url, 1, "GET", "/x", ""));
  });
});

describe("amounts", () => {
  it("are those of the venue's client where nothing has to be rounded", () => {
    expect(orderAmounts("BUY", 5_000, 100_000_000, "fak")).toEqual({
      makerAmount: 50_000_000n,
      takerAmount: 100_000_000n,
    });
    expect(orderAmounts("BUY", 9_800, 5_120_000, "gtc")).toEqual({
      makerAmount: 5_017_600n,
      takerAmount: 5_120_000n,
    });
    expect(orderAmounts("SELL", 5_600, 21_040_000, "gtc")).toEqual({
      makerAmount: 21_040_000n,
      takerAmount: 11_782_400n,
    });
  });

  it("round a buy so that the stated price never falls below the limit, nor the money above it", () => {
    const ticks = fc.integer({ min: 1, max: 9_999 });
    const lots = fc.integer({ min: 5_000_000, max: 10_000_000_000 });
    fc.assert(
      fc.property(ticks, lots, (price, size) => {
        const { makerAmount, takerAmount } = orderAmounts("BUY", price, size, "fak");
        expect([makerAmount % 10_000n, takerAmount % 100n]).toEqual([0n, 0n]);
        expect(makerAmount * 10_000n >= takerAmount * BigInt(price)).toBe(true);
        expect(makerAmount * 10_000n <= BigInt(size) * BigInt(price)).toBe(true);
        expect(takerAmount <= BigInt(size)).toBe(true);
      }),
    );
  });

  it("spend a cent more where rounding would go below the least size", () => {
    expect(orderAmounts("BUY", 3_330, 5_000_000, "fak").takerAmount).toBe(4_984_900n);
    const least = orderAmounts("BUY", 3_330, 5_000_000, "fak", 5_000_000);
    expect(least).toEqual({ makerAmount: 1_670_000n, takerAmount: 5_015_000n });
  });

  it("round a sale so that it never asks for more than the limit", () => {
    const ticks = fc.integer({ min: 1, max: 9_999 });
    fc.assert(
      fc.property(ticks, fc.integer({ min: 0, max: 10_000_000_000 }), (price, size) => {
        for (const type of ["fak", "gtc"] as const) {
          const { makerAmount, takerAmount } = orderAmounts("SELL", price, size, type);
          expect(makerAmount % 10_000n).toBe(0n);
          expect(takerAmount * 10_000n <= makerAmount * BigInt(price)).toBe(true);
          if (type === "fak") expect(takerAmount % 100n).toBe(0n);
        }
      }),
    );
  });
});
