import {
  FLAG_FRAME_END,
  Kind,
  type Micros,
  type RecordingReader,
  reasonNumber,
  type VenueModule,
  type WireMapper,
} from "../contracts/index.ts";

/**
 * A venue for the tests of the wiring. Its frames are JSON lists of steps: `["level", symbol, ticks]`,
 * `["resolved", market]`, `["stream", label]`.
 */
export type TestStep =
  | readonly ["level", symbol: string, ticks: number]
  | readonly ["resolved", market: string]
  | readonly ["stream", label: string];

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

export function testFrame(...steps: readonly TestStep[]): Uint8Array {
  return ENCODER.encode(JSON.stringify(steps));
}

/** Lines `instant frame`; anything else is refused. */
const lines: RecordingReader = {
  id: "test-lines",
  about: "an instant, a blank and a frame per line",
  unit: "line",
  open: (sink) => ({
    accept(bytes, start, end) {
      const [at = "", frame] = DECODER.decode(bytes.subarray(start, end)).split(" ");
      if (frame === undefined) {
        sink.reject("import.bad_line", "");
        return;
      }
      const encoded = ENCODER.encode(frame);
      sink.frame(0, Number(at), encoded, 0, encoded.length);
    },
    end: () => {},
  }),
};

export const testVenue: VenueModule = {
  id: "test",
  about: "for tests",
  scales: { priceScale: 100, sizeScale: 1, currency: "USD" },
  recordings: [lines],
  live: null,
  createEncoder: () => ({ encode: () => new Uint8Array(0) }),
  createReferenceFold: () => ({ frame: () => [], top: () => null }),
  createMapper: (env): WireMapper => ({
    frame(_connection, recvAt, bytes, start, end) {
      const steps = JSON.parse(DECODER.decode(bytes.subarray(start, end))) as readonly TestStep[];
      const last = steps.findLastIndex(([kind]) => kind === "level");
      for (const [index, step] of steps.entries()) {
        const at = recvAt as Micros;
        if (step[0] === "stream") env.openStream(step[1], true, "test", at);
        else if (step[0] === "resolved") {
          env.sink.object({ kind: "market.resolved", market: step[1], yesPayout: "1", source: "test" }, at);
        } else {
          const book = env.symbols.learn(step[1], at) >> 1;
          env.sink.put(
            Kind.LEVEL_SET,
            0,
            index === last ? FLAG_FRAME_END : 0,
            book,
            step[2],
            -1,
            1,
            recvAt,
            0,
            -1,
          );
        }
      }
    },
    connection(_connection, state, at) {
      const reason = reasonNumber("book.reconnect");
      if (state === "lost") env.sink.put(Kind.INVALID, 0, FLAG_FRAME_END, -1, reason, -1, -1, at, 0, -1);
    },
  }),
};
