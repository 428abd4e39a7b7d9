import { constants, createPrivateKey, type KeyObject, sign } from "node:crypto";

/** A signature may be used again this long: the venue judges its age, not whether it saw it before. */
const REUSE_MICROS = 1_000_000;
/** Method and path pairs whose last signature is kept. */
const MAX_KEPT = 8;

type Headers = Readonly<Record<string, string>>;

/**
 * Signs requests: base64 of RSA-PSS (SHA-256, MGF1 with SHA-256, salt of 32 bytes) over milliseconds + method + path,
 * the path with its `/trade-api/…` prefix and without its query. Body and query are not signed, so a signature made
 * ahead serves every order. Source: the venue's own TypeScript client, `auth.ts`.
 */
export class Signer {
  readonly #keyId: string;
  readonly #key: KeyObject;
  readonly #kept = new Map<string, { readonly at: number; readonly headers: Headers }>();

  private constructor(keyId: string, key: KeyObject) {
    this.#keyId = keyId;
    this.#key = key;
  }

  /** @returns a line for people when the key cannot be used; it never quotes the key. */
  static create(keyId: string, pem: string): Signer | string {
    if (!/^[\x21-\x7e]{1,200}$/.test(keyId)) return "KALSHI_API_KEY_ID: expected the id of an API key";
    let key: KeyObject;
    try {
      key = createPrivateKey(pem.replaceAll("\\n", "\n"));
    } catch {
      return "KALSHI_PRIVATE_KEY: expected a private key in PEM form";
    }
    if (key.asymmetricKeyType !== "rsa")
      return `KALSHI_PRIVATE_KEY: expected an RSA key, found ${key.asymmetricKeyType ?? "another kind"}`;
    return new Signer(keyId, key);
  }

  /** Headers for a request that leaves at `atMicros`. @param target URL or path; its query is left out. */
  headers(method: string, target: string, atMicros: number): Headers {
    const path = pathOf(target);
    const kept = this.#kept.get(`${method} ${path}`);
    if (kept !== undefined && atMicros >= kept.at && atMicros - kept.at <= REUSE_MICROS) return kept.headers;
    return this.#sign(method, path, atMicros);
  }

  /** Signs ahead, so that a request that leaves within a second need not wait for it. */
  prepare(method: string, target: string, atMicros: number): void {
    const path = pathOf(target);
    const name = `${method} ${path}`;
    const kept = this.#kept.get(name);
    if (kept !== undefined && atMicros >= kept.at && atMicros - kept.at <= REUSE_MICROS / 2) return;
    if (this.#kept.size >= MAX_KEPT && kept === undefined) this.#kept.clear();
    this.#kept.set(name, { at: atMicros, headers: this.#sign(method, path, atMicros) });
  }

  #sign(method: string, path: string, atMicros: number): Headers {
    const millis = String(Math.floor(atMicros / 1_000));
    const signature = sign("sha256", Buffer.from(`${millis}${method}${path}`), {
      key: this.#key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    });
    return {
      "kalshi-access-key": this.#keyId,
      "kalshi-access-timestamp": millis,
      "kalshi-access-signature": signature.toString("base64"),
    };
  }
}

function pathOf(target: string): string {
  return target.replace(/^[a-z]+:\/\/[^/]+/, "").split("?", 1)[0]!;
}
