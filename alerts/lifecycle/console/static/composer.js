// The composer's liveness: a preview that follows the form, and a search in long lists. Without it everything works too.
(() => {
  const form = document.getElementById("composer");
  if (!form) return;
  // Our own server wrote it, and escaped what people wrote.
  const trusted = window.trustedTypes?.createPolicy("composer", { createHTML: (html) => html }) ?? { createHTML: (html) => html };
  form.classList.add("scripted");
  const fault = document.getElementById("preview-fault");
  let timer = 0, running = null;

  async function refresh() {
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST", body: new FormData(form), headers: { "X-Poll": "1" }, signal: running.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      put((await answer.json()).parts);
      fault.hidden = true;
    } catch (error) {
      if (error.name !== "AbortError") fault.hidden = false;
    }
  }

  function put(parts) {
    document.querySelectorAll(".meter").forEach((meter) => { if (!(meter.id in parts)) meter.textContent = ""; });
    for (const [id, html] of Object.entries(parts)) {
      const part = document.getElementById(id);
      if (!part || part.dataset.html === html) continue;
      const open = [...part.querySelectorAll("details")].map((details) => details.open);
      const held = part.contains(document.activeElement);
      if (id === "regions" && held) continue;
      part.innerHTML = trusted.createHTML(html);
      part.dataset.html = html;
      part.querySelectorAll("details").forEach((details, at) => { if (open[at]) details.open = true; });
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(refresh, 350);
  }

  form.addEventListener("input", (event) => { if (event.target.name) soon(); });

  form.querySelectorAll("[data-picker]").forEach((picker) => {
    const box = picker.querySelector(".picker__box");
    const ticks = [...box.querySelectorAll(".tick")];
    const chosen = document.createElement("ul");
    chosen.className = "picker__chosen";
    picker.prepend(chosen);
    if (ticks.length > 12) {
      const find = document.createElement("input");
      find.type = "search";
      find.className = "picker__find";
      find.placeholder = `${picker.dataset.picker}…`;
      find.setAttribute("aria-label", `${picker.dataset.picker}: ${box.getAttribute("aria-label")}`);
      const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      find.addEventListener("input", () => {
        const wanted = plain(find.value.trim());
        ticks.forEach((tick) => { tick.hidden = !plain(tick.textContent).includes(wanted); });
      });
      find.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        const seen = ticks.filter((tick) => !tick.hidden);
        if (seen.length === 1) { seen[0].querySelector("input").click(); find.select(); }
      });
      box.before(find);
    }
    const show = () => {
      chosen.replaceChildren(...ticks.filter((tick) => tick.querySelector("input").checked).map((tick) => {
        const item = document.createElement("li"), button = document.createElement("button");
        button.type = "button";
        button.textContent = `${tick.textContent.trim()} ×`;
        button.setAttribute("aria-label", `${picker.dataset.remove} ${tick.textContent.trim()}`);
        button.addEventListener("click", () => tick.querySelector("input").click());
        item.append(button);
        return item;
      }));
    };
    box.addEventListener("change", show);
    show();
  });
})();
