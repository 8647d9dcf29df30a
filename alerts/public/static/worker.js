// Shows the pages that somebody chose to keep when there is no connection. Each has a cache of its own, under its address.
"use strict";
const PATIENCE = 8000; // milliseconds
const addressOf = (url) => { const { pathname, search } = new URL(url); return pathname + search; };

// A page with the files that it names; their addresses change with their content, so that old ones go.
async function keep(address, answer) {
  if (!answer.ok || answer.redirected) throw new Error("no page");
  const text = await answer.clone().text();
  const files = [...text.matchAll(/(?:href|src)="(\/[^"]+\?v=[^"]+)"/g)].map((found) => found[1]);
  const cache = await caches.open(address);
  const held = (await cache.keys()).map((request) => addressOf(request.url));
  await cache.addAll(files.filter((file) => !held.includes(file)));
  await cache.put(address, answer);
  await Promise.all(held.filter((one) => one !== address && !files.includes(one)).map((one) => cache.delete(one)));
}

async function visit(event) {
  const address = addressOf(event.request.url), kept = await caches.keys();
  const late = new Promise((_, fail) => kept.length && setTimeout(fail, PATIENCE));
  try {
    const answer = await Promise.race([fetch(event.request), late]);
    if (answer.status >= 500) throw new Error("no answer");
    if (kept.includes(address)) event.waitUntil(keep(address, answer.clone()).catch(() => {}));
    return answer;
  } catch {
    const same = (one) => addressOf(new URL(one, location)).split("?")[0] === address.split("?")[0];
    const name = kept.find((one) => one === address) || kept.find(same) || kept[0];
    return name ? asKept(name) : Response.error();
  }
}

async function asKept(name) {
  const found = await caches.match(name, { cacheName: name, ignoreVary: true });
  if (!found) return Response.error();
  const headers = new Headers(found.headers);
  headers.delete("Content-Encoding");
  return new Response((await found.text()).replace(" hidden data-offline", " data-offline"), { headers });
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const file = async () => (await caches.match(request.url, { ignoreVary: true })) || fetch(request);
  event.respondWith(request.mode === "navigate" ? visit(event) : file());
});
addEventListener("message", (event) => {
  const [port] = event.ports, tell = (done) => () => port.postMessage(done);
  const kept = fetch(event.data, { credentials: "omit" }).then((answer) => keep(event.data, answer));
  event.waitUntil(kept.then(tell(true), tell(false)));
});
addEventListener("install", () => skipWaiting());
