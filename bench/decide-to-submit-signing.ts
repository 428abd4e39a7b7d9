import { generateKeyPairSync } from "node:crypto";
import { Worker } from "node:worker_threads";
import { Signer } from "../venues/kalshi/live/signing.ts";
import { signOrder, ZERO_BYTES32 } from "../venues/polymarket/live/signing/order.ts";
import { openReferenceWallet, openWallet } from "../venues/polymarket/live/signing/wallet.ts";
import { quantile } from "./ingest-child.ts";

/** What a signature costs the thread that judges, one at a time, each way of making it. */

export interface SigningRow {
  readonly name: string;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

const ROUNDS = 400;
const WARM_UP = 50;
const WORKER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { createPrivateKey, constants, sign } = require("node:crypto");
  const key = createPrivateKey(workerData);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  parentPort.on("message", (text) =>
    parentPort.postMessage(sign("sha256", Buffer.from(text), { key, padding, saltLength: 32 }).toString("base64")));
`;

async function timed(name: string, run: (round: number) => unknown): Promise<SigningRow> {
  const micros = new Float64Array(ROUNDS);
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const before = performance.now();
    await run(round + WARM_UP);
    if (round >= 0) micros[round] = (performance.now() - before) * 1000;
  }
  return { name, p50Micros: quantile(micros, 0.5), p99Micros: quantile(micros, 0.99) };
}

export async function signingRows(): Promise<readonly SigningRow[]> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signer = Signer.create("bench", pem);
  if (typeof signer === "string") throw new Error(signer);
  const fast = openWallet(KEY)!;
  const slow = openReferenceWallet(KEY)!;
  const worker = new Worker(WORKER, { eval: true, workerData: pem });
  const answered = (): Promise<unknown> => new Promise((resolve) => worker.once("message", resolve));
  try {
    return [
      await timed("Kalshi RSA-PSS 2048, in the thread", (n) => signer.headers("POST", PATH, n * 1e7)),
      await timed("Kalshi RSA-PSS 2048, a worker's answer", (n) => {
        const answer = answered();
        worker.postMessage(`${n}POST${PATH}`);
        return answer;
      }),
      await timed("Kalshi, prepared within the last second", (n) => {
        if (n % 100 === 0) signer.prepare("POST", PATH, n * 1e6);
        return signer.headers("POST", PATH, Math.floor(n / 100) * 1e8 + 1);
      }),
      await timed("Polymarket order, tiny-secp256k1", (n) => signOrder(termsOf(n), DOMAIN, fast)),
      await timed("Polymarket order, @noble/curves", (n) => signOrder(termsOf(n), DOMAIN, slow)),
    ];
  } finally {
    await worker.terminate();
  }
}

const PATH = "/trade-api/v2/portfolio/events/orders";
const KEY = `0x${"5a".repeat(32)}`;
const DOMAIN = { chain: 137, version: 2, negRisk: true } as const;

function termsOf(salt: number) {
  const address = `0x${"1b".repeat(20)}`;
  return {
    salt,
    maker: address,
    signer: address,
    tokenId: "71321045679252212594626385532706912750332728571942532289631379312455583992563",
    makerAmount: "4500000",
    takerAmount: "10000000",
    side: "BUY",
    signatureType: 0,
    timestamp: String(1_790_000_000_000 + salt),
    metadata: ZERO_BYTES32,
    builder: ZERO_BYTES32,
  } as const;
}
