"use strict";
// The report works without this file: it adds the filter, expand and collapse, copying and a few keys.
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const cards = all("details.card");
  const tools = document.querySelector("form.tools");

  // Copying ---------------------------------------------------------------------------------------
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  for (const button of all("button[data-copy]")) {
    const target = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(target.textContent);
      } catch {
        select(target);
        document.execCommand("copy");
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
  }

  // A link to something folded unfolds it ---------------------------------------------------------
  const reveal = () => {
    let node = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  // Paper shows everything ------------------------------------------------------------------------
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const node of closed) node.open = true;
  });
  window.addEventListener("afterprint", () => { for (const node of closed) node.open = false; });

  if (!tools) return;

  // Filter ----------------------------------------------------------------------------------------
  const input = document.getElementById("filter");
  const boxes = all("input[type=checkbox]", tools);
  const output = tools.querySelector("output");
  const nothing = document.querySelector(".no-match");
  const sections = all("section.check");
  const texts = new Map();
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, `${card.dataset.code} ${card.textContent}`.toLowerCase());
    return texts.get(card);
  };
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const active = words.length > 0 || wanted.size < boxes.length;
    let left = 0;
    for (const card of cards) {
      const hit = wanted.has(card.dataset.severity) && words.every((word) => textOf(card).includes(word));
      card.hidden = !hit;
      left += hit ? 1 : 0;
    }
    for (const section of sections) section.hidden = active && !section.querySelector("details.card:not([hidden])");
    nothing.hidden = left > 0;
    output.textContent = active ? `${left.toLocaleString("en")} of ${cards.length.toLocaleString("en")} shown` : "";
  };
  let waiting = 0;
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  tools.addEventListener("change", apply);
  tools.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  for (const button of all("button[data-open]", tools)) {
    button.addEventListener("click", () => {
      for (const card of cards) if (!card.hidden) card.open = button.dataset.open === "true";
    });
  }
  tools.hidden = false;

  // Keys: / filters, Escape clears, j and k walk through the findings --------------------------------
  const step = (by) => {
    const heads = cards.filter((card) => !card.hidden).map((card) => card.firstElementChild);
    const at = heads.indexOf(document.activeElement);
    const next = heads[at < 0 ? (by > 0 ? 0 : heads.length - 1) : at + by];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && document.activeElement === input) {
      input.value = "";
      apply();
      return;
    }
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
    if (event.key === "/") {
      event.preventDefault();
      input.focus();
    } else if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
    }
  });
})();
