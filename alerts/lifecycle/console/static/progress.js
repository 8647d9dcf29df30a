// Keeps an alert's page moving: asks every two seconds while messages leave, then now and then for answers and
// receipts. What takes reading the ledger is asked for every eighth time only.
(() => {
  const page = document.getElementById("progress");
  if (!page) return;
  const QUICK = 2000, SLOW = 15000, EVERY = 8;
  // Our own server wrote it, and escaped what people wrote.
  const trusted = window.trustedTypes?.createPolicy("progress", { createHTML: (html) => html }) ?? { createHTML: (html) => html };
  const tags = {};
  let moving = page.dataset.moving === "1", round = 0;

  async function refresh() {
    round += 1;
    const address = page.dataset.progress + (!moving || round % EVERY === 0 ? "?outcome=1" : "");
    const headers = { "X-Poll": "1" };
    if (tags[address]) headers["If-None-Match"] = tags[address];
    const answer = await fetch(address, { headers, cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) { location.reload(); return; }
    if (answer.ok) {
      tags[address] = answer.headers.get("ETag") || "";
      const news = await answer.json();
      if (news.state !== page.dataset.state) { location.reload(); return; }
      moving = news.moving;
      Object.entries(news.parts).forEach(([id, html]) => put(document.getElementById(id), html));
    }
    later();
  }

  function put(part, html) {
    if (!part || part.dataset.html === html) return;
    const held = part.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...part.querySelectorAll("details")].map((details) => details.open);
    part.innerHTML = trusted.createHTML(html);
    part.dataset.html = html;
    part.querySelectorAll("details").forEach((details, at) => { if (open[at]) details.open = true; });
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
  }

  function later() {
    setTimeout(() => refresh().catch(later), moving && !document.hidden ? QUICK : SLOW);
  }

  later();
})();
