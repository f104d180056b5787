  // A citation opens in the panel beside the chat. On a narrow screen the panel covers the page until the reader goes back.
  const narrow = window.matchMedia("(max-width: 60rem)"); // as in chat.css
  const opened = { address: "", link: null };
  const markAgain = () => { // an answer that was written anew has lost the mark
    if (!opened.address || document.querySelector('#nd-chat a[aria-current="true"]')) return;
    document.querySelector(`#nd-chat a[href="${CSS.escape(opened.address)}"]`)?.setAttribute("aria-current", "true");
  };
  const cover = (covers) => {
    document.querySelector("#nd-desk").classList.toggle("nd-reading", covers);
    document.querySelectorAll("#nd-talk, #nd-masthead").forEach((part) => { part.inert = covers && narrow.matches; });
  };
  const showOpened = (link) => { // what the panel shows stays in sight above it, whatever it is scrolled to
    const marker = link.dataset.marker;
    const item = link.closest("li") ?? link.closest(".nd-answer")?.querySelector(`.nd-found li[data-marker="${marker}"]`);
    const copy = link.closest(".nd-copies");
    const more = document.querySelector(".nd-opened-more");
    const page = Object.assign(document.createElement("a"), { href: link.href, target: "_blank", rel: "noopener", textContent: "Article’s page" });
    document.querySelector(".nd-opened-title").textContent = (copy ? link : item?.querySelector(".nd-headline") ?? link).textContent;
    const [origin, copies] = [".nd-origin", ".nd-copies"].map((name) => (copy ? null : item?.querySelector(name)?.cloneNode(true)));
    more.replaceChildren(...[origin, origin && " · ", page, copies].filter(Boolean));
    document.querySelector(".nd-opened").hidden = false;
  };
  const closeSource = () => { // back to the hint
    opened.address = "";
    document.querySelector(".nd-opened").hidden = true;
    const frame = document.querySelector('iframe[name="source"]');
    frame.srcdoc = frame.srcdoc;
    cover(false);
  };
  const goBack = () => {
    cover(false);
    opened.link?.focus();
  };
  // The browser's Back uncovers the page, too: what covers it has an entry in the history, and the frame makes none beside it.
  const READING = "newsdesk-reading";
  const isReading = () => window.history.state?.[READING] === true;
  const coverInHistory = (link) => {
    document.querySelector('iframe[name="source"]').contentWindow.location.replace(link.href);
    if (!isReading()) window.history.pushState({ ...window.history.state, [READING]: true }, "");
  };
  const leave = () => (isReading() ? window.history.back() : goBack());
  window.addEventListener("popstate", () => {
    if (!isReading() && document.querySelector("#nd-desk").matches(".nd-reading") && narrow.matches) goBack();
  });
  if (isReading()) window.history.back(); // the page was loaded again while an article covered it
  narrow.addEventListener("change", () => cover(false));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[target="source"]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      if (event.pointerType === "touch" && link.matches(".nd-marker") && !toldOf(link)) {
        event.preventDefault();
        return tell(link, true);
      }
      hush();
      document.querySelector('a[aria-current="true"]')?.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      Object.assign(opened, { address: link.getAttribute("href"), link: link.closest("#nd-panel") ? opened.link : link });
      showOpened(link);
      cover(true);
      if (narrow.matches) {
        event.preventDefault();
        coverInHistory(link);
        document.querySelector(".nd-back").focus();
      }
    }
    if (event.target.closest(".nd-back")) leave();
  }, true);

  // What a number stands for, when it is pointed at, focused or touched: outlet, day and paragraph.
  const pop = Object.assign(document.createElement("div"), { id: "nd-pop", role: "tooltip", hidden: true });
  const paragraphs = new Map();
  let told = null;
  let later = 0;
  const toldOf = (link) => told === link && !pop.hidden;
  const hush = () => {
    clearTimeout(later);
    told?.removeAttribute("aria-describedby");
    told = null;
    pop.hidden = true;
  };
  const place = () => {
    const at = told.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = pop;
    pop.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
    pop.style.top = `${at.bottom + height + 8 < window.innerHeight ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
  };
  const paragraphOf = async (link) => {
    const address = link.getAttribute("href");
    if (!paragraphs.has(address)) {
      const response = await fetch(address.split("#")[0]);
      const page = new DOMParser().parseFromString(response.ok ? await response.text() : "", "text/html");
      paragraphs.set(address, page.getElementById(address.split("#")[1] ?? ""));
    }
    return paragraphs.get(address);
  };
  const part = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text, className: name, dir: "auto" });
  const tell = (link, touched = false) => {
    hush();
    told = link;
    const text = part("p", `“${link.dataset.shown}”`, "nd-pop-text");
    pop.replaceChildren(part("p", link.dataset.origin, "nd-pop-origin"), text);
    if (touched) {
      const open = Object.assign(part("button", "Open the article", "nd-pop-open"), { type: "button" });
      open.addEventListener("click", () => link.click());
      pop.append(open);
    }
    document.querySelector(".gradio-container").append(pop);
    pop.hidden = false;
    link.setAttribute("aria-describedby", pop.id);
    place();
    later = setTimeout(async () => {
      const whole = await paragraphOf(link).catch(() => null);
      if (told !== link || !whole) return;
      const nodes = [...whole.childNodes].filter((node) => !node.matches?.(".here"));
      text.replaceChildren(...nodes.map((node) => (node.nodeName === "MARK" ? part("mark", node.textContent, "") : node.textContent)));
      place();
      const mark = text.querySelector("mark");
      if (mark) text.scrollTop = mark.offsetTop - text.offsetTop - 24;
    }, 250);
  };
  const over = (event) => event.target.closest?.(".nd-marker");
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (over(event) && !toldOf(over(event))) tell(over(event));
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType === "touch" || !told) return;
    setTimeout(() => { if (told && !told.matches(":hover, :focus-visible") && !pop.matches(":hover")) hush(); }, 200);
  });
  document.addEventListener("focusin", (event) => {
    if (over(event)?.matches(":focus-visible")) tell(over(event));
  });
  document.addEventListener("focusout", (event) => { if (told && over(event) === told && !pop.matches(":hover")) hush(); });
  document.addEventListener("pointerdown", (event) => { if (told && !pop.contains(event.target) && over(event) !== told) hush(); });
  document.addEventListener("scroll", (event) => { if (told && !pop.contains(event.target)) hush(); }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (told) hush();
    else if (document.querySelector("#nd-desk").matches(".nd-reading") && narrow.matches) leave();
  });
