  // Conversations are kept in this browser: each under a key of its own, so that two tabs do not overwrite each other's. Which
  // one a tab shows, what is typed and what is being asked there belongs to the tab, and is still there after a reload.
  const PREFIX = "newsdesk-conversation-";
  const MOST = 40; // exchanges, as in conversation.py
  const ROOM = 600000; // bytes that are sent along with a question: the service takes a mebibyte
  const spare = new Map(); // for a browser that keeps nothing
  const spareStorage = {
    getItem: (key) => spare.get(key) ?? null,
    setItem: (key, value) => spare.set(key, value),
    removeItem: (key) => spare.delete(key),
    keys: () => [...spare.keys()],
  };
  const storage = (name) => {
    try {
      window[name].setItem("newsdesk-try", "");
      window[name].removeItem("newsdesk-try");
      return window[name];
    } catch { // switched off, or full: then it can still be read
      return window[name]?.length ? window[name] : spareStorage;
    }
  };
  const ofBrowser = storage("localStorage");
  const ofTab = storage("sessionStorage");
  const say = (text) => { document.querySelector("#nd-told").textContent = text; };
  const newId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const current = () => {
    if (!ofTab.getItem("newsdesk-current")) ofTab.setItem("newsdesk-current", newId());
    return ofTab.getItem("newsdesk-current");
  };
  const read = (id) => {
    try {
      const found = JSON.parse(ofBrowser.getItem(PREFIX + id));
      return Array.isArray(found?.exchanges) ? found : null;
    } catch {
      return null;
    }
  };
  const everyOne = () => (ofBrowser.keys?.() ?? Object.keys(ofBrowser))
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => read(key.slice(PREFIX.length)))
    .filter(Boolean)
    .sort((one, other) => other.changed - one.changed);
  const write = (kept) => {
    for (;;) {
      try {
        return ofBrowser.setItem(PREFIX + kept.id, JSON.stringify(kept));
      } catch {
        const oldest = everyOne().filter((each) => each.id !== kept.id).pop();
        if (!oldest) return say("This browser has no room to keep the conversation.");
        ofBrowser.removeItem(PREFIX + oldest.id);
      }
    }
  };
  const save = (kept) => {
    if (!kept?.id || (kept.id !== current() && !read(kept.id))) return; // it was deleted meanwhile
    const exchanges = new Map((read(kept.id)?.exchanges ?? []).map((each) => [each.key, each]));
    kept.exchanges.forEach((each) => exchanges.set(each.key, each));
    if (!exchanges.size) return;
    write({ id: kept.id, exchanges: [...exchanges.values()].slice(-MOST), changed: Date.now(), filters: filtersOf(kept.id) });
    if (kept.id === current() && [...exchanges.keys()].some((key) => !sent.has(key) && !kept.exchanges.some((each) => each.key === key))) show(); // another tab asked too
  };
  // Days and outlets that were chosen belong to the conversation: they come back with it, in another tab too.
  const filtersOf = (id) => (id === current() ? window.newsdeskFilters?.value() : null) ?? read(id)?.filters ?? {};
  document.addEventListener("narrowed", () => {
    const kept = read(current());
    if (kept) write({ ...kept, filters: window.newsdeskFilters.value() });
  });
  let sent = new Set();
  const toSend = () => {
    let exchanges = read(current())?.exchanges ?? [];
    sent = new Set(exchanges.map((each) => each.key));
    while (exchanges.length > 1 && new Blob([JSON.stringify(exchanges)]).size > ROOM) exchanges = exchanges.slice(1);
    return exchanges;
  };
  const show = () => document.dispatchEvent(new Event("open"));
  const turnTo = (id) => {
    endAsking();
    closeSource();
    ofTab.removeItem("newsdesk-asked");
    ofTab.setItem("newsdesk-current", id);
    window.newsdeskFilters?.choose(read(id)?.filters ?? {});
  };
  window.newsdesk = {
    kept: () => ({
      id: current(),
      exchanges: toSend(),
      asked: ofTab.getItem("newsdesk-asked") ?? "",
      site: window.location.origin + window.location.pathname,
    }),
    asks: (text) => {
      ofTab.setItem("newsdesk-asked", text.trim());
      ofTab.removeItem("newsdesk-draft");
      return window.newsdesk.kept();
    },
    underWay: () => ofTab.getItem("newsdesk-asked") ?? "",
  };
  const newsdesk = window.newsdesk;
  const keep = (event) => {
    ofTab.removeItem("newsdesk-asked");
    save(event.detail);
  };
  document.addEventListener("answered", keep); // chat.py says so; the next too
  document.addEventListener("unanswered", () => setTimeout(() => { if (!asking) ofTab.removeItem("newsdesk-asked"); }));
  document.addEventListener("changed", (event) => (ending ? keep(event) : save(event.detail)), true);
  let restored = false;
  document.addEventListener("opened", () => {
    if (restored || !box()) return;
    restored = true;
    const asked = newsdesk.underWay();
    ofTab.removeItem("newsdesk-asked");
    if (box().value) return;
    refill(asked || (ofTab.getItem("newsdesk-draft") ?? ""));
    if (asked) say("Your last question was not answered yet. It is in the box again.");
  });
  document.addEventListener("input", (event) => {
    if (event.target === box() && restored) ofTab.setItem("newsdesk-draft", box().value);
  });
  window.addEventListener("storage", (event) => { // another tab goes on with this conversation, or deleted it
    if (event.key === PREFIX + current() && !asking) show();
  });

  // The list of conversations.
  const byId = (id) => document.getElementById(id);
  const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });
  const questions = (number) => `${number} question${number === 1 ? "" : "s"}`;
  const row = (kept) => {
    const name = kept.exchanges[0]?.question ?? "Conversation";
    const day = new Date(kept.changed).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const open = made("button", "", { type: "button", className: "nd-open" });
    open.append(made("strong", name, { dir: "auto" }), made("span", `${questions(kept.exchanges.length)} · ${day}`));
    if (kept.id === current()) open.setAttribute("aria-current", "true");
    const remove = made("button", "Delete", { type: "button", className: "nd-delete", ariaLabel: `Delete: ${name}` });
    const item = made("li", "");
    item.dataset.id = kept.id;
    item.append(open, remove);
    return item;
  };
  const fillList = () => {
    const kept = everyOne();
    const empty = made("li", "Nothing has been asked in this browser yet.", { className: "nd-hint" });
    byId("nd-conversations").querySelector("ul").replaceChildren(...(kept.length ? kept.map(row) : [empty]));
    byId("nd-delete-all").hidden = !kept.length;
  };
  const sure = (button) => { // a second press deletes
    if (button.dataset.sure) return true;
    button.dataset.sure = "yes";
    button.textContent = "Really delete?";
    button.ariaLabel = `Really ${(button.ariaLabel ?? "delete all").replace(/^Delete/, "delete")}`;
    return false;
  };
  const forget = (kept) => {
    kept.forEach((id) => ofBrowser.removeItem(PREFIX + id));
    say("Deleted.");
    if (!kept.includes(current())) return;
    turnTo(newId());
    show();
  };
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("#nd-tools button, #nd-new");
    if (!pressed) return;
    const { id } = pressed.closest("li")?.dataset ?? {};
    if (pressed.id === "nd-new") {
      turnTo(newId());
      box().focus();
    } else if (pressed.id === "nd-list") {
      fillList();
      byId("nd-conversations").showModal();
    } else if (pressed.id === "nd-save") {
      byId("nd-export").showModal();
    } else if (pressed.matches(".nd-close")) {
      pressed.closest("dialog").close();
    } else if (pressed.matches(".nd-open")) {
      byId("nd-conversations").close();
      if (id === current()) return;
      turnTo(id);
      show();
    } else if (pressed.matches(".nd-delete") && sure(pressed)) {
      forget([id]);
      fillList();
      byId("nd-conversations").querySelector("li button, .nd-close").focus();
    } else if (pressed.id === "nd-delete-all" && sure(pressed)) {
      forget(everyOne().map((each) => each.id));
      byId("nd-conversations").close();
      pressed.textContent = "Delete all";
      pressed.ariaLabel = null;
      delete pressed.dataset.sure;
    } else if (pressed.dataset.form) {
      document.dispatchEvent(new CustomEvent("export", { detail: { form: pressed.dataset.form } }));
    }
  }, true);
  document.addEventListener("exported", (event) => { // chat.py wrote it
    if (!event.detail?.name) return;
    const address = URL.createObjectURL(new Blob([event.detail.text], { type: event.detail.type }));
    made("a", "", { href: address, download: event.detail.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    byId("nd-export").close();
    say(`Saved as ${event.detail.name}.`);
  });

  // An answer with its citations, to be pasted elsewhere. Only pages with https or on this machine get at the clipboard.
  const copyText = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = made("textarea", text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".nd-copy");
    if (!button) return;
    const name = button.textContent;
    const done = await copyText(button.dataset.copy).then(() => "Copied", () => "This browser does not allow it");
    button.textContent = done;
    say(done);
    setTimeout(() => { button.textContent = name; }, 2000);
  });
