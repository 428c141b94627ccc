/* What pressing, pointing and typing do in the page. Knows no answer: what is pressed says in data-do what it does. */
"use strict";
(() => {
  const KEY = "rag-theme";

  // Gradio makes functions of its templates' source; the page's policy lets nobody make code of text. There are three
  // texts it may ask for here, and each is answered with a function that is written down. All else stays forbidden.
  const LISTEN = "window.rag.listen(element, trigger, watch)";
  function made(texts) {
    const body = String(texts.at(-1)).trim();
    const names = texts.slice(0, -1).map(String);
    if (body === LISTEN) return (element, trigger, _props, _server, _upload, watch) => listen(element, trigger, watch);
    if (body === 'return "${value}";' || body === 'return "";') return () => body.slice(8, -2); // Handlebars
    if (body === "return `${value}`;") return (...values) => String(values[names.indexOf("value")] ?? "");
    if (body === "return ``;") return () => "";
    return null;
  }
  window.Function = new Proxy(Function, {
    apply: (target, self, texts) => made(texts) ?? Reflect.apply(target, self, texts),
    construct: (target, texts) => made(texts) ?? Reflect.construct(target, texts),
  });

  // Light and dark: as the person chose last, else as the system is.
  const dark = () => document.body.classList.contains("dark");
  function paint(name) {
    document.body.classList.toggle("dark", name === "dark");
    document.documentElement.style.colorScheme = name;
  }
  function theme() {
    const chosen = localStorage.getItem(KEY);
    if (chosen) paint(chosen);
  }

  const box = () => document.querySelector("#box textarea, #box input");
  const cancel = () => document.querySelector("#editing [data-do=cancel]");
  const working = () => document.querySelector("#live .turn.working");

  function say(button, words) {
    const before = button.textContent;
    button.textContent = words;
    setTimeout(() => { button.textContent = before; }, 1600);
  }

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea"); // no clipboard without https on other hosts
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    say(button, "Copied");
  }

  // A button that takes something away asks once: pressed again within four seconds it is meant.
  function isSure(button) {
    if (button.dataset.asked) return true;
    const before = button.innerHTML;
    button.dataset.asked = "1";
    button.textContent = button.dataset.sure || "Really?";
    setTimeout(() => { delete button.dataset.asked; button.innerHTML = before; }, 4000);
    return false;
  }

  function turnOf(element) {
    const turn = element.closest(".turn");
    return { turn: Number(turn?.dataset.turn || 0), question: turn?.dataset.question || "" };
  }

  function judged(button, trigger) {
    const tools = button.closest(".tools");
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const other of tools.querySelectorAll("[data-do=judge]")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(on));
    const note = tools.querySelector("form.note");
    const field = note.querySelector("input");
    field.value = "";
    field.placeholder = button.dataset.note;
    field.setAttribute("aria-label", button.dataset.note);
    note.hidden = !on;
    if (on) field.focus();
    trigger("like", { ...turnOf(button), verdict: on ? button.dataset.verdict : "", note: "" });
  }

  function empty() {
    const input = box();
    input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  }

  const DOES = {
    open: (b, t) => t("click", { ...b.dataset }),
    edit: (b, t) => { t("edit", turnOf(b)); box()?.focus(); },
    // Without its button, the box that becomes empty does not press it again.
    cancel: (b, t) => { b.closest(".editing").remove(); empty(); t("clear", {}); },
    retry: (b, t) => t("retry", turnOf(b)),
    example: (b, t) => t("submit", { turn: 0, question: b.dataset.question }),
    reveal: (b) => {
      const form = b.closest(".understood").querySelector("form");
      form.hidden = !form.hidden;
      if (!form.hidden) form.querySelector("input").focus();
    },
    copy: (b) => copy(b),
    judge: judged,
    talk: (b, t) => t("select", { ...b.dataset }),
    forget: (b, t) => { if (isSure(b)) t("delete", { ...b.dataset }); },
    look: (b, t) => t("select", { ...b.dataset }),
    remove: (b, t) => { if (isSure(b)) t("delete", { ...b.dataset }); },
    close: (b, t) => { t("clear", {}); opener?.focus(); },
    theme: () => { const name = dark() ? "light" : "dark"; localStorage.setItem(KEY, name); paint(name); },
  };
  let opener = null;

  function pressed(event, element, trigger) {
    const button = event.target.closest("button[data-do]");
    if (!button || !element.contains(button)) return;
    if (button.dataset.do === "open" || button.dataset.do === "look") opener = button;
    DOES[button.dataset.do]?.(button, trigger);
  }

  function sent(event, trigger) {
    event.preventDefault();
    const form = event.target;
    const words = form.querySelector("input").value.trim();
    const { turn } = turnOf(form);
    if (form.dataset.do === "correct" && words) trigger("submit", { turn, question: words, corrected: true });
    if (form.dataset.do === "note") {
      const { verdict } = form.closest(".tools").querySelector("[data-do=judge][aria-pressed=true]").dataset;
      trigger("like", { turn, verdict, note: words });
      say(form.querySelector("button"), "Saved");
    }
  }

  // The card of a mark stays inside the window.
  function place(event) {
    const cite = event.target.closest?.(".cite");
    const card = cite?.querySelector(".card");
    if (!card) return;
    card.classList.add("shown");
    card.style.left = card.style.top = "0px";
    const mark = cite.querySelector(".mark").getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(mark.left, room - card.offsetWidth - 8));
    const above = mark.top - card.offsetHeight - 6;
    card.style.left = `${left}px`;
    card.style.top = `${above > 8 ? above : mark.bottom + 6}px`;
  }
  function leave(event) {
    event.target.closest?.(".cite")?.querySelector(".card")?.classList.remove("shown");
  }
  const hideCards = () => document.querySelectorAll(".card.shown").forEach((card) => card.classList.remove("shown"));

  // What was just opened, or is about to be answered, comes into view.
  function reveal(element) {
    const hit = element.querySelector(".text .hit");
    const text = element.querySelector(".text");
    if (hit && text.scrollHeight > text.clientHeight) text.scrollTop = hit.offsetTop - text.clientHeight / 3;
    else hit?.scrollIntoView({ block: "center" }); // on a phone it is the window that scrolls
    const title = element.querySelector(".document h3");
    if (title && title.dataset.seen !== title.textContent) {
      title.dataset.seen = title.textContent;
      title.focus({ preventScroll: true });
      opener?.scrollIntoView({ block: "center" }); // the text beside it has become narrower and longer
    }
    const turn = element.querySelector(".turn.working");
    if (turn && turn.dataset.seen !== turn.dataset.question) {
      turn.dataset.seen = turn.dataset.question;
      turn.scrollIntoView({ block: "start", behavior: "instant" });
    }
  }

  // The page's address names its conversation: the page may be loaded again, and the program started anew.
  function remember() {
    const address = new URL(location.href);
    const talk = document.querySelector("#talks [aria-current]")?.dataset.talk;
    if (talk) address.searchParams.set("talk", talk);
    else address.searchParams.delete("talk");
    history.replaceState(history.state, "", address);
  }

  function listen(element, trigger, watch) {
    theme();
    element.addEventListener("click", (event) => pressed(event, element, trigger));
    element.addEventListener("submit", (event) => sent(event, trigger));
    element.addEventListener("pointerover", place);
    element.addEventListener("pointerout", leave);
    element.addEventListener("focusin", place);
    element.addEventListener("focusout", leave);
    watch("value", () => reveal(element));
    if (element.closest("#talks")) watch("value", remember);
    reveal(element);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.querySelector(".card.shown")) return hideCards();
    if (working()) return document.querySelector("#stop")?.click();
    if (cancel()) return cancel().click();
    document.querySelector("#viewer [data-do=close], #library-viewer [data-do=close]")?.click();
  });
  document.addEventListener("input", (event) => {
    if (event.target === box() && !event.target.value) cancel()?.click(); // an emptied box edits nothing
  });
  document.addEventListener("scroll", hideCards, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#forget-all");
    if (button && !isSure(button)) event.stopImmediatePropagation();
  }, true);
  // On a phone the list of conversations would lie over the question. Its button hears only once all is set up.
  let tries = window.innerWidth < 860 ? 50 : 0;
  const closing = setInterval(() => {
    const side = document.querySelector("#side");
    const isClosed = side && !side.classList.contains("open");
    if (tries-- <= 0 || isClosed) return clearInterval(closing);
    side?.querySelector(".toggle-button")?.click();
  }, 250);
  new MutationObserver(() => {
    document.documentElement.lang ||= "en";
    const input = box();
    for (const button of document.querySelectorAll("button.calendar:not([aria-label])")) {
      button.setAttribute("aria-label", "Choose a day"); // Gradio gives it a picture alone
    }
    if (input && !input.getAttribute("aria-label")) input.setAttribute("aria-label", "Your question");
  }).observe(document, { childList: true, subtree: true });

  window.rag = { listen };
})();
