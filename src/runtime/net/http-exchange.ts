import type { Dispatcher } from "undici";
import type { Cancel, HttpOutcome, HttpRequest, Micros, Timers } from "../../contracts/index.ts";

type WhyNone = Extract<HttpOutcome, { kind: "none" }>["why"];

/** What an exchange is carried out with. */
export interface ExchangeEnv {
  readonly clock: Timers;
  readonly request: HttpRequest;
  readonly origin: string;
  /** Path with query. */
  readonly path: string;
  done(outcome: HttpOutcome): void;
}

/**
 * One request and what becomes of it. Its time-out runs from the beginning, so it covers waiting as well; `done` is
 * called once, and the place in the queue is given back only when the transport has really let go of it.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #env: ExchangeEnv;
  readonly #cancelTimeout: Cancel;
  #release: (() => void) | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #done = false;
  #sentAt: Micros;
  #status = 0;
  #headers: Record<string, string> = {};
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(env: ExchangeEnv) {
    this.#env = env;
    this.#sentAt = env.clock.now();
    this.#cancelTimeout = env.clock.after(env.request.timeoutMicros, () =>
      this.end("timeout", "no answer in time"),
    );
  }

  /** True once `done` was called. */
  get over(): boolean {
    return this.#done;
  }

  /** Hands it to the transport. @param release called once when the transport has let go of it. */
  start(pool: Dispatcher, release: () => void): void {
    if (this.#done) {
      release();
      return;
    }
    this.#release = release;
    const { request, origin, path } = this.#env;
    const { method, body } = request;
    const headers = { "accept-encoding": "identity", ...request.headers };
    try {
      pool.dispatch({ origin, path, method, headers, body, headersTimeout: 0, bodyTimeout: 0 }, this);
    } catch (error) {
      this.onResponseError(null, error as Error);
    }
  }

  /** Ends it without an answer, wherever it is. */
  end(why: WhyNone, detail: string): void {
    if (this.#done) return;
    const sent = this.#controller !== null;
    this.#finish({ kind: "none", why, detail, sent, sentAt: this.#sentAt, at: this.#env.clock.now() });
    this.#controller?.abort(new Error(why));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection: nothing has been written yet, and nothing will be.
    if (this.#done) {
      controller.abort(new Error("given up"));
      return;
    }
    this.#controller = controller;
    this.#sentAt = this.#env.clock.now();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) {
      const last = Array.isArray(value) ? value.at(-1) : value;
      if (last !== undefined) this.#headers[name] = last;
    }
    const stated = Number(this.#headers["content-length"] ?? 0);
    if (stated > this.#env.request.maxBytes) this.#tooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return;
    this.#size += chunk.length;
    if (this.#size > this.#env.request.maxBytes) this.#tooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#done) {
      const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#size);
      const at = this.#env.clock.now();
      this.#finish({
        kind: "answer",
        status: this.#status,
        headers: this.#headers,
        body,
        sentAt: this.#sentAt,
        at,
      });
    }
    this.#letGo();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (!this.#done) this.end(this.#controller === null ? "unreachable" : "reset", wordsOf(error));
    this.#letGo();
  }

  #tooLarge(): void {
    this.end("too_large", `more than ${this.#env.request.maxBytes} bytes`);
  }

  #finish(outcome: HttpOutcome): void {
    this.#done = true;
    this.#cancelTimeout();
    this.#chunks = [];
    // Outside the transport's own calls: it would swallow what `done` throws, and may call before `request` returned.
    queueMicrotask(() => this.#env.done(outcome));
  }

  #letGo(): void {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}

/** Code and message; an error that bundles several addresses has its words in the first of them. */
function wordsOf(error: Error & { code?: string; errors?: readonly Error[] }): string {
  const first = error.errors?.[0] ?? error;
  const code = (first as { code?: string }).code ?? error.code;
  return code === undefined || first.message.includes(code) ? first.message : `${code}: ${first.message}`;
}
