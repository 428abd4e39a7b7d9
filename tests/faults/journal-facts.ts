import { openJournalReader } from "../../src/capture/reader.ts";
import type { ObjectFact } from "../../src/contracts/index.ts";

/** The object facts of a journal, in order. */
export function factsOf(journal: string): readonly ObjectFact[] {
  const reader = openJournalReader(journal);
  const facts: ObjectFact[] = [];
  for (let block = reader.next(); block !== null; block = reader.next())
    if (block.kind === "objects")
      for (const record of block.records) if (record.type === "fact") facts.push(record.fact);
  reader.close();
  return facts;
}
