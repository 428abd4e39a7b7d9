import { z } from "zod";
import type {
  Micros,
  RecordingReader,
  RecordingSession,
  RecordingSink,
} from "../../../src/contracts/index.ts";

const CONNECTION = 0;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true });

const documentSchema = z.object({
  frames: z.array(
    z.object({
      received_ms: z.int().min(0).max(9_000_000_000_000),
      frame: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** A whole websocket session in one document: `{"frames":[{"received_ms":…,"frame":{…}}]}`. */
export const kalshiWsDocument: RecordingReader = {
  id: "kalshi-ws-document",
  about: "one JSON document with a whole websocket session: frames[] of received_ms and frame",
  unit: "document",
  open: (sink) => new DocumentSession(sink),
};

class DocumentSession implements RecordingSession {
  readonly #sink: RecordingSink;

  constructor(sink: RecordingSink) {
    this.#sink = sink;
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    let value: unknown;
    try {
      value = JSON.parse(DECODER.decode(bytes.subarray(start, end)));
    } catch {
      this.#sink.reject("import.foreign", "not a JSON document");
      return;
    }
    const parsed = documentSchema.safeParse(value);
    if (!parsed.success) {
      this.#sink.reject("import.foreign", "expected frames[] of received_ms and frame");
      return;
    }
    const { frames } = parsed.data;
    const first = frames[0]?.received_ms ?? 0;
    this.#sink.connection(CONNECTION, "opened", (first * 1000) as Micros);
    for (const { received_ms, frame } of frames) {
      const text = ENCODER.encode(JSON.stringify(inWireOrder(frame)));
      this.#sink.frame(CONNECTION, received_ms * 1000, text, 0, text.length);
    }
    const last = frames.at(-1)?.received_ms ?? 0;
    this.#sink.connection(CONNECTION, "lost", (last * 1000) as Micros);
  }

  end(): void {
    // A document is one piece: nothing is left over.
  }
}

/** The recorder's pretty printer may have moved the envelope's keys; numbers and text are kept as they are. */
function inWireOrder(frame: Record<string, unknown>): Record<string, unknown> {
  const { type, sid, seq, msg, ...rest } = frame;
  const present = (key: string, value: unknown) => (value === undefined ? {} : { [key]: value });
  return {
    ...present("type", type),
    ...present("sid", sid),
    ...present("seq", seq),
    ...present("msg", msg),
    ...rest,
  };
}
