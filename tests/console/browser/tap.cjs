// SPDX-License-Identifier: BSD-3-Clause
// tap.cjs - what did a browser see? Said as TAP, one line for each sentence.
"use strict";
const fs = require("node:fs");

let count = 0;
let bad = 0;
function ok(good, sentence, seen) {
  count++;
  if (!good) bad++;
  console.log(`${good ? "ok" : "not ok"} ${count} - ${sentence}`);
  if (!good && seen !== undefined) console.log(`# saw ${JSON.stringify(seen).slice(0, 800)}`);
}

// The plan, last; the exit status.
function ended() {
  console.log(`1..${count}`);
  return bad === 0 ? 0 : 1;
}

// Messages in Junk folders, as they lie on disk.
const junk = (mail) => fs.readdirSync(mail, { recursive: true }).filter((p) => p.includes(".Junk/cur/")).length;
// The first number of a text, 0 if there is none.
const numberIn = (text) => Number((text.match(/[\d,]+/) || ["0"])[0].replaceAll(",", ""));

// What axe-core finds that nobody can use, or only some: the faults, and how many checks held. It runs in the page by
// the debugger's hand, past its policy; without a script in the page it cannot.
async function axeFinds(page, axe) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  const faults = found.violations.map((v) => ({ impact: v.impact,
    text: `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join("; ")}` }));
  return { faults, passes: found.passes.length };
}

module.exports = { ok, ended, junk, numberIn, axeFinds };
