// Keys of the search page: "/" goes to the box, the arrows from it through the results, a changed order searches at once.
(() => {
  const box = document.querySelector("input[name=q]");
  const links = [...document.querySelectorAll(".results h2 a")];
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select, summary, [role=slider]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.select();
      box.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || (typing && event.target !== box)) return;
    const next = links.indexOf(document.activeElement) + step;
    if (next < 0 ? document.activeElement === box : next >= links.length) return;
    event.preventDefault();
    (links[next] ?? box).focus();
  });
  document.querySelectorAll("[name=sort]").forEach((choice) => choice.addEventListener("change", () => choice.form.requestSubmit()));
  document.querySelector(".search").addEventListener("submit", (event) => { // addresses without what was left empty
    [...event.target.elements].forEach((field) => { if (field.name && !field.value && field.name !== "source") field.disabled = true; });
    setTimeout(() => [...event.target.elements].forEach((field) => { field.disabled = false; }));
  });
})();
