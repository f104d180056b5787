  // Opening another conversation, or a new one, ends what is being asked in this one.
  const endAsking = () => {
    if (waits || "alone" in whole().dataset) refill(""); // it belongs to the conversation that ends
    waits = false;
    ending = asking;
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#nd-stop")) return;
    waits = box().readOnly = false;
    ending = asking;
    box().focus();
  }, true);

  // Questions are asked one after the other, none twice and none lost: Gradio would drop what is sent while another is
  // being answered, so it waits in the box, which cannot be changed until it is asked.
  let asking = false;
  let waits = false;
  let ending = false;
  const box = () => document.querySelector("#nd-question textarea");
  const button = () => document.querySelector("#nd-question .submit-button");
  const whole = () => document.querySelector("#nd-question");
  const refill = (text, alone = false) => {
    if (alone) whole().dataset.alone = "";
    else delete whole().dataset.alone;
    box().ariaDescription = alone ? "Asked exactly as it stands here" : null;
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  };
  const send = (event) => {
    const sent = box().value.trim() && !box().readOnly;
    if (!sent || asking) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (!sent) return;
    waits = asking;
    asking = box().readOnly = true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.target === box() && event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#nd-question .submit-button")) send(event);
    const example = event.target.closest("#nd-chat .example");
    if (!example) return;
    event.stopPropagation(); // it is a question like any other
    if (box().readOnly) return;
    refill(example.querySelector(".example-text").textContent.trim());
    button().click();
  }, true);
  const settled = (event) => {
    if (ending && event.type === "unanswered") return; // a cancelled question is told as one that failed, then as answered
    ending = false;
    setTimeout(() => { // Gradio takes the next one when it is through with this event
      const next = waits && event.type === "answered";
      if (event.type === "unanswered" && !box().value) refill(newsdesk.underWay()); // the service went away on the way
      waits = asking = box().readOnly = false;
      if (next) button().click();
    });
  };
  document.addEventListener("answered", settled); // chat.py says so
  document.addEventListener("unanswered", settled);

  // How a question was understood, corrected in the box, or without days or outlets: asked as it stands, without the
  // conversation (chat.py reads data-alone). What the reader was writing comes back afterwards.
  let draft = "";
  const bringBack = () => {
    if (draft && !box().value) refill(draft);
    draft = "";
  };
  document.addEventListener("click", (event) => {
    const changed = event.target.closest(".nd-correct, .nd-without");
    if (!changed || box().readOnly || document.querySelector("#nd-chat .nd-pending")) return;
    if (!("alone" in whole().dataset)) draft = box().value;
    refill(changed.dataset.question, true);
    box().focus();
    if (changed.matches(".nd-without")) setTimeout(() => button().click());
  });
  document.addEventListener("input", (event) => {
    if (event.target === box() && !box().value && "alone" in whole().dataset) refill("");
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== box() || event.key !== "Escape" || !("alone" in whole().dataset)) return;
    refill("");
    bringBack();
  });
  document.addEventListener("answered", () => setTimeout(bringBack));

  // A thumb, or the reason for one: `chat.py` listens for it. While a question is being answered the conversation is on
  // its way, and must not change.
  let judged = null;
  let reason = null; // where the form for it will stand, and what stood there
  const judge = (key, verdict, comment, again) => {
    if (document.querySelector("#nd-chat .nd-pending")) return;
    judged = `[data-key="${key}"] ${again}`;
    const place = `.nd-reason[data-key="${key}"]`;
    reason = verdict ? { place, before: document.querySelector(place)?.outerHTML } : null;
    document.dispatchEvent(new CustomEvent("thumb", { detail: { key, verdict, comment } }));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".nd-thumb");
    if (!button) return;
    const { verdict } = button.dataset;
    const { key } = button.closest(".nd-thumbs").dataset;
    const takenBack = button.getAttribute("aria-pressed") === "true"; // a second press
    judge(key, takenBack ? "" : verdict, "", `.nd-${verdict}`);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".nd-reason")) return;
    event.preventDefault();
    const { key, verdict } = event.target.dataset;
    judge(key, verdict, event.target.comment.value, "button:not([type])");
  });

  // The answer is written anew with the choice shown: whoever uses the keyboard must find the button again.
  const focusAgain = () => {
    if (!judged || document.activeElement !== document.body) return;
    document.querySelector(judged)?.focus({ preventScroll: true });
    judged = null;
  };

  // The form comes below the thumbs, where the view may have ended. Gradio may write the answer once more right after.
  const showReason = () => {
    const form = reason && document.querySelector(reason.place);
    if (!form || form.outerHTML === reason.before) return;
    const { place } = reason;
    reason = null;
    const show = () => document.querySelector(place)?.scrollIntoView({ block: "nearest" });
    show();
    setTimeout(show, 200);
  };

  // A question goes to the top of the view when it is asked and again when its answer is there, to be read from the beginning.
  let shown = "";
  new MutationObserver(() => {
    const questions = document.querySelectorAll("#nd-chat .nd-question");
    const now = `${questions.length} ${document.querySelector("#nd-chat .nd-pending") !== null}`;
    if (now !== shown) questions[questions.length - 1]?.scrollIntoView({ block: "start" });
    shown = now;
    if (asking && !waits && !box().value) box().readOnly = false; // it is being asked, and the next can be written
    document.querySelector('#nd-chat .examples[role="list"]')?.setAttribute("role", "group"); // a list of what are no items
    focusAgain();
    showReason();
    markAgain();
  }).observe(document.body, { childList: true, subtree: true });
