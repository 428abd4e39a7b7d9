import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * EIP-712 hashing of the two structs Polymarket signs, word by word: every member is one 32-byte word.
 * Source: eips.ethereum.org/EIPS/eip-712.
 */

const WORD = 32;
const PREFIX = Uint8Array.of(0x19, 0x01);
const MAX_UINT256 = (1n << 256n) - 1n;

/** keccak256 of a text: type hashes and string members. */
export function textHash(text: string): Uint8Array {
  return keccak_256(utf8ToBytes(text));
}

/** @throws RangeError outside 0 to 2^256 - 1. */
export function uintWord(value: bigint): Uint8Array {
  if (value < 0n || value > MAX_UINT256) throw new RangeError(`${value} is no uint256`);
  return hexToBytes(value.toString(16).padStart(2 * WORD, "0"));
}

/** @throws RangeError for anything but 0x and 40 hex digits. */
export function addressWord(address: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw new RangeError(`${address} is no address`);
  return hexToBytes(
    address
      .slice(2)
      .toLowerCase()
      .padStart(2 * WORD, "0"),
  );
}

/** @throws RangeError for anything but 0x and 64 hex digits. */
export function bytes32Word(value: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(value)) throw new RangeError(`${value} is no bytes32`);
  return hexToBytes(value.slice(2).toLowerCase());
}

/** Hash of a struct from its type hash and the words of its members in order. */
export function structHash(typeHash: Uint8Array, words: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concatBytes(typeHash, ...words));
}

/** The digest that is signed. */
export function typedDigest(domainSeparator: Uint8Array, struct: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(PREFIX, domainSeparator, struct));
}
