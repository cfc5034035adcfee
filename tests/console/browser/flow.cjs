// SPDX-License-Identifier: BSD-3-Clause
// flow.cjs - does the console do in a browser what its page says?
//
// An administrator's way through it: log in, see the storm, look at a preview, flip the
// switch, apply, undo; again without JavaScript, and by the keyboard alone. Prints TAP.
// Environment: MODULES (where playwright-core and axe-core are), CHROMIUM, PAGE (URL),
// TOKEN, MAIL (folder), NDRSCAN, SCREENSHOTS (folder).
"use strict";
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { MODULES, CHROMIUM, PAGE, TOKEN, MAIL, NDRSCAN, SCREENSHOTS } = process.env;
const { chromium } = require(path.join(MODULES, "playwright-core"));
const axe = fs.readFileSync(path.join(MODULES, "axe-core", "axe.min.js"), "utf8");

const { ok, ended, junk: junkIn, numberIn, axeFinds } = require("./tap.cjs");
const junk = () => junkIn(MAIL);


async function accessible(page, where) {
  const { faults, passes } = await axeFinds(page, axe);
  const serious = faults.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => v.text);
  ok(serious.length === 0 && passes > 10, `axe-core finds no serious fault on ${where}`, serious);
}
const shot = (page, name) => page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: false });

async function login(page) {
  await page.goto(PAGE);
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1, name: "Bounce windows" }).waitFor();
}

// Errors of the page's own, and whatever it fetched from elsewhere.
function watch(page, faults) {
  page.on("pageerror", (e) => faults.push(`error: ${e.message}`));
  page.on("console", (m) => { if (m.type() === "error") faults.push(`console: ${m.text()}`); });
  page.on("request", (r) => { if (!r.url().startsWith(PAGE)) faults.push(`request: ${r.url()}`); });
}

async function withScript(browser) {
  const faults = [];
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, colorScheme: "light", locale: "en-GB", timezoneId: "UTC" });
  const page = await context.newPage();
  watch(page, faults);
  await page.goto(PAGE);
  await accessible(page, "the login page");
  await shot(page, "login");
  await login(page);
  faults.length = 0; // the browser calls the 401 that the login page comes with one

  const row = page.locator('section.domain[data-domain="example.org"]');
  ok(await page.locator("section.domain").first().getAttribute("data-domain") === "example.org", "the worst domain is first");
  ok(await row.locator(".badge").textContent() === "Many", "and told as many bounces in words");
  await row.locator("figure .uplot canvas").waitFor();
  ok(true, "its plot is drawn");
  const heights = await page.evaluate(() => [...document.querySelectorAll("figure .u-over")].map((e) => e.clientHeight));
  ok(heights.length > 1 && Math.min(...heights) >= 70, "each plot is high enough to be read", heights);
  await accessible(page, "the list of domains");
  await shot(page, "light");

  // drag on the plot: from and until, backwards too
  const box = await row.locator("figure .u-over").boundingBox();
  const dragTo = async (a, b) => {
    await page.mouse.move(box.x + box.width * a, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * (a + b) / 2, box.y + box.height / 2);
    await page.mouse.move(box.x + box.width * b, box.y + box.height / 2);
    await page.mouse.up();
    return [await row.locator("[name=from]").inputValue(), await row.locator("[name=until_date]").inputValue()];
  };
  const forth = await dragTo(0.25, 0.75);
  const back = await dragTo(0.75, 0.25);
  ok(forth[0] !== "" && forth[0] < forth[1] && await row.locator("[name=until]").inputValue() === "date", "a drag on the plot sets from and until", forth);
  ok(JSON.stringify(forth) === JSON.stringify(back), "and backwards the same", [forth, back]);

  // preview what the last three hours would be
  await row.locator("[name=until]").selectOption("calm");
  const ago = new Date(Date.now() - 3 * 3600e3).toISOString().slice(0, 16);
  await row.locator("[name=from]").fill(ago);
  const sw = row.getByRole("switch");
  ok(await sw.getAttribute("aria-checked") === "false", "the switch is off");
  await sw.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Block, and move/ }).waitFor({ timeout: 60000 });
  const said = await dialog.locator(".content p").first().textContent();
  ok(junk() === 0, "a preview moves nothing", junk());
  ok(await dialog.locator("tbody tr, tr").count() > 15, "it shows samples with reasons");
  ok(!(await dialog.innerHTML()).includes("<script>"), "and mail's words as text");
  await accessible(page, "the preview");
  await shot(page, "preview");
  await dialog.getByRole("button", { name: /^Block, and move/ }).click();
  await dialog.getByText(/moved to Junk,/).waitFor({ timeout: 60000 });
  const would = Number(said.match(/^([\d,]+) of/)[1].replaceAll(",", ""));
  const scan = execFileSync(NDRSCAN, ["scan", "--quiet", "--emit", "junk", "--output", "paths", "-r", MAIL], { encoding: "utf8" }).split("\n").length - 1;
  ok(would > 500 && junk() === would && scan === would, "the preview's number is what moves, on disk, and what scan counts", [would, junk(), scan]);
  await dialog.getByRole("button", { name: "Close" }).click();
  await row.getByRole("switch", { checked: true }).waitFor();
  ok(await row.locator(".badge").textContent() === "Blocked", "the domain is blocked now");
  await shot(page, "blocked");
  const undo = row.getByRole("button", { name: /^Undo/ });
  ok(numberIn(await undo.textContent()) === would, "Undo says how many it is about", await undo.textContent());
  await undo.click();
  await dialog.getByText(/\d brought back/).waitFor({ timeout: 60000 });
  ok(junk() === 0, "and all are back", junk());
  await dialog.getByRole("button", { name: "Close" }).click();
  await row.getByRole("switch", { checked: true }).waitFor();
  // the row is drawn anew when the page has asked again
  await undo.waitFor({ state: "detached", timeout: 20000 }).catch(() => {});
  ok(await page.getByRole("button", { name: /^Undo/ }).count() === 0, "and Undo is not on offer any more");
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "Moves" }).waitFor();
  ok(await page.getByText("console (127.0.0.1)").count() > 0, "the history tells who did it");
  await accessible(page, "the history");
  await shot(page, "history");
  ok(faults.length === 0, "no error, and nothing from elsewhere", faults);

  // by the keyboard alone: to the switch and off
  await page.getByRole("link", { name: "Domains" }).click();
  await row.waitFor();
  await page.evaluate(() => document.activeElement.blur());
  let steps = 0;
  while (steps++ < 60) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.getAttribute("aria-checked") === "true")) break;
  }
  ok(steps < 60, "Tab reaches the switch", steps);
  const ring = await page.evaluate(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== "none" || s.boxShadow !== "none"; });
  ok(ring, "and shows that it is there");
  await page.keyboard.press("Enter");
  await row.getByRole("switch", { checked: false }).waitFor();
  ok(true, "Enter flips it");
  await context.close();

  // another domain is blocked with mail to move, and a run brought mail back
  fs.writeFileSync(path.join(SCREENSHOTS, "all.yaml"), "windows:\n- {domain: example.org, from: 2008-05-13T00:00:00Z}\n");
  const run = (...words) => execFileSync(NDRSCAN, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  run("apply", "--windows", path.join(SCREENSHOTS, "all.yaml"), "-r", MAIL);
  run("apply", "--no-windows", "-r", MAIL);
  run("block", "example.org", "--from", new Date(Date.now() - 3 * 3600e3).toISOString().slice(0, 19) + "Z");
  for (const [name, colorScheme, width, height] of [["dark", "dark", 1200, 900], ["narrow", "light", 360, 740],
    ["narrowest", "light", 320, 568], ["narrow-dark", "dark", 360, 740]])
    await inSize(browser, name, { colorScheme, viewport: { width, height } });
}

// What of an element's page lies off the screen, to the side.
const beyond = (p) => p.evaluate(() => [...document.querySelectorAll("main *, dialog *, header *, footer *")]
  .filter((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && !e.closest(".u-wrap") && (r.right > innerWidth + 1 || r.left < -1) && getComputedStyle(e).clipPath === "none" && !e.closest("tr:first-child"); })
  .map((e) => `${e.tagName} ${e.className} ${e.getBoundingClientRect().right}`));
const onScreen = (locator) => locator.evaluate((e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight + 1 && r.right <= innerWidth + 1; });

// The same page in another size and light: the list, a preview and the history.
async function inSize(browser, name, options) {
  const other = await browser.newContext({ ...options, locale: "en-GB", timezoneId: "UTC" });
  const p = await other.newPage();
  await login(p);
  await p.locator("figure .uplot canvas").first().waitFor();
  ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: nothing is wider than the page`, await beyond(p));
  await accessible(p, `the ${name} page`);
  await shot(p, name);
  const row = p.locator('section.domain[data-domain="shop.example.net"]');
  await row.locator("details summary").click();
  await row.locator("[name=from]").fill(new Date(Date.now() - 48 * 3600e3).toISOString().slice(0, 16));
  await row.getByRole("switch").click();
  const dialog = p.getByRole("dialog");
  const cancel = dialog.getByRole("button", { name: "Cancel" });
  await cancel.waitFor({ timeout: 60000 });
  const said = await dialog.locator(".content p").allTextContents();
  ok(said.length === 2 && /by this window/.test(said[0]) && /other windows/.test(said[1]), `${name}: a preview tells what it does, and apart what an apply does besides`, said);
  ok(await onScreen(cancel) && await onScreen(dialog.locator(".buttons button").first()), `${name}: its buttons are on the screen`);
  const off = await beyond(p);
  ok(off.length === 0, `${name}: and nothing of it is beside`, off);
  await accessible(p, `the ${name} preview`);
  await shot(p, `${name}-preview`);
  await cancel.click();
  await p.getByRole("link", { name: "History" }).click();
  await p.getByRole("heading", { name: "Moves" }).waitFor();
  const left = await beyond(p);
  ok(left.length === 0, `${name}: the history is on the screen, all of it`, left);
  await accessible(p, `the ${name} history`);
  await shot(p, `${name}-history`);
  const undo = p.getByRole("button", { name: /into Junk again/ }).first();
  await undo.scrollIntoViewIfNeeded();
  ok(await onScreen(undo), `${name}: with its Undo`);
  const before = junk();
  await undo.click();
  await dialog.getByText(/moves them into Junk again/).waitFor();
  await shot(p, `${name}-undo`);
  ok(junk() === before, `${name}: an undo that would junk asks first`);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await other.close();
}

async function withoutScript(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1200, height: 900 } });
  const page = await context.newPage();
  await login(page);
  execFileSync(NDRSCAN, ["unblock", "example.org"]);
  const row = page.locator('section.domain[data-domain="example.org"]');
  for (let i = 0; i < 60 && await row.getByRole("switch", { checked: false }).count() === 0; i++) {
    await page.waitForTimeout(1000); // the console looks at the windows twice a minute
    await page.reload();
  }
  await row.locator("[name=until]").selectOption("1h");
  await row.getByRole("switch").click();
  await row.getByRole("switch", { checked: true }).waitFor();
  ok(await row.locator(".badge").textContent() === "Blocked", "without JavaScript the switch turns on");
  await shot(page, "no-script");
  const shown = await page.locator("button:visible, input:visible").evaluateAll((all) => all.filter((e) => !e.closest("form")).map((e) => e.textContent || e.id));
  ok(shown.length === 0, "what needs the script is not shown without", shown);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "Moves" }).waitFor();
  ok(await page.getByRole("button", { name: /^Undo/ }).count() === 0, "nor in the history");
  await shot(page, "no-script-history");
  await page.getByRole("link", { name: "Domains" }).click();
  await row.getByRole("switch").click();
  await row.getByRole("switch", { checked: false }).waitFor();
  ok(await row.locator(".badge").textContent() === "Many", "and off");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Token").waitFor();
  ok(true, "and logs out");
  await context.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    await withScript(browser);
    await withoutScript(browser);
  } catch (e) {
    ok(false, "the way through the console ends", e.message);
  } finally {
    await browser.close();
  }
  process.exit(ended());
})();
