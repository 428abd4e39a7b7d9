import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { beforeAll, describe, expect, it } from "vitest";
import { filesUnder, pages, ROOT } from "./tree.ts";

const all = pages();

/** `[text](target)` outside of code. */
function linksOf(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

/** The anchors that a page offers: its headings as GitHub writes them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/```[\s\S]*?```/g, "").matchAll(/^#+ +(.+)$/gm);
  const slug = (title: string) =>
    title
      .toLowerCase()
      .replace(/[`*[\]()]/g, "")
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
  return new Set([...headings].map(([, title]) => slug(title!)));
}

describe("pages", () => {
  it("were found", () => {
    expect(all.map(({ path }) => path)).toContain("README.md");
    expect(all.length).toBeGreaterThan(10);
  });

  it("link to files and headings that exist", () => {
    const broken = all.flatMap(({ path, text }) =>
      linksOf(text)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          const [file = "", anchor] = target.split("#");
          const page = file === "" ? path : normalize(join(dirname(path), file)).replaceAll("\\", "/");
          if (!existsSync(join(ROOT, page))) return true;
          const known = all.find((each) => each.path === page);
          return anchor !== undefined && known !== undefined && !anchorsOf(known.text).has(anchor);
        })
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("name no machine's paths", () => {
    const machine = /(^|["'`( ])\/(work|root|Users)\//m;
    expect(all.filter(({ text }) => machine.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

/** A command as a page writes it: words before the first option or argument, and the options. */
interface Written {
  readonly path: string;
  readonly line: string;
  readonly words: readonly string[];
  readonly options: readonly string[];
}

/** Command lines in code: `./emp …`, `emp …`, `$ emp …`. */
function commandsOf(path: string, text: string): Written[] {
  const blocks = [...text.matchAll(/```(?:sh|bash|console|text)?\n([\s\S]*?)```/g)].flatMap(([, body]) =>
    body!.split("\n"),
  );
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return [...blocks, ...inline].flatMap((line) => {
    const found = /^\s*(?:\$ )?(?:npx )?(?:\.\/)?emp ([^#|<>&;]*)/.exec(line.replace(/<[^>]*>/g, "<x"));
    if (found === null) return [];
    const parts = found[1]!.trim().split(/\s+/);
    const options = parts.filter((part) => part.startsWith("--")).map((part) => part.split("=")[0]!);
    return [{ path, line: line.trim(), words: parts.filter((part) => /^[a-z][a-z-]*$/.test(part)), options }];
  });
}

/** The program, put together from what every file under src/cli adds to it. */
async function program(): Promise<Command> {
  const root = new Command("emp").option("--version").option("--help");
  for (const { path } of filesUnder("src/cli", ".ts")) {
    if (path.endsWith(".test.ts") || path === "src/cli/emp.ts") continue;
    const module = (await import(pathToFileURL(join(ROOT, path)).href)) as Record<string, unknown>;
    for (const [name, add] of Object.entries(module)) {
      if (/^add\w+Commands?$/.test(name) && typeof add === "function") add(root);
    }
  }
  return root;
}

describe("commands in pages", () => {
  const written = all.flatMap(({ path, text }) => commandsOf(path, text));
  let root = new Command();
  beforeAll(async () => {
    root = await program();
  });

  it("were found, and so was the program", () => {
    expect(written.length).toBeGreaterThan(5);
    const names = root.commands.map((command) => command.name());
    expect(names).toEqual(expect.arrayContaining(["run", "replay", "import", "report", "check"]));
  });

  it("exist, with their subcommands and options", () => {
    const child = (parent: Command, name: string | undefined) =>
      parent.commands.find((each) => each.name() === name);
    const wrong = written.flatMap(({ path, line, words: [command, sub], options }) => {
      if (command === undefined) return [];
      const first = child(root, command);
      if (first === undefined) return [`${path}: ${line}: no command ${command}`];
      const last = first.commands.length > 0 && sub !== undefined ? child(first, sub) : first;
      if (last === undefined) return [`${path}: ${line}: no ${command} ${sub}`];
      const known = [root, first, last].flatMap((each) => each.options.map(({ long }) => long));
      return options
        .filter((option) => !known.includes(option))
        .map((option) => `${path}: ${line}: no option ${option}`);
    });
    expect(wrong).toEqual([]);
  });
});
