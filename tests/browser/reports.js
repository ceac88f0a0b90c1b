// Reports to look at: drawn by the tool from results that are committed, and from results made of those.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const heirloom = resolve(root, process.env.HEIRLOOM ?? "target/release/heirloom");
const folder = mkdtempSync(join(tmpdir(), "heirloom-browser-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const read = (path) => JSON.parse(readFileSync(resolve(root, path), "utf8"));
const HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>\u2028&amp;";

function many(result) {
  const copies = Array.from({ length: 6 }, (_, at) => result.findings.map((finding) => ({
    ...finding, id: `${finding.id}/${at}`, slice: finding.slice.replace(/("?)$/, ` ${at}$1`), flagged: false,
  })));
  return { ...result, findings: copies.flat() };
}

function hostile(result) {
  const named = (one) => ({ ...one, slice: `sex=${HOSTILE}` });
  return {
    ...result, name: HOSTILE, notices: [HOSTILE],
    findings: result.findings.map((one) => ({ ...named(one), reference: HOSTILE, mirror: undefined })),
    checks: result.checks.map((one) => ({ ...named(one), id: HOSTILE })),
  };
}

function drawn(name, result) {
  const [input, output] = [join(folder, `${name}.json`), join(folder, `${name}.html`)];
  writeFileSync(input, JSON.stringify(result));
  execFileSync(heirloom, ["render", input, "--format", "html", "--out", output]);
  return { name, result, file: output, url: `file://${output}` };
}

const v1 = read("fixtures/results/v1.0.json");
const fresh = read(process.env.RESULT ?? "reports/sample/result.json");

/** The oldest result of this major version, whose bytes never change. */
export const oldest = drawn("v1", v1);
/** What today's program makes of the income fixture. */
export const income = drawn("income", fresh);
/** More findings than a table has room for. */
export const crowded = drawn("many", many(v1));
/** Names that would be markup. */
export const mean = drawn("hostile", hostile(v1));
/** All of them. */
export const every = [oldest, income, crowded, mean];
