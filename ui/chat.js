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

  // A thumb: `chat.py` listens for it. While a question is being answered the conversation is on its way, and must not change.
  let judged = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".nd-thumb");
    if (!button || document.querySelector("#nd-chat .nd-pending")) return;
    judged = { key: button.closest(".nd-thumbs").dataset.key, verdict: button.dataset.verdict };
    document.dispatchEvent(new CustomEvent("thumb", { detail: judged }));
  });

  // The answer is written anew with the choice shown: whoever uses the keyboard must find the button again.
  const focusAgain = () => {
    if (!judged || document.activeElement !== document.body) return;
    document.querySelector(`.nd-thumbs[data-key="${judged.key}"] .nd-${judged.verdict}`)?.focus({ preventScroll: true });
    judged = null;
  };

  // A question goes to the top of the view when it is asked and again when its answer is there, to be read from the beginning.
  let shown = "";
  new MutationObserver(() => {
    const questions = document.querySelectorAll("#nd-chat .nd-question");
    const now = `${questions.length} ${document.querySelector("#nd-chat .nd-pending") !== null}`;
    if (now !== shown) questions[questions.length - 1]?.scrollIntoView({ block: "start" });
    shown = now;
    focusAgain();
  }).observe(document.body, { childList: true, subtree: true });
}
