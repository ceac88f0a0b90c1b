// The controls do what they say, held against the result that the report is drawn from.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./browser.js";
import { crowded, income, oldest } from "./reports.js";

const attribute = (slice) => slice.split(" & ").map((part) => part.split("=")[0]).join(" & ");
const words = (verdict) => verdict.replace("_", " ");
const listed = (page) => page.locator("#findings tbody tr").evaluateAll((rows) => rows
  .filter((row) => getComputedStyle(row).display !== "none")
  .map((row) => ({ slice: row.cells[1].firstChild.textContent, verdict: row.querySelector(".verdict").textContent.replace(", as above", ""), tuned: row.cells[5].firstChild.textContent })));
const names = (rows) => rows.map((row) => row.slice).sort();
const minus = (text) => text.replaceAll("−", "-");

for (const report of [oldest, income, crowded]) {
  const { findings } = report.result;
  test(`${report.name}: each filter shows the findings that fit, and only those`, async () => {
    const { page, said, close } = await open(report);
    const attributes = [...new Set(findings.map((one) => attribute(one.slice)))];
    for (const name of attributes.slice(0, 5)) {
      await page.locator("#by-attribute").selectOption({ label: name });
      const wanted = findings.filter((one) => attribute(one.slice) === name);
      assert.deepEqual(names(await listed(page)), wanted.map((one) => one.slice).sort(), name);
      assert.match(await page.locator("#count").innerText(), new RegExp(`^Showing ${wanted.length} of ${wanted.length} that fit; ${findings.length} `));
    }
    await page.locator("#by-attribute").selectOption({ index: 0 });
    for (const verdict of new Set(findings.map((one) => one.verdict))) {
      await page.locator("#by-verdict").selectOption({ label: words(verdict) });
      const rows = await listed(page);
      assert.equal(rows.length, findings.filter((one) => one.verdict === verdict).length, verdict);
      assert.ok(rows.every((row) => row.verdict === words(verdict)), verdict);
    }
    await page.locator("#by-metric").selectOption({ label: "Selection rate" });
    await page.locator("#by-verdict").selectOption({ label: "inherited" });
    const wanted = findings.filter((one) => one.metric === "selection_rate" && one.verdict === "inherited");
    assert.deepEqual(names(await listed(page)), wanted.map((one) => one.slice).sort());
    assert.deepEqual(said, []);
    await close();
  });
}

test("a finding beyond the table reads as it would inside it", async () => {
  const { page, close } = await open(crowded);
  const before = await page.locator("#findings tbody tr").count();
  assert.ok(before < crowded.result.findings.length);
  await page.locator("#by-verdict").selectOption({ label: "absent" });
  const rows = await page.locator("#findings tbody tr:not(.off)").evaluateAll((rows) => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)));
  const finding = crowded.result.findings.find((one) => one.verdict === "absent");
  const row = rows.find((row) => row[0].startsWith(finding.slice));
  assert.equal(parseFloat(minus(row[4])).toFixed(1), (100 * finding.tuned.value).toFixed(1));
  assert.ok(minus(row[4]).includes(` to ${finding.tuned.high > 0 ? "+" : ""}${(100 * finding.tuned.high).toFixed(1)}`), row[4]);
  await page.locator("#by-verdict").selectOption({ index: 0 });
  assert.equal(await page.locator("#findings tbody tr").count(), before);
  await close();
});

test("the smallest gap changes the verdicts and their counts", async () => {
  const { page, close } = await open(income);
  for (const [value, key] of [["half", "at_half"], ["double", "at_double"], ["verdict", "verdict"]]) {
    await page.locator(`input[name=tau][value=${value}]`).check();
    const said = (one) => words(one[key] ?? one.verdict);
    const counts = await page.locator("#verdicts tbody tr").evaluateAll((rows) => rows.map((row) => [row.cells[0].textContent.trim(), +row.cells[1].textContent]));
    for (const [verdict, count] of counts) {
      assert.equal(count, income.result.findings.filter((one) => said(one) === verdict).length, `${key} ${verdict}`);
    }
    const shown = (await listed(page)).map((row) => `${row.slice} ${row.verdict}`).sort();
    assert.deepEqual(shown, income.result.findings.map((one) => `${one.slice} ${said(one)}`).sort(), key);
  }
  await close();
  const old = await open(oldest);
  assert.equal(await old.page.locator("input[name=tau]:visible").count(), 0, "an older result does not tell these verdicts");
  await old.close();
});

test("a header sorts its column, and once more the other way", async () => {
  const { page, close } = await open(oldest);
  const header = page.locator("#findings thead").getByRole("button", { name: "Tuned gap" });
  const values = async () => (await listed(page)).map((row) => parseFloat(minus(row.tuned))).filter((value) => !isNaN(value));
  const wanted = oldest.result.findings.filter((one) => one.tuned).map((one) => +(100 * one.tuned.value).toFixed(1)).sort((a, b) => a - b);
  await header.click();
  assert.equal(await page.locator("#findings [aria-sort]").getAttribute("aria-sort"), "ascending");
  assert.deepEqual(await values(), wanted);
  await header.click();
  assert.equal(await page.locator("#findings [aria-sort]").getAttribute("aria-sort"), "descending");
  assert.deepEqual(await values(), wanted.reverse());
  await close();
});

test("the slider recomputes every rate from the counts", { skip: !income.result.sweep && "the result has no sweep" }, async () => {
  const { page, said, close } = await open(income);
  const { thresholds, curves } = income.result.sweep;
  const slider = page.locator("#threshold");
  for (const at of [0, 13, 50, 77, thresholds.length - 1]) {
    await slider.fill(String(at));
    assert.equal(parseFloat(await page.locator("#threshold-at").innerText()), thresholds[at]);
    const rows = await page.locator("#at-threshold tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    for (const [slice, , ...shown] of rows) {
      const rates = ["base", "tuned"].map((model) => {
        const curve = curves.find((one) => one.slice === slice && one.model === model);
        const [positive, negative] = curve.rows;
        const [hits, alarms] = [curve.true_positives[at], curve.false_positives[at]];
        return [(hits + alarms) / (positive + negative), hits / positive, alarms / negative];
      });
      const wanted = [0, 1, 2].flatMap((rate) => rates.map((of) => 100 * of[rate]));
      shown.forEach((text, place) => assert.ok(Math.abs(parseFloat(text) - wanted[place]) <= 0.0501, `${slice} ${at} ${place}: ${text} for ${wanted[place]}`));
    }
  }
  assert.deepEqual(said, []);
  await close();
});

test("the slider starts with what is printed without it", { skip: !income.result.sweep && "the result has no sweep" }, async () => {
  const { page, close } = await open(income);
  const text = () => page.locator("#at-threshold tbody").innerText();
  const before = await text();
  const start = await page.locator("#threshold").inputValue();
  await page.locator("#threshold").fill("3");
  assert.notEqual(await text(), before);
  await page.locator("#threshold").fill(start);
  assert.equal(await text(), before);
  await close();
});

test("the theme can be chosen", async () => {
  const { page, close } = await open(oldest, { colorScheme: "light" });
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const seen = [await paper()];
  for (let click = 0; click < 3; click += 1) {
    await page.locator("#theme").click();
    seen.push(await paper());
  }
  assert.equal(seen[0], seen[1]);
  assert.notEqual(seen[1], seen[2]);
  assert.equal(seen[3], seen[0]);
  await close();
});

test("a link leads to its finding, in the table or not", async () => {
  for (const report of [oldest, crowded]) {
    const all = JSON.parse(await (async () => {
      const { page, close } = await open(report);
      const text = await page.locator("#extract").textContent();
      await close();
      return text;
    })()).findings.id;
    for (const id of [all[0], all.at(-1)]) {
      const { page, close } = await open(report, { hash: `#f-${id}` });
      await page.locator(`#f-${id}`).waitFor();
      assert.ok(await page.locator(`#f-${id}`).evaluate((row) => row.getBoundingClientRect().top >= -1 && row.getBoundingClientRect().top < innerHeight));
      await close();
    }
  }
});

test("a finding is copied as a line of Markdown", async () => {
  const { page, close } = await open(oldest, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.locator("#findings").getByRole("button", { name: "Copy finding 1 as Markdown" }).click();
  await page.locator("#said").filter({ hasText: "Copied" }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const row = (await listed(page))[0];
  assert.ok(text.startsWith(`- **${row.verdict}**`), text);
  const finding = oldest.result.findings.find((one) => one.slice === row.slice && one.metric === "selection_rate");
  assert.ok(minus(text).includes(`tuned gap ${(100 * finding.tuned.value).toFixed(1)}`), text);
  await close();
});

test("what is printed is the audit as it stands, whatever is chosen", async () => {
  const { page, close } = await open(income);
  const printed = () => page.locator("#findings tbody").evaluate((body) => body.textContent);
  const before = await printed();
  await page.locator("#by-verdict").selectOption({ label: "inherited" });
  await page.locator("input[name=tau][value=double]").check();
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const buttons = page.locator("thead button");
  assert.equal(await buttons.count(), 0, "a head with a button would not be repeated on the next page");
  assert.equal(await printed(), before);
  assert.equal((await listed(page)).length, income.result.findings.length);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.ok(await buttons.count() > 50);
  await close();
});

test("every control can be reached and used by keyboard", async () => {
  const { page, close } = await open(oldest);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.locator("#by-verdict").focus();
  await page.keyboard.type("inh");
  assert.ok((await listed(page)).every((row) => row.verdict === "inherited"));
  const outline = await page.locator("#by-verdict").evaluate((one) => getComputedStyle(one).outlineStyle);
  assert.notEqual(outline, "none");
  await close();
});
