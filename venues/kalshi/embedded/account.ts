import { createHash, generateKeyPairSync } from "node:crypto";
import { uuidOf } from "./values.ts";

const KEY_BITS = 2_048;

/** Secrets of a new account: the id of its API key, the same for the same seed, and a fresh RSA key. */
export function newAccount(seed: string): Readonly<Record<string, string>> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: KEY_BITS });
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  return {
    KALSHI_API_KEY_ID: uuidOf(sha256, `kalshi account ${seed}`),
    KALSHI_PRIVATE_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
