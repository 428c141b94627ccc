/* What the page refuses before it is sent, with words beside it: days that are none, files that are too much. */
"use strict";
(() => {
  // One line of words at the end of a part of the page; "" takes it away.
  function tell(part, words) {
    const line = part.querySelector(":scope > .problem") ?? document.createElement("p");
    line.className = "problem";
    line.setAttribute("role", "alert");
    line.textContent = words;
    if (words) part.append(line);
    else line.remove();
  }

  // Gradio keeps some of what is no day to itself and only colours it, and sends the rest.
  function isDay(text) {
    const day = new Date(`${text}T00:00Z`);
    return /^\d{4}-\d\d-\d\d$/.test(text) && !isNaN(day) && day.toISOString().startsWith(text);
  }
  function checkDay(event) {
    const field = event.target.closest?.("[id^=day-]");
    if (!field || !event.target.matches("input") || (event.type === "keydown" && event.key !== "Enter")) return;
    const text = event.target.value.trim();
    const isWrong = text && !isDay(text);
    tell(field, isWrong ? `“${text}” is not a day: use YYYY-MM-DD, such as 2025-07-17.` : "");
    if (isWrong) event.stopImmediatePropagation();
  }
  document.addEventListener("keydown", checkDay, true);
  document.addEventListener("blur", checkDay, true);

  // A request that is too large is cut off on its way, and the browser knows only that it failed.
  const megabytes = (bytes) => `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
  const send = window.fetch;
  window.fetch = (where, how) => {
    const hint = document.querySelector("#progress [data-most]");
    const files = how?.body instanceof FormData ? how.body.getAll("files") : [];
    if (!hint || !files.length) return send(where, how);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const most = Number(hint.dataset.most);
    const largest = files.reduce((one, other) => (one.size >= other.size ? one : other));
    const words =
      `Together these files have ${megabytes(bytes)}, and ${megabytes(most)} are taken at once. ` +
      `The largest is ${largest.name} (${megabytes(largest.size)}).`;
    tell(document.querySelector("#progress"), bytes > most ? words : "");
    return bytes > most ? Promise.resolve(new Response(words, { status: 413 })) : send(where, how);
  };
})();
