import { existsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { HEADER_NAME } from "./header.ts";
import { instant, NEW_JOURNAL, putNumbered } from "./journal-fixture.ts";
import { openJournal, resumeJournal } from "./writer.ts";

/**
 * Test helper, run as a process of its own and killed at a random instant. It writes numbered facts, frames and
 * decisions for ever and says on standard output what a kill may no longer take: `F <seq>` after a flush,
 * `B <seq>` after a barrier.
 */
const STDOUT = 1;
const [dir = "."] = process.argv.slice(2);
const options = { segmentBytes: 96 * 1024 };
const writer = existsSync(join(dir, HEADER_NAME))
  ? resumeJournal(dir, options).writer
  : openJournal(dir, NEW_JOURNAL, options);
const frame = Buffer.alloc(300, "f");

function say(what: "F" | "B"): void {
  writeSync(STDOUT, `${what} ${writer.nextSeq - 1}\n`);
}

function round(): void {
  for (let i = 0; i < 200; i++) {
    writer.raw(1, instant(writer.nextSeq), frame, 0, 100 + (writer.nextSeq % 200));
    putNumbered(writer, writer.nextSeq);
  }
  writer.flush();
  say("F");
  putNumbered(writer, writer.nextSeq);
  writer.checkpoint(writer.nextSeq - 1, "00", "0");
  writer.facts.object(
    { kind: "risk.breach", rule: "crash", detail: String(writer.nextSeq) },
    instant(writer.nextSeq),
  );
  if (writer.barrier()) say("B");
  for (let i = 0; i < 37; i++) putNumbered(writer, writer.nextSeq);
  setImmediate(round);
}

say("F");
round();
