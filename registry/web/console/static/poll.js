/* A page that moves by itself: an element with data-poll="address" is replaced, every two seconds, by the element of
   the same id in the page at that address; once the new one has no data-poll, the page is loaded afresh. For browsers
   without scripts a page carries <noscript><meta http-equiv="refresh" content="5"></noscript> in its head. */
(() => {
  const PAUSE = 2000;
  // Our own server wrote it, and escaped what people wrote.
  const trusted = window.trustedTypes?.createPolicy("poll", { createHTML: (html) => html }) ?? { createHTML: (html) => html };

  async function refresh(part) {
    const answer = await fetch(part.dataset.poll, { headers: { "X-Poll": "1" }, credentials: "same-origin" });
    if (answer.status === 401 || answer.status === 403) { window.location.reload(); return; }
    if (!answer.ok) { throw new Error(String(answer.status)); }
    const page = new DOMParser().parseFromString(trusted.createHTML(await answer.text()), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) { window.location.reload(); return; }
    if (part.dataset.poll && !fresh.dataset.poll) { window.location.reload(); return; }
    if (fresh.innerHTML !== part.innerHTML) { part.replaceChildren(...fresh.childNodes); }
    later(part);
  }

  function later(part) {
    setTimeout(() => refresh(part).catch(() => later(part)), document.hidden ? PAUSE * 5 : PAUSE);
  }

  document.querySelectorAll("[data-poll]").forEach(later);
})();
