import { type Token, token } from "./byte-cursor.ts";
import { KnownText } from "./known-text.ts";
import { Field, type ScanState } from "./scan-state.ts";
import { StretchMemo } from "./stretch-memo.ts";

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;

const MSG = token(',"msg":{');

/** Fields of one message; more go to the oracle. */
const MAX_FIELDS = 32;

/** Every so many messages that are not laid out as expected, the layout of the last one is learned instead. */
const LEARN_EVERY = 16;

const DECODER = new TextDecoder();

/** The fields of one message in its order. */
interface Layout {
  /** Each key with the separators around it. */
  readonly keys: readonly Token[];
  readonly fields: readonly number[];
  /** Bit set of the fields. */
  readonly seen: number;
  /** The fields from here on, and before there, name the market; -1 when there are none or nothing follows. */
  readonly namesFrom: number;
  readonly namesTo: number;
}

const NO_LAYOUT: Layout = { keys: [], fields: [], seen: 0, namesFrom: -1, namesTo: -1 };

/**
 * Reads `,"msg":{…}}` of one kind of message. Senders keep their order, so the order seen last is expected first: its
 * keys are compared as whole stretches, in half the time it takes to find out which key comes next.
 */
export class MessageReader {
  readonly #keys: readonly Token[];
  readonly #fields: readonly Field[];
  readonly #foreign: string;
  readonly #needed: number;
  readonly #noText = new KnownText();
  readonly #texts: KnownText[] = [];
  readonly #names = new StretchMemo();
  #layout: Layout = NO_LAYOUT;
  #missed = LEARN_EVERY - 1;
  /** The message at hand, read in any order. */
  readonly #order = new Uint8Array(MAX_FIELDS);
  readonly #keyStart = new Int32Array(MAX_FIELDS);
  readonly #keyEnd = new Int32Array(MAX_FIELDS);
  #count = 0;

  /**
   * @param keys what the keys are; others are checked and skipped.
   * @param needed fields without which the message is left to the oracle.
   * @param foreign first letters of keys that are left to the oracle when they are not among `keys`.
   */
  constructor(keys: ReadonlyMap<string, Field>, needed: readonly Field[], foreign = "") {
    this.#keys = [...keys.keys()].map((name) => token(`${name}":`));
    this.#fields = [...keys.values()];
    this.#needed = needed.reduce<number>((bits, field) => bits | (1 << field), 0);
    this.#foreign = foreign;
  }

  /** Bit set of the fields of the message, -1 to give it to the oracle. */
  read(state: ScanState): number {
    const { cursor } = state;
    const { at } = cursor;
    if (this.#asExpected(state)) return this.#layout.seen;
    cursor.at = at;
    if (!cursor.token(MSG)) return -1;
    const seen = this.#inAnyOrder(state);
    if (seen === -1 || (seen & this.#needed) !== this.#needed) return -1;
    if (++this.#missed >= LEARN_EVERY) this.#learn(cursor.bytes, seen);
    return seen;
  }

  #asExpected(state: ScanState): boolean {
    const { cursor, ticker } = state;
    const { keys, fields, namesFrom, namesTo } = this.#layout;
    const texts = this.#texts;
    const count = fields.length;
    for (let i = 0; i < count; i++) {
      if (i === namesFrom) {
        if (!this.#names.match(cursor, ticker) && !this.#readNames(state)) return false;
        i = namesTo;
      } else if (!cursor.token(keys[i]!)) return false;
      if (!state.value(fields[i]!, texts[i]!)) return false;
    }
    return count > 0 && cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE);
  }

  /** The fields that name the market, up to and with the key behind them. */
  #readNames(state: ScanState): boolean {
    const { cursor, ticker } = state;
    const { keys, fields, namesFrom, namesTo } = this.#layout;
    const start = cursor.at;
    for (let i = namesFrom; i < namesTo; i++)
      if (!cursor.token(keys[i]!) || !state.value(fields[i]!, this.#texts[i]!)) return false;
    if (!cursor.token(keys[namesTo]!)) return false;
    this.#names.keep(cursor, start, ticker);
    return true;
  }

  #inAnyOrder(state: ScanState): number {
    const { cursor } = state;
    let seen = 0;
    this.#count = 0;
    do {
      if (this.#count === MAX_FIELDS || !cursor.byte(QUOTE)) return -1;
      const field = this.#key(state);
      if (field === -1 || !state.value(field, this.#noText)) return -1;
      const bit = field === Field.UNKNOWN ? 0 : 1 << field;
      if ((seen & bit) !== 0) return -1;
      seen |= bit;
    } while (cursor.byte(COMMA));
    return cursor.byte(CLOSE_BRACE) && cursor.byte(CLOSE_BRACE) ? seen : -1;
  }

  /** Which field the key names, UNKNOWN for another plain key, -1 to give up; moves behind the colon. */
  #key(state: ScanState): number {
    const { cursor } = state;
    const start = cursor.at;
    const keys = this.#keys;
    let known = 0;
    while (known < keys.length && !cursor.token(keys[known]!)) known++;
    if (known < keys.length) {
      this.#remember(start, cursor.at - 2, this.#fields[known]!);
      return this.#fields[known]!;
    }
    cursor.at--;
    if (!cursor.skipString()) return -1;
    const end = cursor.at - 1;
    if (!cursor.byte(COLON) || this.#isForeign(cursor.bytes[start]!)) return -1;
    for (let i = 0; i < this.#count; i++)
      if (sameBytes(cursor.bytes, this.#keyStart[i]!, this.#keyEnd[i]!, start, end)) return -1;
    this.#remember(start, end, Field.UNKNOWN);
    return Field.UNKNOWN;
  }

  #isForeign(first: number): boolean {
    return this.#foreign.includes(String.fromCharCode(first));
  }

  #remember(start: number, end: number, field: Field): void {
    this.#order[this.#count] = field;
    this.#keyStart[this.#count] = start;
    this.#keyEnd[this.#count] = end;
    this.#count++;
  }

  /** Takes the order of the message just read as the expected one. */
  #learn(bytes: Uint8Array, seen: number): void {
    const keys: Token[] = [];
    for (let i = 0; i < this.#count; i++) {
      const name = DECODER.decode(bytes.subarray(this.#keyStart[i], this.#keyEnd[i]));
      keys.push(token(i === 0 ? `,"msg":{"${name}":` : `,"${name}":`));
      if (i === this.#texts.length) this.#texts.push(new KnownText());
    }
    const fields = [...this.#order.subarray(0, this.#count)];
    const namesFrom = fields.findIndex(namesMarket);
    const behind = fields.findIndex((field, i) => i > namesFrom && !namesMarket(field));
    this.#layout = { keys, fields, seen, namesFrom: behind === -1 ? -1 : namesFrom, namesTo: behind };
    this.#names.clear();
    this.#missed = 0;
  }
}

function namesMarket(field: number): boolean {
  return field === Field.TICKER || field === Field.MARKET_ID;
}

function sameBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false;
  for (let i = 0; a + i < aEnd; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
