// Installs what package-lock.json names, once per lock file, so that each npm command works in a fresh clone.
// Plain JavaScript for old Nodes: it must be able to say what is missing.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".emp-setup");
const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  process.stderr.write("emp: first start, installing packages (npm install) ...\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  try {
    execFileSync(npm, ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    });
  } catch {
    process.stderr.write(
      "emp: `npm install` failed; check the network or the npm registry setting and try again\n",
    );
    process.exit(2);
  }
  writeFileSync(stamp, lock);
}
