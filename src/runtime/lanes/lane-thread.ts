import { type ResourceLimits, Worker } from "node:worker_threads";
import type { LaneAnswer, LaneBatch, LaneWorkerSetup } from "./messages.ts";

/** Memory of one lane's thread; one that leaks ends there, and nothing else does. */
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64 } as const;

/** What a lane's thread says. */
export interface LaneThreadEvents {
  answered(answer: LaneAnswer): void;
  /** It ended by itself or threw; nothing follows. */
  ended(detail: string): void;
}

/** A lane somewhere else: a worker thread, or in tests whatever behaves like one. */
export interface LaneThread {
  post(batch: LaneBatch): void;
  /** Ends it; `ended` is not called any more. */
  stop(): void;
}

export type StartLane = (setup: LaneWorkerSetup, events: LaneThreadEvents) => LaneThread;

/** Starts a lane in a worker thread of its own. */
export const startLaneThread: StartLane = (setup, events) => {
  const file = import.meta.url.endsWith(".ts") ? "./lane-worker.ts" : "./lane-worker.js";
  return startThread(new URL(file, import.meta.url), LIMITS, setup, events);
};

/** A lane's program in a thread of its own, under limits of memory. */
export function startThread(
  program: URL,
  resourceLimits: ResourceLimits,
  setup: LaneWorkerSetup,
  events: LaneThreadEvents,
): LaneThread {
  const worker = new Worker(program, { workerData: setup, resourceLimits });
  let isOver = false;
  const end = (detail: string): void => {
    if (isOver) return;
    isOver = true;
    events.ended(detail);
  };
  worker.on("message", (answer: LaneAnswer) => {
    if (!isOver) events.answered(answer);
  });
  worker.on("error", (error) => end(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => end(`the thread ended with code ${code}`));
  return {
    // Each lane has a copy of its own: batches are copied, which is cheaper than moving at this size.
    post: (batch) => worker.postMessage(batch),
    stop: () => {
      isOver = true;
      void worker.terminate();
    },
  };
}
