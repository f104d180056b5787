() => {
  const narrow = window.matchMedia("(max-width: 60rem)"); // as in chat.css

  // A citation opens in the panel beside the chat; where there is no room for the panel, in a new tab.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[target="source"], a[data-source]');
    if (link) {
      link.dataset.source = "";
      link.target = narrow.matches ? "_blank" : "source";
      link.rel = "noopener";
      document.querySelector('a[aria-current="true"]')?.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    }
    if (event.target.closest("#nd-new")) {
      const frame = document.querySelector('iframe[name="source"]');
      frame.srcdoc = frame.srcdoc; // back to the hint
      document.querySelector("#nd-question textarea")?.focus();
    }
  }, true);

  // A question goes to the top of the view when it is asked and again when its answer is there, to be read from the beginning.
  let shown = "";
  new MutationObserver(() => {
    const questions = document.querySelectorAll("#nd-chat .nd-question");
    const now = `${questions.length} ${document.querySelector("#nd-chat .nd-pending") !== null}`;
    if (now !== shown) questions[questions.length - 1]?.scrollIntoView({ block: "start" });
    shown = now;
  }).observe(document.body, { childList: true, subtree: true });
}
