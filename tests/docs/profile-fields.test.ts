import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { profileJsonSchema } from "../../src/runtime/profile/schema.ts";

interface Shape {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
}

/** Fields whose default is stated in words. */
const IN_WORDS: ReadonlySet<string> = new Set(["name", "venues.*.module", "lanes", "log.file"]);

/** Every field of the schema that holds a value, with its default as JSON. */
function fieldsOf(shape: Shape, path: readonly string[] = []): [string, string][] {
  if (shape.properties !== undefined) {
    return Object.entries(shape.properties).flatMap(([name, field]) => fieldsOf(field, [...path, name]));
  }
  const members = shape.additionalProperties;
  if (typeof members === "object" && members.properties !== undefined)
    return fieldsOf(members, [...path, "*"]);
  return [[path.join("."), JSON.stringify(shape.default) ?? ""]];
}

/** Rows of the document's tables: field and default. */
function documented(): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "docs", "profiles.md"), "utf8");
  const rows = text.matchAll(/^\| `([\w.*]+)` \|.*\| ([^|]+) \|$/gm);
  return new Map([...rows].map(([, field = "", cell = ""]) => [field, cell.replaceAll("`", "").trim()]));
}

describe("docs/profiles.md", () => {
  const fields = fieldsOf(profileJsonSchema() as Shape);

  it("lists every field of the schema and no other", () => {
    expect([...documented().keys()].sort()).toEqual(fields.map(([field]) => field).sort());
  });

  it("states the default of each", () => {
    const stated = documented();
    for (const [field, value] of fields) {
      if (!IN_WORDS.has(field)) expect(`${field} = ${stated.get(field)}`).toBe(`${field} = ${value}`);
    }
  });
});
