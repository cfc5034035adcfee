// SPDX-License-Identifier: BSD-3-Clause
// page.js - what does the console do beyond forms: plots, drag, preview, progress.
//
// The page works without it: each switch is a form. Everything from mail is put in by
// textContent, never as markup.
"use strict";
(() => {
  const body = document.body;
  const formToken = body.dataset.form;
  const css = (name) => getComputedStyle(body).getPropertyValue(name).trim();
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const number = (n) => n.toLocaleString("en");
  const many = (n, one, more = `${one}s`) => `${number(n)} ${n === 1 ? one : more}`;
  const make = (tag, text, attributes = {}) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    return e;
  };
  const say = (text) => { $("#live").textContent = text; };

  async function call(method, path, data) {
    const how = { method, headers: { "X-Form-Token": formToken } };
    if (data !== undefined) {
      how.headers["Content-Type"] = "application/json";
      how.body = JSON.stringify(data);
    }
    const answer = await fetch(path, how);
    if (answer.status === 401) { location.reload(); }
    const got = await answer.json();
    if (!answer.ok) throw new Error(got.error || `HTTP ${answer.status}`);
    return got;
  }

  // ---- times: in the reader's zone, UTC on hover -----------------------------------
  const local = (seconds) => new Date(seconds * 1000).toLocaleString([], {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const utc = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19) + "Z";
  function showTimes(root) {
    for (const t of $$("time[data-at]", root)) {
      t.textContent = local(Number(t.dataset.at));
      t.title = utc(Number(t.dataset.at));
    }
  }
  const pad = (n) => String(n).padStart(2, "0");
  const asInput = (seconds) => {
    const d = new Date(seconds * 1000);
    return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
  };
  const fromInput = (input) => input.value ? Math.floor(new Date(input.value).getTime() / 1000) : null;

  // What a form asks for, as the API takes it.
  function wish(form) {
    const w = { domain: form.elements.domain.value.trim() };
    const from = fromInput(form.elements.from);
    if (from !== null) w.from = utc(from);
    else if (form.elements.began && form.elements.began.checked) w.from = form.elements.began.value;
    const until = form.elements.until.value;
    if (until === "calm") w.until_calm = true;
    else if (until === "date") {
      const at = fromInput(form.elements.until_date);
      if (at === null) throw new Error("Give the date until which bounces are junk.");
      w.until = utc(at);
    } else if (until === "tomorrow") {
      const d = new Date();
      d.setDate(d.getDate() + 1);
      d.setHours(8, 0, 0, 0);
      w.until = utc(d.getTime() / 1000);
    } else w.for = until;
    if (form.elements.take && form.elements.take.value) w.take = form.elements.take.value;
    return w;
  }

  // ---- plots ------------------------------------------------------------------------
  // Windows behind the curves; drawn before them.
  const shade = (windows) => ({
    hooks: { drawClear: (u) => {
      u.ctx.save();
      u.ctx.fillStyle = css("--window");
      for (const w of windows) {
        const from = Math.max(u.bbox.left, u.valToPos(w.from, "x", true));
        const end = w.until === null ? u.scales.x.max : w.until;
        const until = Math.min(u.bbox.left + u.bbox.width, u.valToPos(end, "x", true));
        if (until > from) u.ctx.fillRect(from, u.bbox.top, until - from, u.bbox.height);
      }
      u.ctx.restore();
    } },
  });

  const plots = new Map();
  async function plot(section) {
    const figure = $("figure", section);
    const hours = Number(body.dataset.hours);
    let s;
    try {
      s = await call("GET", `api/series?domain=${encodeURIComponent(section.dataset.domain)}&hours=${hours}`);
    } catch (e) {
      figure.textContent = `No plot: ${e.message}`;
      return;
    }
    const x = s.bounces.map((_, i) => s.from + i * s.step);
    const form = $("form.switch", section);
    const axis = { stroke: css("--quiet"), grid: { stroke: css("--line"), width: 1 },
                   ticks: { stroke: css("--line") }, font: "12px system-ui, sans-serif" };
    const day = { month: "short", day: "numeric" };
    const ticks = (_, splits) => splits.map((at, i) => {
      const d = new Date(at * 1000);
      const first = i === 0 || new Date(splits[i - 1] * 1000).getDate() !== d.getDate();
      const clock = `${pad(d.getHours())}:${pad(d.getMinutes())}`;
      return first ? `${clock}\n${d.toLocaleDateString([], day)}` : clock;
    });
    const line = css(section.dataset.state === "many" ? "--storm" : "--trace");
    const fill = css(section.dataset.state === "many" ? "--storm-fill" : "--trace-fill");
    const u = new uPlot({
      width: Math.max(240, figure.clientWidth), height: figure.classList.contains("small") ? 138 : 186,
      legend: { show: false }, cursor: { drag: { x: true, y: false, setScale: false }, y: false },
      scales: { y: { range: (_, lo, hi) => [0, Math.max(4, Math.ceil(hi * 1.05))] } },
      axes: [{ ...axis, size: 50, values: ticks }, { ...axis, size: 52, space: 24, values: (_, v) => v.map((n) => Number.isInteger(n) ? number(n) : ""), incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5] }],
      series: [{},
        { stroke: line, fill, width: 1.5, points: { show: false } },
        { stroke: css("--usual"), dash: [5, 4], width: 1, points: { show: false } }],
      plugins: [shade(s.windows)],
      hooks: { setSelect: [(p) => {
        if (!form || p.select.width < 3) return;
        const from = Math.floor(p.posToVal(p.select.left, "x") / s.step) * s.step;
        const until = Math.ceil(p.posToVal(p.select.left + p.select.width, "x") / s.step) * s.step;
        form.elements.from.value = asInput(from);
        form.elements.until.value = "date";
        form.elements.until_date.value = asInput(until);
        $("details", form).open = true;
        showDate(form);
        say(`From ${local(from)} until ${local(until)}.`);
      }] },
    }, [x, s.bounces, s.usual], (self, ready) => { figure.replaceChildren(self.root); ready(); });
    plots.set(figure, u);
  }
  const seen = new IntersectionObserver((entries) => {
    for (const e of entries)
      if (e.isIntersecting) { seen.unobserve(e.target); plot(e.target); }
  }, { rootMargin: "300px" });
  let resizing = 0;
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      for (const [figure, u] of plots) u.setSize({ width: Math.max(240, figure.clientWidth), height: u.height });
    }, 150);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const section of $$("section.domain")) if ($(".uplot", section)) plot(section);
  });

  // ---- the dialog: preview, apply, undo ----------------------------------------------
  const dialog = $("#work");
  let watching = 0;
  function open(title) {
    $("h2", dialog).textContent = title;
    $(".content", dialog).replaceChildren();
    $(".buttons", dialog).replaceChildren(closeButton());
    if (!dialog.open) dialog.showModal();
  }
  function closeButton(text = "Close") {
    const b = make("button", text, { type: "button" });
    b.addEventListener("click", () => { dialog.close(); });
    return b;
  }
  dialog.addEventListener("close", () => { watching++; if (dialog.dataset.changed) location.reload(); });

  // Poll a job until it ends; `show` gets every state.
  async function follow(job, show) {
    const mine = ++watching;
    for (;;) {
      const state = await call("GET", `api/jobs/${job}`);
      if (mine !== watching) return null;
      show(state);
      if (state.state !== "running") return state;
      await new Promise((done) => setTimeout(done, 400));
    }
  }
  function progressBox(words) {
    const box = make("div");
    const line = make("p", words);
    const bar = make("progress", undefined, { "aria-label": words });
    box.append(line, bar);
    $(".content", dialog).replaceChildren(box);
    return (state) => {
      line.textContent = `${words} ${number(state.messages || 0)} messages read` +
        (state.moved ? `, ${number(state.moved)} moved` : "") + ".";
    };
  }
  function fail(e) {
    $(".content", dialog).replaceChildren(make("p", e.message, { class: "error", role: "alert" }));
  }

  function samples(list, caption) {
    const table = make("table");
    table.append(make("caption", caption));
    const head = make("tr");
    for (const h of ["Mailbox", "Why"]) head.append(make("th", h, { scope: "col" }));
    table.append(head);
    for (const s of list) {
      const row = make("tr");
      row.append(make("td", s.recipient || s.path), make("td", s.reason));
      table.append(row);
    }
    const scroll = make("div", undefined, { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
    scroll.append(table);
    return scroll;
  }

  async function preview(form) {
    const w = wish(form);
    open(`Bounces to ${w.domain}`);
    const job = await call("POST", "api/preview", w);
    const state = await follow(job.id, progressBox("Looking at the mail folders:"));
    if (!state) return;
    if (state.state === "failed") throw new Error(state.error);
    const content = $(".content", dialog);
    const besides = state.other_junk + state.release;
    const said = [state.junk + state.keep === 0
      ? `None of the ${many(state.messages, "message")} read is a bounce to ${w.domain} that no window covers yet: is the name right?`
      : `${number(state.junk)} of ${many(state.messages, "message")} would be moved to Junk by this window, out of ` +
        `${many(state.mailboxes, "mailbox", "mailboxes")}. ${many(state.keep, "bounce")} to this domain would be kept. Nothing has moved yet.`];
    if (besides)
      said.push("Moving also brings the mail folders into the state that the other windows ask for: " +
        `${many(state.other_junk, "more message")} to Junk, ${number(state.release)} back out of it.`);
    if (state.spared) said.push(spared(state.spared));
    if (state.error) said.push(`Not all could be looked at: ${state.error}`);
    content.replaceChildren(...said.map((text) => make("p", text)));
    if (state.junk_samples.length) content.append(samples(state.junk_samples, `${number(state.junk_samples.length)} of those that would be moved`));
    if (state.keep_samples.length) content.append(samples(state.keep_samples, `${number(state.keep_samples.length)} of those that would be kept, and why`));
    const moves = state.junk + besides;
    const move = make("button", moves ? `Block, and move ${many(moves, "message")}` : "Block", { type: "button", class: "main" });
    move.addEventListener("click", () => guarded(move, async () => {
      await call("POST", "api/windows", w);
      dialog.dataset.changed = "yes";
      if (moves) await work("api/apply", { domain: w.domain }, "Moving:");
      else dialog.close();
    }));
    const only = make("button", "Block, move nothing", { type: "button" });
    only.addEventListener("click", () => guarded(only, async () => {
      await call("POST", "api/windows", w);
      dialog.dataset.changed = "yes";
      dialog.close();
    }));
    $(".buttons", dialog).replaceChildren(...(moves ? [move, only] : [move]), closeButton("Cancel"));
    move.focus();
  }

  // "Would be kept: 31 of ours, 29 by dkim-to, 2 by sent-to; 3 forwarded, 3 by srs."
  function spared(rows) {
    const words = { ours: "of ours", forwarded: "forwarded", unknown: "not proven to be forged" };
    const whose = [...new Set(rows.map((row) => row.whose))];
    return `Would be kept: ${whose.map((who) => {
      const mine = rows.filter((row) => row.whose === who);
      const all = mine.reduce((sum, row) => sum + row.bounces, 0);
      const proofs = mine.filter((row) => row.proof).map((row) => `, ${number(row.bounces)} by ${row.proof}`);
      return `${number(all)} ${words[who] || who}${proofs.join("")}`;
    }).join("; ")}.`;
  }

  // Apply or undo, with what came of it.
  async function work(path, data, words) {
    open($("h2", dialog).textContent || words);
    const job = await call("POST", path, data);
    dialog.dataset.changed = "yes";
    const state = await follow(job.id, progressBox(words));
    if (!state) return;
    if (state.state === "failed") throw new Error(state.error);
    const said = [`${number(state.junked)} moved to Junk, ${number(state.released)} brought back` +
      (state.left ? `; ${number(state.left)} left where they are.` : ".")];
    if (path === "api/undo" && state.released) said.push("What was brought back stays until a window that covers it is made or widened.");
    if (state.error) said.push(`Not all could be done. The last of it: ${state.error}`);
    $(".content", dialog).replaceChildren(...said.map((text) => make("p", text)));
    $("button", dialog).focus();
  }

  async function guarded(button, what) {
    if (button) button.setAttribute("aria-disabled", "true");
    try { await what(); } catch (e) { if (dialog.open) fail(e); else { open("That did not work"); fail(e); } }
    if (button) button.removeAttribute("aria-disabled");
  }

  // ---- forms ------------------------------------------------------------------------
  function showDate(form) {
    const until = form.elements.until;
    if (until) form.elements.until_date.hidden = until.value !== "date";
  }
  for (const form of $$("form.switch")) {
    showDate(form);
    form.addEventListener("change", () => showDate(form));
    form.addEventListener("submit", (event) => {
      const block = form.dataset.open === "no";
      if (block && body.dataset.mail === "yes") {
        event.preventDefault();
        guarded(null, () => preview(form));
      } else if (block) {
        event.preventDefault();
        guarded(null, async () => { await call("POST", "api/windows", wish(form)); location.reload(); });
      }
    });
  }
  // What would put mail into Junk says so first.
  function sure(words, yes, then) {
    const go = make("button", yes, { type: "button", class: "main" });
    go.addEventListener("click", () => guarded(go, then));
    $(".content", dialog).replaceChildren(make("p", words));
    $(".buttons", dialog).replaceChildren(go, closeButton("Cancel"));
    go.focus();
  }
  for (const b of $$("button[data-undo]")) {
    b.hidden = false;
    b.addEventListener("click", () => guarded(b, async () => {
      const undo = () => work("api/undo", { run: b.dataset.undo, domain: b.dataset.domain || "" }, "Undoing:");
      open("Undo");
      if (b.dataset.junks)
        sure(`This run brought back ${b.dataset.junks} messages. Undoing it moves them into Junk again.`, b.textContent, undo);
      else
        await undo();
    }));
  }
  for (const b of $$("button[data-apply]")) {
    b.hidden = false;
    b.addEventListener("click", () => guarded(b, async () => {
      open("Apply");
      await work("api/apply", {}, "Bringing the mail folders into the state that the windows ask for:");
    }));
  }

  // ---- the list -----------------------------------------------------------------------
  const filter = $("#filter");
  if (filter) {
    filter.closest("p").hidden = false;
    filter.addEventListener("input", () => {
      const word = filter.value.trim().toLowerCase();
      let left = 0;
      for (const section of $$("section.domain")) {
        section.hidden = !section.dataset.domain.includes(word);
        if (!section.hidden) left++;
      }
      say(`${left} domains`);
    });
  }
  async function refresh() {
    try {
      const now = await call("GET", "api/domains");
      for (const d of now.domains) {
        const section = document.getElementById(`d-${d.domain}`);
        if (!section) continue;
        if (section.dataset.state !== d.state) say(`${d.domain}: ${d.state}, ${d.words}`);
        section.dataset.state = d.state;
        const badge = $(".badge", section);
        badge.className = `badge ${d.state}`;
        badge.textContent = d.state[0].toUpperCase() + d.state.slice(1);
        $(".words", section).textContent = d.words;
      }
    } catch { /* the next one may do better */ }
  }
  showTimes(document);
  for (const section of $$("section.domain")) seen.observe(section);
  if ($("section.domain")) setInterval(refresh, 30000);
})();
