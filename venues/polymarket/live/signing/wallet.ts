import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { isPrivate, pointFromScalar, signRecoverable } from "tiny-secp256k1";

/** A key that signs digests. Holds nothing else, so it can live in a thread of its own. */
export interface Wallet {
  /** With its checksum (EIP-55). */
  readonly address: string;
  /** 0x, r, s, v (27 or 28): 65 bytes. Deterministic (RFC 6979), s in the lower half. */
  sign(digest: Uint8Array): string;
}

/** Signs with libsecp256k1. @returns null when the text is no private key. */
export function openWallet(privateKey: string): Wallet | null {
  const key = keyBytes(privateKey);
  if (key === null || !isPrivate(key)) return null;
  const point = pointFromScalar(key, false);
  if (point === null) return null;
  return {
    address: addressOf(point),
    sign: (digest) => {
      const { signature, recoveryId } = signRecoverable(digest, key);
      return textOf(signature, recoveryId);
    },
  };
}

/** The same with @noble/curves, several times slower: what the fast one is held against. */
export function openReferenceWallet(privateKey: string): Wallet | null {
  const key = keyBytes(privateKey);
  if (key === null || !secp256k1.utils.isValidSecretKey(key)) return null;
  return {
    address: addressOf(secp256k1.getPublicKey(key, false)),
    sign: (digest) => {
      const signed = secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
      return textOf(signed.subarray(1), signed[0]!);
    },
  };
}

/** EIP-55: a letter is upper case where the hash of the lower-case text has a digit above 7. */
export function checksumAddress(address: string): string {
  const lower = address.toLowerCase().replace(/^0x/, "");
  const hash = bytesToHex(keccak_256(utf8ToBytes(lower)));
  return `0x${[...lower].map((digit, at) => (hash[at]! > "7" ? digit.toUpperCase() : digit)).join("")}`;
}

function keyBytes(text: string): Uint8Array | null {
  const match = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text.trim());
  return match === null ? null : hexToBytes(match[1]!.toLowerCase());
}

/** Last 20 bytes of the hash of the uncompressed public key without its marker. */
function addressOf(point: Uint8Array): string {
  return checksumAddress(bytesToHex(keccak_256(point.subarray(1)).subarray(-20)));
}

function textOf(signature: Uint8Array, recovery: number): string {
  return `0x${bytesToHex(signature)}${(27 + recovery).toString(16)}`;
}
