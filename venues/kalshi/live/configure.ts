import type { SecretSpec, SessionEnv, VenueSession } from "../../../src/contracts/index.ts";
import { readOptions } from "./options.ts";
import { KalshiSession } from "./session.ts";
import { Signer } from "./signing.ts";

/** Public base URLs; the demo system has other accounts, markets and keys. */
export const HOSTS: Readonly<Record<string, string>> = {
  rest: "https://external-api.kalshi.com/trade-api/v2",
  ws: "wss://external-api-ws.kalshi.com/trade-api/ws/v2",
  restDemo: "https://external-api.demo.kalshi.co/trade-api/v2",
  wsDemo: "wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2",
};

const KEY_ID = "KALSHI_API_KEY_ID";
const PRIVATE_KEY = "KALSHI_PRIVATE_KEY";

export const SECRETS: readonly SecretSpec[] = [
  { name: KEY_ID, about: "id of a Kalshi API key (free with an account)", unlocks: "stream" },
  { name: PRIVATE_KEY, about: "its RSA private key, PEM", unlocks: "stream" },
];

/**
 * Reads the `session` block of a profile.
 * @throws Error whose message names the field, what was expected and what was found.
 */
export function configure(options: unknown): (env: SessionEnv, orders: "off" | "on") => VenueSession {
  const read = readOptions(options);
  return (env, orders) => new KalshiSession(env, read, signerOf(env.secrets), orders);
}

function signerOf(secrets: Readonly<Record<string, string>>): Signer | string | null {
  const keyId = secrets[KEY_ID] ?? "";
  const pem = secrets[PRIVATE_KEY] ?? "";
  if (keyId === "" && pem === "") return null;
  if (keyId === "") return `${PRIVATE_KEY} is set, ${KEY_ID} is not`;
  if (pem === "") return `${KEY_ID} is set, ${PRIVATE_KEY} is not`;
  return Signer.create(keyId, pem);
}
