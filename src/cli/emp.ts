#!/usr/bin/env node
import { ExitCode } from "./console.ts";
import { failWith, main } from "./main.ts";

// A timer or a stream that throws outside of a command still ends with a plain line and the right exit code.
process.on("uncaughtException", (error) => {
  failWith(error);
  process.exit();
});

// A reader that went away (`emp sql … | head`) wants no more output; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? ExitCode.Ok);
  throw error;
});

await main(process.argv);
