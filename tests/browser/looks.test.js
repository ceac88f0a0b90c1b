// What the report looks like, held against pictures that a person has seen. The report is drawn from a result
// whose bytes never change, in a font that scripts/test installs, and pictures are compared at a quarter of
// their size: so that a changed layout or colour shows, and the edges of letters do not. UPDATE=1 makes them anew.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { blank, open } from "./browser.js";
import { oldest } from "./reports.js";

const STOPS = ["header", "#inherited", "#filters", "#outcomes figure", "#crossed", "#data"];
const FONT = '* { font-family: "DejaVu Sans" !important; } code, code * { font-family: "DejaVu Sans Mono" !important; }';
/** The share of pixels that may differ by more than an eye would pass over. */
const TOLERANCE = 0.01;

/** The shots below one another, at a quarter of their size, as one picture. */
const sheet = (page, shots) => page.evaluate(async (shots) => {
  const images = await Promise.all(shots.map(async (shot) => {
    const image = new Image();
    image.src = `data:image/png;base64,${shot}`;
    await image.decode();
    return image;
  }));
  const [width, height] = [Math.round(images[0].width / 4), Math.round(images[0].height / 4)];
  const canvas = Object.assign(document.createElement("canvas"), { width, height: height * images.length });
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  images.forEach((image, at) => brush.drawImage(image, 0, at * height, width, height));
  return canvas.toDataURL("image/png").split(",")[1];
}, shots);

/** The share of pixels that differ between two pictures; 1 where their sizes do. */
const difference = (page, pictures) => page.evaluate(async (pictures) => {
  const [a, b] = await Promise.all(pictures.map(async (picture) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const brush = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d");
    brush.drawImage(image, 0, 0);
    return brush.getImageData(0, 0, image.width, image.height);
  }));
  if (a.width !== b.width || a.height !== b.height) return 1;
  let differ = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    differ += Math.max(...[0, 1, 2].map((channel) => Math.abs(a.data[at + channel] - b.data[at + channel]))) > 40;
  }
  return differ / (a.width * a.height);
}, pictures);

for (const [width, height] of [[360, 740], [1440, 900]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`looks as it did: ${width} pixels wide, ${colorScheme}`, async () => {
      const { page, close } = await open(oldest, { width, height, colorScheme, bypassCSP: true });
      await page.addStyleTag({ content: FONT });
      const shots = [];
      for (const stop of STOPS) {
        await page.locator(stop).first().evaluate((one) => one.scrollIntoView({ block: "start" }));
        shots.push((await page.screenshot({ animations: "disabled" })).toString("base64"));
      }
      await close();
      const desk = await blank();
      const seen = await sheet(desk.page, shots);
      const file = new URL(`looks/${width}-${colorScheme}.png`, import.meta.url);
      if (process.env.UPDATE) writeFileSync(file, Buffer.from(seen, "base64"));
      const wanted = readFileSync(file).toString("base64");
      const differs = await difference(desk.page, [wanted, seen]);
      await desk.close();
      assert.ok(differs <= TOLERANCE, `${(100 * differs).toFixed(2)} of 100 pixels differ; look, then UPDATE=1`);
    });
  }
}
