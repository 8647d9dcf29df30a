// Keeps a public page on this phone, and removes it, when the person says so. See worker.js.
(() => {
  const box = document.querySelector("[data-keep]");
  if (!box || !navigator.serviceWorker || !window.caches) return;
  const { keep: page, worker } = box.dataset;
  const policy = window.trustedTypes?.createPolicy("keep", { createScriptURL: (url) => url });
  const show = (...states) => {
    for (const part of box.querySelectorAll("[data-when]")) part.hidden = !states.includes(part.dataset.when);
  };
  const tell = async () => show((await caches.has(page)) ? "kept" : "free");

  const keep = async () => {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL(worker) : worker);
    const { active } = await navigator.serviceWorker.ready, { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
    active.postMessage(page, [port2]);
    if (!(await answer)) throw new Error("not kept");
  };
  const remove = async () => {
    await caches.delete(page);
    if ((await caches.keys()).length === 0) await (await navigator.serviceWorker.getRegistration())?.unregister();
  };
  const act = (work) => async () => {
    try { await work(); await tell(); } catch { show("free", "cannot"); }
  };
  box.querySelector("button[data-when=free]").addEventListener("click", act(keep));
  box.querySelector("button[data-when=kept]").addEventListener("click", act(remove));
  tell();
})();
