/* Passkeys. A form with data-passkey="address" (and data-make="yes" to make a new one) has a button with data-use, shown
   only where the browser can do it: it asks the address for the options, puts the passkey's answer in the field named
   "passkey" and sends the form. What goes wrong is said in the element with data-trouble. */
(() => {
  const able = window.PublicKeyCredential;
  if (!able || !able.parseCreationOptionsFromJSON || !able.parseRequestOptionsFromJSON) { return; }

  async function answer(form) {
    const asked = await fetch(form.dataset.passkey, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    if (!asked.ok) { window.location.reload(); return; }
    const options = await asked.json();
    const found = form.dataset.make
      ? await navigator.credentials.create({ publicKey: able.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: able.parseRequestOptionsFromJSON(options) });
    form.elements.passkey.value = JSON.stringify(found);
    form.requestSubmit();
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const part = form.querySelector("[data-part]");
    const button = form.querySelector("[data-use]");
    const trouble = form.querySelector("[data-trouble]");
    part.hidden = false;
    button.addEventListener("click", () => {
      trouble.hidden = true;
      button.disabled = true;
      answer(form).catch(() => { trouble.hidden = false; }).finally(() => { button.disabled = false; });
    });
  });
})();
