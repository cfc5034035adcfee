// SPDX-License-Identifier: BSD-3-Clause
// customer.js - what do the pages of a domain's administrator do beyond links and forms?
//
// Nothing that is needed: times in the reader's zone, a job's progress without loading the
// page anew, a table that follows the search, and a look again each minute. What comes is
// the server's own page; its parts are put in place of those shown.
"use strict";
(() => {
  const pageLang = document.documentElement.lang;
  const lang = navigator.languages.find((l) => l.split("-")[0] === pageLang) || pageLang;
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const time = { hour: "2-digit", minute: "2-digit" };
  const day = { weekday: "short", day: "numeric", month: "short", ...time };

  function showTimes(root) {
    const today = new Date().toDateString();
    for (const t of $$("time[data-at]", root)) {
      const at = new Date(Number(t.dataset.at) * 1000);
      const short = t.closest(".axis") || at.toDateString() === today;
      t.textContent = at.toLocaleString(lang, short ? time : day);
      t.title = at.toISOString().slice(0, 19) + "Z";
    }
  }

  // The server's page as it is now. What nobody asked for by hand does not keep a session open.
  async function load(url, byHand) {
    const answer = await fetch(url, { headers: { Accept: "text/html", ...(byHand ? {} : { "X-Background": "yes" }) } });
    if (answer.status === 401 || answer.status === 404) { location.reload(); return null; }
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }
  function put(selector, page) {
    const fresh = page.querySelector(selector);
    const shown = document.querySelector(selector);
    if (!fresh || !shown || fresh.innerHTML === shown.dataset.was) return;
    shown.dataset.was = fresh.innerHTML;
    shown.className = fresh.className;
    shown.replaceChildren(...fresh.childNodes);
    showTimes(shown);
  }

  // ---- a job under way -----------------------------------------------------------------
  async function follow() {
    while (document.body.dataset.renew) {
      await new Promise((done) => setTimeout(done, 700));
      try {
        const page = await load(location.href, false);
        if (!page) continue;
        put("main", page);
        document.title = page.title;
        if (!page.body.dataset.renew) {
          delete document.body.dataset.renew;
          (document.querySelector("main button.main, main .button") || document.querySelector("main")).focus();
        }
      } catch { /* the next one may do better */ }
    }
  }

  // ---- the search ----------------------------------------------------------------------
  const search = document.querySelector("form.search");
  let typed = 0;
  async function find() {
    const mine = ++typed;
    await new Promise((done) => setTimeout(done, 200));
    if (mine !== typed) return;
    const url = new URL("./", location.href);
    for (const [name, value] of new FormData(search)) url.searchParams.set(name, value);
    const page = await load(url, true);
    if (mine !== typed || !page) return;
    history.replaceState(null, "", url);
    put("#list", page);
  }
  if (search) search.addEventListener("input", find);

  // ---- again each minute -------------------------------------------------------------------
  async function again() {
    if (document.hidden || !document.querySelector("[data-refresh]")) return;
    try {
      const page = await load(location.href, false);
      if (page) put("[data-refresh]", page);
    } catch { /* the next one may do better */ }
  }
  showTimes(document);
  follow();
  setInterval(again, 60000);
})();
