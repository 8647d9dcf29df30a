/* A page is cleared once nobody has used it for as long as a sign-in lives, whether the server can be reached or not; and
   whoever types without loading a page stays signed in. The script's own element says where to ask and where to go. */
(() => {
  const IDLE = 15 * 60_000, KEEP = 5 * 60_000, LOOK = 30_000;
  const { home, out } = document.currentScript.dataset;
  let used = Date.now(), told = used;

  for (const sign of ["keydown", "pointerdown"]) {
    addEventListener(sign, () => { used = Date.now(); }, { passive: true });
  }

  function leave() {
    document.body.replaceChildren();
    window.location.replace(out);
  }

  async function ask(headers) {
    const answer = await fetch(home, { method: "HEAD", headers, redirect: "manual", credentials: "same-origin" });
    if (answer.status === 401 || answer.type === "opaqueredirect") { leave(); }
  }

  function look() {
    const now = Date.now();
    if (now - used >= IDLE) {
      ask({ "X-Poll": "1" }).catch(leave);
    } else if (used > told && now - told >= KEEP) {
      told = now;
      ask({}).catch(() => {});
    }
  }

  setInterval(look, LOOK);
  document.addEventListener("visibilitychange", look);
})();
