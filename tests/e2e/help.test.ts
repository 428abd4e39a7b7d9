import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../src/cli/program.ts";

const WIDTH = 100;

/** Every command with its full name, groups before what they hold. */
function commands(command: Command, name: string): readonly (readonly [string, Command])[] {
  const inner = command.commands.flatMap((one) => commands(one, `${name} ${one.name()}`));
  return [[name, command], ...inner];
}

/** What `--help` prints. Formats are listed by their venues; their words are tested there. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.replace(/(?<=Formats:\n)(.+\n)+/, "  (one line per format)\n");
}

const ALL = commands(buildProgram(), "emp");

describe("help", () => {
  it.each(ALL)("%s --help says what it does, with what, and shows an example", (_, command) => {
    const help = helpOf(command);
    expect(help).toMatchSnapshot();
    expect(command.description()).not.toBe("");
    for (const option of command.options) expect(option.description).not.toBe("");
    for (const argument of command.registeredArguments) expect(argument.description).not.toBe("");
    if (command.registeredArguments.length > 0) expect(help).toMatch(/Examples?[:,]/);
  });

  it("every command that gives results can give them as JSON", () => {
    const without = ALL.filter(([, command]) => command.commands.length === 0).filter(
      ([, command]) => !command.options.some(({ long }) => long === "--json"),
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });
});
