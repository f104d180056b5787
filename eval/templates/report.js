// The filter of the questions. Nothing of the data is in here: the cards carry numbers and kinds, and their own text.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const cards = [...document.querySelectorAll(".card")];
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const fields = form.elements;
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const folded = new Map(); // made when a card is first searched: thousands of them would delay the page

  // Not the list of what was found: it names articles that have little to do with the question.
  function searched(card) {
    return [...card.querySelectorAll(".line1, h3, .said, .known")].map((part) => part.textContent).join(" ");
  }

  function holds(card, words) {
    if (!words.length) return true;
    if (!folded.has(card)) folded.set(card, fold(searched(card)));
    return words.every((word) => folded.get(card).includes(word));
  }

  function apply() {
    const words = fold(fields.text.value).split(/\s+/).filter(Boolean);
    const wanted = ["what", "type", "split"].filter((name) => fields[name] && fields[name].value !== "");
    let shown = 0;
    for (const card of cards) {
      const fits = wanted.every((name) => card.dataset[name].split(" ").includes(fields[name].value)) && holds(card, words);
      card.hidden = !fits;
      if (fits) shown += 1;
    }
    count.value = `${shown.toLocaleString("en")} of ${cards.length.toLocaleString("en")} questions`;
    none.hidden = shown > 0;
  }

  function open() {
    const card = /^#q\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (!card) return;
    card.hidden = false;
    card.querySelector("details").open = true;
    card.scrollIntoView();
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const picked = event.target.closest("[data-pick]");
    if (!picked) return;
    form.reset();
    fields.what.value = picked.dataset.pick;
    apply();
  });
  addEventListener("hashchange", open);
  form.hidden = false;
  apply();
  open();
})();
