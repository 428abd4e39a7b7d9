/** Who may import whom: docs/architecture.md states it, this enforces it. */
const TEST = "\\.test\\.ts$";
const NODE_OR_LIBRARY = ["core", "npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "npm-unknown"];

const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: "error",
  from: { path: from, pathNot: TEST },
  to: { path: "^(src|venues|lanes|bench|tests|scripts)/", pathNot: allowed },
});
const noLibrary = (name, from) => ({
  name,
  comment: "The pure core uses no library and no node: module.",
  severity: "error",
  from: { path: from, pathNot: TEST },
  to: { dependencyTypes: NODE_OR_LIBRARY },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    only("contracts-alone", "The vocabulary imports nothing.", "^src/contracts/", "^src/contracts/"),
    only("proof-inward", "Proof imports contracts only.", "^src/proof/", "^src/(contracts|proof)/"),
    {
      name: "checker-independent",
      comment: "The checker and its binding to the market share no code with the finders: contracts only.",
      severity: "error",
      from: { path: "^src/proof/(checker|binding)[^/]*\\.ts$", pathNot: TEST },
      to: { pathNot: "^src/(contracts/|proof/checker)" },
    },
    only("core-inward", "The core imports contracts and proof only.", "^src/core/", "^src/(contracts|proof|core)/"),
    only("venue-kit-inward", "What venue sessions share knows the vocabulary only.", "^src/venue-kit/", "^src/(contracts|venue-kit)/"),
    only("feed-inward", "Control of observation is pure and knows the vocabulary only.", "^src/feed/", "^src/(contracts|feed)/"),
    only("sim-inward", "The simulation is as pure as the core.", "^src/sim/", "^src/(contracts|proof|sim)/"),
    noLibrary("contracts-pure", "^src/contracts/"),
    noLibrary("proof-pure", "^src/proof/"),
    noLibrary("core-pure", "^src/core/"),
    noLibrary("feed-pure", "^src/feed/"),
    noLibrary("sim-pure", "^src/sim/"),
    noLibrary("lanes-pure", "^lanes/"),
    {
      name: "lanes-alone",
      comment: "A lane imports contracts, proof and its own folder.",
      severity: "error",
      from: { path: "^lanes/([^/]+)/", pathNot: TEST },
      to: { path: "^(src|venues|lanes|bench|tests|scripts)/", pathNot: "^src/(contracts|proof)/|^lanes/$1/" },
    },
    {
      name: "venues-alone",
      comment: "A venue imports contracts, the venue kit and its own folder; never the core, a lane or another venue.",
      severity: "error",
      from: { path: "^venues/([^/]+)/", pathNot: TEST },
      to: { path: "^(src|venues|lanes|bench|tests|scripts)/", pathNot: "^src/(contracts|venue-kit)/|^venues/$1/" },
    },
    {
      name: "plugins-through-registry",
      comment: "The shell reaches venues and lanes through the generated registry only.",
      severity: "error",
      from: { path: "^src/", pathNot: [TEST, "^src/registry\\.gen\\.ts$"] },
      to: { path: "^(venues|lanes)/" },
    },
    {
      name: "nobody-imports-cli",
      severity: "error",
      from: { path: "^(src|venues|lanes)/", pathNot: ["^src/cli/", TEST] },
      to: { path: "^src/cli/" },
    },
    {
      name: "shell-layers",
      comment: "Capture, report and observe do not know the shell that drives them.",
      severity: "error",
      from: { path: "^src/(capture|report|observe)/", pathNot: TEST },
      to: { path: "^src/(runtime|cli)/" },
    },
    { name: "no-tests-in-product", severity: "error", from: { path: "^(src|venues|lanes)/", pathNot: TEST }, to: { path: `${TEST}|^tests/` } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    parser: "swc",
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
