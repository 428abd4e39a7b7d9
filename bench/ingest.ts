/**
 * Ingest over real sockets: 50,000 messages a second (Kalshi deltas, Polymarket price changes and books, 250 B to 3 KB,
 * 360 markets, 9 connections) from a process of its own to one that keeps the books, until each message is in its book.
 * EMP's mappers and books against the usual design (`JSON.parse`, Map of books of sorted objects) behind the same
 * sockets. A round of each in turn, each in fresh processes; medians. The rate does not wait for the reader.
 *
 * Usage: node bench/ingest.ts [rounds=3] [perSecond=50000] [seconds=8] [warmUpSeconds=4]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { machineMs } from "./ingest-clock.ts";
import type { ClientAnswer, ClientOrder, ClientReport } from "./ingest-client.ts";
import type { SenderAnswer, SenderOrder, SentReport } from "./ingest-sender.ts";

const ROUNDS = Number(process.argv[2] ?? 3);
const PER_SECOND = Number(process.argv[3] ?? 50_000);
const SECONDS = Number(process.argv[4] ?? 8);
const WARM_UP_SECONDS = Number(process.argv[5] ?? 4);
/** Latency is judged from this long after the full collection that begins the measured part. */
const SETTLE_MS = 500;
/** Goals as ratios; shared machines are noisy, so the bench fails at 70 % of them. */
const P99_GOAL = 10;
const SCAVENGE_GOAL = 20;
const GATE = 0.7;

type Design = "emp" | "plain";

interface Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly cpuPercent: number;
  readonly cpuMicrosPerMessage: number;
  readonly scavenges: number;
  readonly scavengeMs: number;
  readonly otherGcMs: number;
  readonly heapBeginMb: number;
  readonly heapEndMb: number;
  readonly residentBeginMb: number;
  readonly residentEndMb: number;
  readonly senderLateMs: number;
}

/** A child that answers orders. */
class Party<Order, Answer extends { readonly kind: string }> {
  readonly #child: ChildProcess;

  constructor(file: string, args: readonly string[]) {
    this.#child = fork(join(import.meta.dirname, file), args, {
      serialization: "advanced",
      execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    });
  }

  tell(order: Order): void {
    this.#child.send(order as object);
  }

  /** The next answer of this kind. @throws when the child ends first. */
  async hear<K extends Answer["kind"]>(kind: K): Promise<Extract<Answer, { kind: K }>> {
    for (;;) {
      const ended = once(this.#child, "exit").then(([code]) => {
        throw new Error(`the child ended with ${code}`);
      });
      const [answer] = (await Promise.race([once(this.#child, "message"), ended])) as [Answer];
      if (answer.kind === kind) return answer as Extract<Answer, { kind: K }>;
    }
  }

  end(): void {
    this.#child.removeAllListeners("exit");
    this.#child.kill("SIGKILL");
  }
}
