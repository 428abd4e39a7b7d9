import { LinkedQueues } from "./linked-queues.ts";

/** Steps per doubling: books of one class differ by at most 19 % in gain and in decay. */
const STEPS = 4;
const GAIN_CLASSES = 256;
const DECAY_CLASSES = 96;
/** Exponents of two at the middle of the class ranges: gains of 1e-12 to 1e8, lives of 0.2 s to a day. */
const GAIN_SHIFT = 160;
const DECAY_SHIFT = 72;

/**
 * Books by gain and decay, each class a queue in order of the last look. The index grows with age, so the oldest book of
 * a class is the best of it (to the width of the class), and the best of all is among the heads: a poll costs in the
 * number of classes in use, not of books, and no key ages.
 */
export class IndexClasses extends LinkedQueues {
  constructor() {
    super(GAIN_CLASSES * DECAY_CLASSES);
  }

  /** The class of a gain and a decay, each above or equal 0. */
  static of(gain: number, decay: number): number {
    return step(gain, GAIN_SHIFT, GAIN_CLASSES) * DECAY_CLASSES + step(decay, DECAY_SHIFT, DECAY_CLASSES);
  }

  /** Gain at the middle of a class. */
  static gain(index: number): number {
    return 2 ** ((Math.floor(index / DECAY_CLASSES) + 0.5 - GAIN_SHIFT) / STEPS);
  }

  /** Decay at the middle of a class. */
  static decay(index: number): number {
    return 2 ** (((index % DECAY_CLASSES) + 0.5 - DECAY_SHIFT) / STEPS);
  }
}

function step(value: number, shift: number, count: number): number {
  if (!(value > 0)) return 0;
  return Math.min(Math.max(Math.floor(Math.log2(value) * STEPS) + shift, 0), count - 1);
}
