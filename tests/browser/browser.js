// One Chromium, and pages in it that report whatever they say or ask for.
import { after } from "node:test";
import { chromium } from "playwright-core";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--font-render-hinting=none"],
});
after(() => browser.close());

/** Opens a report; `said` gathers what it complains of and what it asks for beyond itself. */
export async function open(report, options = {}) {
  const { hash = "", width = 1440, height = 900, ...rest } = options;
  const context = await browser.newContext({ viewport: { width, height }, ...rest });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== report.url) said.push(`request: ${request.url()}`); });
  await page.goto(report.url + hash);
  return { page, said, close: () => context.close() };
}

/** An empty page, to work on pictures in. */
export async function blank() {
  const context = await browser.newContext();
  return { page: await context.newPage(), close: () => context.close() };
}
