import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** EIP-712 as the venue's servers check it. Written apart from any client's signing, so that neither can hide the other's fault. */

const WORD = 32;

export interface Domain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  /** 0x and 40 hex digits; absent in the domain of the API keys. */
  readonly verifyingContract: string | null;
}

/** One member of a struct: its Solidity type and value (decimal or 0x text; plain text for `string`). */
export interface Field {
  readonly name: string;
  readonly type: "uint256" | "uint8" | "address" | "bytes32" | "string";
  readonly value: string;
}

/** keccak256(0x1901 ++ domain separator ++ struct hash). @throws RangeError for a value outside its type. */
export function typedHash(domain: Domain, name: string, fields: readonly Field[]): Uint8Array {
  return keccak_256(
    concatBytes(
      Uint8Array.of(0x19, 0x01),
      structHash("EIP712Domain", domainFields(domain)),
      structHash(name, fields),
    ),
  );
}

function domainFields(domain: Domain): readonly Field[] {
  const { name, version, chainId, verifyingContract } = domain;
  const fields: Field[] = [
    { name: "name", type: "string", value: name },
    { name: "version", type: "string", value: version },
    { name: "chainId", type: "uint256", value: String(chainId) },
  ];
  if (verifyingContract !== null)
    fields.push({ name: "verifyingContract", type: "address", value: verifyingContract });
  return fields;
}

function structHash(name: string, fields: readonly Field[]): Uint8Array {
  const type = `${name}(${fields.map((field) => `${field.type} ${field.name}`).join(",")})`;
  return keccak_256(concatBytes(keccak_256(utf8ToBytes(type)), ...fields.map(wordOf)));
}

function wordOf({ name, type, value }: Field): Uint8Array {
  if (type === "string") return keccak_256(utf8ToBytes(value));
  const bits = type === "address" ? 160n : type === "uint8" ? 8n : 256n;
  const number = integerOf(value);
  if (number === null || number >> bits !== 0n) throw new RangeError(`${name} is no ${type}: ${value}`);
  return hexToBytes(number.toString(16).padStart(2 * WORD, "0"));
}

function integerOf(text: string): bigint | null {
  return /^(\d{1,78}|0x[0-9a-f]{1,64})$/i.test(text) ? BigInt(text) : null;
}

/** The address that made a 65-byte signature over a digest, lower case; null when it is no signature. */
export function recoverAddress(digest: Uint8Array, signature: string): string | null {
  const match = /^0x([0-9a-f]{128})([0-9a-f]{2})$/i.exec(signature);
  if (match === null) return null;
  const v = Number.parseInt(match[2]!, 16);
  const recovery = v >= 27 ? v - 27 : v;
  if (recovery !== 0 && recovery !== 1) return null;
  try {
    const point = secp256k1.Signature.fromBytes(hexToBytes(match[1]!.toLowerCase()), "compact")
      .addRecoveryBit(recovery)
      .recoverPublicKey(digest);
    return addressOf(point.toBytes(false));
  } catch {
    return null;
  }
}

/** Address of a 32-byte private key, lower case; null when it is no key. */
export function addressOfKey(privateKey: string): string | null {
  const match = /^(?:0x)?([0-9a-f]{64})$/i.exec(privateKey);
  if (match === null) return null;
  try {
    return addressOf(secp256k1.getPublicKey(hexToBytes(match[1]!.toLowerCase()), false));
  } catch {
    return null;
  }
}

/** A digest as 0x hex. */
export function hexOf(digest: Uint8Array): string {
  return `0x${bytesToHex(digest)}`;
}

/** Last 20 bytes of the hash of the uncompressed key without its marker. */
function addressOf(publicKey: Uint8Array): string {
  return `0x${bytesToHex(keccak_256(publicKey.subarray(1)).subarray(-20))}`;
}
