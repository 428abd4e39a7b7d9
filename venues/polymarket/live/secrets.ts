import type { SecretSpec } from "../../../src/contracts/index.ts";
import type { ApiKey } from "./signing/clob-auth.ts";
import { checksumAddress, openWallet, type Wallet } from "./signing/wallet.ts";

const PRIVATE_KEY = "POLYMARKET_PRIVATE_KEY";
const API_KEY = "POLYMARKET_API_KEY";
const API_SECRET = "POLYMARKET_API_SECRET";
const API_PASSPHRASE = "POLYMARKET_API_PASSPHRASE";
const FUNDER = "POLYMARKET_FUNDER";

export const SECRETS: readonly SecretSpec[] = [
  { name: PRIVATE_KEY, about: "private key of the wallet that signs, 64 hex digits", unlocks: "orders" },
  { name: API_KEY, about: "CLOB API key; derived from the wallet when absent", unlocks: "account" },
  { name: API_SECRET, about: "its secret, base64url", unlocks: "account" },
  { name: API_PASSPHRASE, about: "its passphrase", unlocks: "account" },
  {
    name: FUNDER,
    about: "address of the proxy or Safe that holds the money, for signature types 1 and 2",
    unlocks: "orders",
  },
];

export interface Credentials {
  readonly wallet: Wallet;
  /** Holds the money: maker of every order. */
  readonly funder: string;
  readonly key: ApiKey | null;
}

/** What the secrets give; a text says what is missing or wrong with which of them, and never quotes one. */
export function readCredentials(
  secrets: Readonly<Record<string, string>>,
  signatureType: 0 | 1 | 2,
): Credentials | string {
  const of = (name: string): string => (secrets[name] ?? "").trim();
  if (of(PRIVATE_KEY) === "") return `${PRIVATE_KEY} is not set: orders cannot be signed`;
  const wallet = openWallet(of(PRIVATE_KEY));
  if (wallet === null) return `${PRIVATE_KEY} is no private key: expected 64 hex digits`;
  const funder = funderOf(of(FUNDER), signatureType, wallet);
  if (funder === null) return `${FUNDER} is no address: expected 0x and 40 hex digits`;
  if (funder === "")
    return `${FUNDER} is not set: signature type ${signatureType} trades for another address`;
  const parts = [API_KEY, API_SECRET, API_PASSPHRASE];
  const missing = parts.filter((name) => of(name) === "");
  if (missing.length > 0 && missing.length < parts.length)
    return `${missing[0]} is not set, the rest of the API key is`;
  const key = { apiKey: of(API_KEY), secret: of(API_SECRET), passphrase: of(API_PASSPHRASE) };
  return { wallet, funder, key: missing.length > 0 ? null : key };
}

/** Empty: needed and absent; null: no address. */
function funderOf(text: string, signatureType: 0 | 1 | 2, wallet: Wallet): string | null {
  if (text !== "" && !/^0x[0-9a-fA-F]{40}$/.test(text)) return null;
  if (signatureType === 0) return wallet.address;
  return text === "" ? "" : checksumAddress(text);
}
