import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { columnWords, writeBigint } from "./duck.ts";
import { openRawReader } from "./raw-reader.ts";

const CHUNK_ROWS = 2_048;

/** Makes the view `raw_frames`: what is known of each raw frame, without its bytes. Reads the whole raw log. */
export async function loadRawFrames(connection: DuckDBConnection, dir: string): Promise<void> {
  const { BIGINT, DuckDBDataChunk: Chunk } = await import("@duckdb/node-api");
  await connection.run(
    "CREATE TABLE raw_meta (raw_seq BIGINT, connection BIGINT, recv_at BIGINT, bytes BIGINT, sent_bytes BIGINT, fact_seq BIGINT)",
  );
  await connection.run(
    "CREATE VIEW raw_frames AS SELECT raw_seq, connection, make_timestamp(recv_at) AS recv_at, bytes, sent_bytes, fact_seq FROM raw_meta",
  );
  const appender = await connection.createAppender("raw_meta");
  const types = [BIGINT, BIGINT, BIGINT, BIGINT, BIGINT, BIGINT];
  const rows = new FrameRows(appender, (count) => Chunk.create(types, count));
  const reader = openRawReader(dir);
  try {
    while (reader.visitNext(rows));
  } finally {
    reader.close();
    rows.flush();
    appender.closeSync();
  }
}

class FrameRows {
  readonly #appender: DuckDBAppender;
  readonly #create: (rows: number) => DuckDBDataChunk;
  #rows: number[][] = [];

  constructor(appender: DuckDBAppender, create: (rows: number) => DuckDBDataChunk) {
    this.#appender = appender;
    this.#create = create;
  }

  frame(
    connection: number,
    recvAt: number,
    _bytes: Uint8Array,
    start: number,
    end: number,
    sentBytes: number,
    factSeq: number,
    rawSeq: number,
  ): void {
    this.#rows.push([rawSeq, connection, recvAt, end - start, sentBytes, factSeq]);
    if (this.#rows.length === CHUNK_ROWS) this.flush();
  }

  object(): void {}

  connection(): void {}

  flush(): void {
    if (this.#rows.length === 0) return;
    const chunk = this.#create(this.#rows.length);
    for (let column = 0; column < chunk.columnCount; column++) {
      const words = columnWords(chunk, column);
      this.#rows.forEach((row, index) => {
        writeBigint(words, index, row[column] as number);
      });
      chunk.getColumnVector(column).flush();
    }
    this.#appender.appendDataChunk(chunk);
    this.#rows = [];
  }
}
