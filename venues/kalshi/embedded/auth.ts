import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { ServedAnswer, ServedRequest } from "../../../src/contracts/index.ts";
import { nestedError } from "./answers.ts";

/** Oldest and newest time stamp taken; recordings took 10 s of age and 30 s ahead, and refused 30 s of age. */
const MAX_AGE_MILLIS = 15_000;
const MAX_AHEAD_MILLIS = 30_000;
const SALT_BYTES = 32;

const KEY = "kalshi-access-key";
const STAMP = "kalshi-access-timestamp";
const SIGNATURE = "kalshi-access-signature";

export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "account"; readonly account: string }
  | { readonly kind: "refused"; readonly answer: ServedAnswer };

/**
 * Tells who asks. A signature is base64 of RSA-PSS (SHA-256, MGF1 with SHA-256, salt of 32 bytes) over
 * milliseconds + method + path, the path with its `/trade-api/...` prefix and without its query.
 */
export class KeyRing {
  readonly #keys = new Map<string, { readonly account: string; readonly key: KeyObject }>();

  /** @param accounts secrets by account; one without a usable RSA key can never be signed for. */
  constructor(accounts: ReadonlyMap<string, Readonly<Record<string, string>>>) {
    for (const [account, secrets] of accounts) {
      const id = secrets["KALSHI_API_KEY_ID"];
      const key = publicKeyOf(secrets["KALSHI_PRIVATE_KEY"]);
      if (id !== undefined && key !== null) this.#keys.set(id, { account, key });
    }
  }

  /** @param nowMillis the venue's clock. */
  caller({ method, path, headers }: ServedRequest, nowMillis: number): Caller {
    const [id, stamp, signature] = [headers[KEY], headers[STAMP], headers[SIGNATURE]];
    if (id === undefined && stamp === undefined && signature === undefined) return { kind: "anonymous" };
    if (id === undefined) return missing("key");
    if (stamp === undefined) return missing("timestamp");
    if (signature === undefined) return missing("signature");
    const age = /^\d{1,15}$/.test(stamp) ? nowMillis - Number(stamp) : Number.POSITIVE_INFINITY;
    if (age > MAX_AGE_MILLIS || age < -MAX_AHEAD_MILLIS)
      return refused({ code: "header_timestamp_expired", message: "header timestamp expired" });
    const known = this.#keys.get(id);
    if (known === undefined) return unauthentic("NOT_FOUND");
    const signed = Buffer.from(`${stamp}${method}${path.split("?", 1)[0]!}`);
    const key = { key: known.key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT_BYTES };
    if (!verify("sha256", signed, key, Buffer.from(signature, "base64")))
      return unauthentic("INCORRECT_API_KEY_SIGNATURE");
    return { kind: "account", account: known.account };
  }
}

/** What a private path says to a caller without a key. */
export const UNSIGNED: ServedAnswer = missing("signature").answer;

function publicKeyOf(pem: string | undefined): KeyObject | null {
  if (pem === undefined) return null;
  try {
    const key = createPublicKey(pem.replaceAll("\\n", "\n"));
    return key.asymmetricKeyType === "rsa" ? key : null;
  } catch {
    return null;
  }
}

type Refused = Extract<Caller, { kind: "refused" }>;

function refused(error: { code: string; message: string; details?: string }): Refused {
  return { kind: "refused", answer: nestedError(401, error) };
}

function missing(what: "key" | "timestamp" | "signature"): Refused {
  return refused({ code: `${what}_is_missing_from_headers`, message: `${what} is missing from headers` });
}

function unauthentic(details: string): Refused {
  return refused({ code: "authentication_error", message: "authentication_error", details });
}
