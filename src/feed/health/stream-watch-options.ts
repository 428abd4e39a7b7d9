import type { AlarmRule } from "./alarm.ts";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

export interface StreamWatchOptions {
  /** Bound on the streams watched. */
  readonly maxStreams: number;
  /** No byte for this long, keep-alives included, and the stream has no heartbeat. */
  readonly heartbeatMicros: number;
  /** A silence is only frozen beyond this, however busy the stream was. */
  readonly frozenFloorMicros: number;
  /** Beyond this a silence that the stream's own rate excludes is frozen, even when all streams are silent. */
  readonly frozenCapMicros: number;
  /** -ln of the chance below which a silence is not believed; 13.8 = one in a million. */
  readonly evidence: number;
  /** Time constant of the learned rate, and how long it is learned before it is used. */
  readonly memoryMicros: number;
  readonly learnMicros: number;
  /** A frozen stream that is not connected anew is named again after this long. */
  readonly repeatMicros: number;
  /** How long a stream must bring messages again before it counts as recovered. */
  readonly proveMicros: number;
  /** Streams lost, and gaps, of a venue within `rateSpanMicros`. */
  readonly rateSpanMicros: number;
  readonly reconnects: AlarmRule;
  readonly gaps: AlarmRule;
}

export const DEFAULT_STREAM_WATCH: StreamWatchOptions = {
  maxStreams: 1_024,
  heartbeatMicros: 30 * SECOND,
  frozenFloorMicros: 5 * SECOND,
  frozenCapMicros: 2 * MINUTE,
  evidence: 13.8,
  memoryMicros: 30 * MINUTE,
  learnMicros: MINUTE,
  repeatMicros: 30 * SECOND,
  proveMicros: 5 * SECOND,
  rateSpanMicros: 10 * MINUTE,
  reconnects: { fireAt: 6, clearAt: 2, fireAfterMicros: 0, clearAfterMicros: MINUTE, dwellMicros: MINUTE },
  gaps: { fireAt: 20, clearAt: 5, fireAfterMicros: 0, clearAfterMicros: MINUTE, dwellMicros: MINUTE },
};
