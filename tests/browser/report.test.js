// What must hold of every report: it calls nobody, can be read by everyone, and prints whole.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { open } from "./browser.js";
import { every, income, mean, oldest } from "./reports.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// 184 mm between the margins of A4, at 96 dots an inch.
const PAPER = 695;

// Nobody taps on paper.
const violations = async (page, look) => {
  await page.evaluate(axe);
  const found = await page.evaluate((look) => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "target-size": { enabled: look !== "print" } },
  }), look);
  return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`);
};

for (const report of every) {
  test(`${report.name}: nothing leaves the page and nothing is complained of`, async () => {
    const { page, said, close } = await open(report);
    await page.evaluate(() => document.querySelectorAll("button, select, input").forEach((one) => one.dispatchEvent(new Event("change"))));
    assert.deepEqual(said, []);
    await close();
  });

  for (const look of ["light", "dark", "print"]) {
    test(`${report.name}: axe finds nothing, ${look}`, async () => {
      const { page, close } = await open(report, { colorScheme: look === "dark" ? "dark" : "light" });
      if (look === "print") await page.emulateMedia({ media: "print" });
      assert.deepEqual(await violations(page, look), []);
      await close();
    });
  }

  for (const width of [360, 1440]) {
    test(`${report.name}: the page is no wider than a window of ${width}`, async () => {
      const { page, close } = await open(report, { width });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      await close();
    });
  }

  test(`${report.name}: on A4 nothing is cut off`, async () => {
    const { page, close } = await open(report, { width: PAPER });
    await page.emulateMedia({ media: "print" });
    const wide = await page.evaluate((paper) => [...document.querySelectorAll("table, svg, h1, h2, p, dd")]
      .filter((one) => one.getBoundingClientRect().right > paper + 1)
      .map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 60)}: ${Math.round(one.getBoundingClientRect().right)}`), PAPER);
    assert.deepEqual(wide, []);
    const cut = await page.evaluate(() => [...document.querySelectorAll("svg text")]
      .filter((text) => text.getBBox().x < -1 || text.getBBox().x + text.getBBox().width > text.ownerSVGElement.viewBox.baseVal.width + 1)
      .map((text) => text.textContent));
    assert.deepEqual(cut, []);
    await close();
  });
}

test("a report prints to a PDF of several pages", async () => {
  const { page, close } = await open(income);
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  const pages = pdf.match(/\/Type \/Page\b/g).length;
  assert.ok(pages > 4 && pages < 60, `${pages} pages`);
  // A4 in points.
  assert.match(pdf, /\/MediaBox \[0 0 59[45][.\d]* 84[12]/);
  await close();
});

test("without script all evidence is there and no control is", async () => {
  for (const report of [oldest, income]) {
    const { page, said, close } = await open(report, { javaScriptEnabled: false });
    const text = await page.locator("#findings").innerText();
    for (const finding of report.result.findings) assert.ok(text.includes(finding.slice), finding.id);
    assert.equal(await page.locator("#findings tbody tr").count(), report.result.findings.length);
    assert.equal(await page.locator("button:visible, select:visible, input:visible").count(), 0);
    const checks = await page.locator("#page").innerText();
    for (const check of report.result.checks) assert.ok(checks.includes(check.id), check.id);
    assert.deepEqual(said, []);
    await close();
  }
});

test("names are text wherever they stand", async () => {
  const { page, said, close } = await open(mean);
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.locator("script").count(), 2);
  await page.locator("#by-attribute").selectOption({ index: 1 });
  assert.ok((await page.locator("#findings").innerText()).includes("<img src=x onerror=alert(1)>"));
  assert.deepEqual(said, []);
  await close();
});

test("the file's own policy lets nothing else run", async () => {
  const { page, close } = await open(oldest);
  const ran = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "globalThis.ran = true";
    document.body.append(script);
    const called = await fetch("https://example.org").then(() => true, () => false);
    return [globalThis.ran === true, called];
  });
  assert.deepEqual(ran, [false, false]);
  await close();
});
