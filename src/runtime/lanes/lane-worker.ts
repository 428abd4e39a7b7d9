import { hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { LANES } from "../../registry.gen.ts";
import { LaneReplica } from "./lane-replica.ts";
import type { LaneAnswer, LaneBatch, LaneWorkerSetup } from "./messages.ts";

/** A lane's thread: facts in, findings out, one answer per batch, in order. */
const setup = workerData as LaneWorkerSetup;
const module = LANES.get(setup.lane);
if (module === undefined || parentPort === null) throw new Error(`lane worker: no lane ${setup.lane}`);
const port = parentPort;
const replica = new LaneReplica(setup, module.create(module.parse(setup.options)), (text) =>
  hash("sha256", text, "hex"),
);

port.on("message", (batch: LaneBatch) => {
  const startedAt = performance.now();
  const results = replica.run(batch);
  const diagnoses = replica.takeDiagnoses();
  const tookMicros = Math.round((performance.now() - startedAt) * 1000);
  const answer: LaneAnswer = { kind: "answer", id: batch.id, results, diagnoses, tookMicros };
  port.postMessage(answer, [diagnoses.buffer as ArrayBuffer]);
});
