// Leaves at once and keeps this page out of the way back; Escape pressed three times does the same.
(() => {
  const link = document.querySelector(".leave");
  if (!link) return;
  const leave = () => { document.documentElement.hidden = true; location.replace(link.href); };
  link.addEventListener("click", (event) => { event.preventDefault(); leave(); });
  let times = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") { times = []; return; }
    times = [...times, event.timeStamp].slice(-3);
    if (times.length === 3 && times[2] - times[0] < 2000) leave();
  });
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
})();
