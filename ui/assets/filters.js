// The controls of days and outlets, on the page of questions and on that of searching (templates/filters.html). On the first the
// choice belongs to the tab and is read by what asks (newsdeskFilters.value()); on the second it is a form, which is sent.
(() => {
  const KEPT = "newsdesk-filters";
  const DAY = 86_400_000;
  const MOST_SHOWN = 12; // outlets without a box to find others in
  const time = (day) => Date.parse(`${day}T00:00:00Z`);
  const written = (moment) => new Date(moment).toISOString().slice(0, 10);
  const inWords = (day) => new Date(time(day)).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time(text));
  const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });

  const get = async (path, parameters) => {
    const query = new URLSearchParams(parameters).toString();
    const answer = await fetch(`api/${path}${query ? `?${query}` : ""}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };

  const keep = (chosen) => {
    try { sessionStorage.setItem(KEPT, JSON.stringify(chosen)); } catch { /* a browser that keeps nothing */ }
  };
  const kept = () => {
    try {
      const found = JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
      return { sources: [...(found.sources ?? [])], published_from: found.published_from ?? "", published_to: found.published_to ?? "", as_of: found.as_of ?? "" };
    } catch {
      return { sources: [], published_from: "", published_to: "", as_of: "" };
    }
  };

  const setUp = (root) => {
    root.dataset.ready = "";
    const one = (selector) => root.querySelector(selector);
    const form = root.closest("form");
    const more = one("details");
    const fields = { published_from: one("[name=published_from]"), published_to: one("[name=published_to]"), as_of: one("[name=as_of]") };
    const chosen = form
      ? { sources: [...root.querySelectorAll("[name=source]:checked")].map((box) => box.value), ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value])) }
      : kept();
    let outlets = [];
    let line = null; // what /api/timeline said
    let asked = 0;

    // What is chosen, shown and kept.
    const changed = () => {
      if (chosen.published_from && chosen.published_to && chosen.published_from > chosen.published_to) {
        [chosen.published_from, chosen.published_to] = [chosen.published_to, chosen.published_from];
      }
      if (!form) {
        keep(chosen);
        document.dispatchEvent(new Event("narrowed")); // conversations.js keeps it
      }
      show();
      if (more.open) load();
    };
    const show = () => {
      Object.entries(fields).forEach(([name, field]) => { if (field.value !== chosen[name]) field.value = chosen[name]; });
      showChips();
      showBrush();
      root.querySelectorAll("[data-days]").forEach((button) => button.setAttribute("aria-pressed", String(isPreset(button.dataset.days))));
    };
    const showChips = () => {
      const chips = [];
      const chip = (text, remove) => {
        const item = made("li", "");
        const button = made("button", "×", { type: "button", ariaLabel: `Remove: ${text}` });
        button.addEventListener("click", () => {
          remove();
          changed();
          if (form) form.requestSubmit();
          else (one(".nf-chips button") ?? one("summary")).focus();
        });
        item.append(made("span", text, { dir: "auto" }), button);
        chips.push(item);
      };
      const { published_from: from, published_to: to } = chosen;
      const forget = () => { chosen.published_from = chosen.published_to = ""; };
      if (from && to) chip(from === to ? inWords(from) : `${inWords(from)} – ${inWords(to)}`, forget);
      else if (from) chip(`from ${inWords(from)}`, forget);
      else if (to) chip(`until ${inWords(to)}`, forget);
      if (chosen.as_of) chip(`as of ${inWords(chosen.as_of)}`, () => { chosen.as_of = ""; });
      chosen.sources.forEach((source) => chip(source || "no outlet named", () => { chosen.sources = chosen.sources.filter((each) => each !== source); }));
      one(".nf-chips").replaceChildren(...chips);
    };

    // Days: presets, counted back from the newest article, and two fields.
    const preset = (days) => {
      if (!days || !line?.last) return ["", ""];
      return [written(time(line.last) - (Number(days) - 1) * DAY), line.last];
    };
    const isPreset = (days) => {
      const [from, to] = preset(days);
      return from === chosen.published_from && to === chosen.published_to;
    };
    root.querySelectorAll("[data-days]").forEach((button) => button.addEventListener("click", () => {
      [chosen.published_from, chosen.published_to] = preset(button.dataset.days);
      changed();
    }));
    Object.entries(fields).forEach(([name, field]) => field.addEventListener("change", () => {
      chosen[name] = isDay(field.value) ? field.value : "";
      changed();
    }));

    // The picture: a bar for each span of days; two ends that are dragged, or moved by keys.
    const picture = one(".nf-picture");
    let starts = []; // the first day of each span, from the oldest to one behind the newest
    const spanAt = (day) => {
      let place = 0;
      while (place + 1 < starts.length - 1 && starts[place + 1] <= time(day)) place += 1;
      return place;
    };
    const bounds = () => [
      chosen.published_from ? spanAt(chosen.published_from) : 0,
      chosen.published_to ? spanAt(chosen.published_to) : Math.max(0, starts.length - 2),
    ];
    const layOut = () => {
      if (!line?.first) return;
      const next = (moment) => {
        if (line.step !== "month") return moment + (line.step === "week" ? 7 : 1) * DAY;
        const day = new Date(moment);
        return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1);
      };
      let moment = time(line.first);
      if (line.step === "month") moment = time(`${line.first.slice(0, 7)}-01`);
      if (line.step === "week") moment -= ((new Date(moment).getUTCDay() + 6) % 7) * DAY;
      starts = [];
      for (; moment <= time(line.last); moment = next(moment)) starts.push(moment);
      starts.push(moment);
      const most = Math.max(1, ...line.spans.map((span) => span.articles));
      const height = new Map(line.spans.map((span) => [time(span.start), Math.max(4, 96 * span.articles / most)]));
      const bars = starts.slice(0, -1).map((start, place) => {
        const high = height.get(start);
        return high ? `M${place + 0.1} 100v${-high}h.8v${high}z` : "";
      });
      one("svg").setAttribute("viewBox", `0 0 ${starts.length - 1} 100`);
      one(".nf-bars").setAttribute("d", bars.join(""));
      const [first, last] = root.querySelectorAll(".nf-axis span");
      first.textContent = inWords(line.first);
      last.textContent = inWords(line.last);
      const several = starts.length > 2;
      picture.hidden = one(".nf-axis").hidden = !several;
      one(".nf-presets").hidden = false;
      show();
    };
    const showBrush = () => {
      if (starts.length < 3) return;
      const [from, to] = bounds();
      const whole = starts.length - 1;
      one(".nf-brush").setAttribute("x", from);
      one(".nf-brush").setAttribute("width", Math.max(0, to - from + 1));
      [["from", from, chosen.published_from || line.first], ["to", to, chosen.published_to || line.last]].forEach(([end, place, day]) => {
        const thumb = one(`[data-end=${end}]`);
        thumb.style.left = `${100 * (end === "from" ? place : place + 1) / whole}%`;
        thumb.setAttribute("aria-valuemin", 0);
        thumb.setAttribute("aria-valuemax", whole - 1);
        thumb.setAttribute("aria-valuenow", place);
        thumb.setAttribute("aria-valuetext", inWords(day));
      });
    };
    const brush = (from, to) => {
      const last = starts.length - 2;
      const [low, high] = [Math.max(0, Math.min(from, to)), Math.min(last, Math.max(from, to))];
      chosen.published_from = low <= 0 ? "" : written(starts[low]);
      chosen.published_to = high >= last ? "" : written(starts[high + 1] - DAY);
    };
    const placeOf = (event) => {
      const box = picture.getBoundingClientRect();
      const share = Math.min(0.9999, Math.max(0, (event.clientX - box.left) / box.width));
      return Math.floor(share * (starts.length - 1));
    };
    picture.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const end = event.target.closest(".nf-thumb")?.dataset.end;
      const [from, to] = bounds();
      const still = end === "from" ? to : end === "to" ? from : placeOf(event);
      const move = (moved) => { brush(still, placeOf(moved)); show(); };
      const drop = () => {
        picture.removeEventListener("pointermove", move);
        picture.removeEventListener("pointerup", drop);
        picture.removeEventListener("pointercancel", drop);
        changed();
      };
      picture.setPointerCapture(event.pointerId);
      picture.addEventListener("pointermove", move);
      picture.addEventListener("pointerup", drop);
      picture.addEventListener("pointercancel", drop);
      if (!end) move(event);
    });
    picture.addEventListener("keydown", (event) => {
      const end = event.target.closest(".nf-thumb")?.dataset.end;
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -1e6, End: 1e6 }[event.key];
      if (!end || !steps) return;
      event.preventDefault();
      const [from, to] = bounds();
      if (end === "from") brush(Math.min(to, from + steps), to);
      else brush(from, Math.max(from, to + steps));
      changed();
    });

    // Outlets: those with most articles of the chosen days first.
    const find = one(".nf-find");
    const rowOf = (source) => {
      const item = made("li", "");
      const label = made("label", "");
      const box = made("input", "", { type: "checkbox", name: "source", value: source });
      label.append(box, made("span", source || "no outlet named", { dir: "auto" }), made("span", "", { className: "nf-number" }));
      item.append(label);
      return item;
    };
    one(".nf-outlets").addEventListener("change", ({ target }) => {
      chosen.sources = chosen.sources.filter((each) => each !== target.value).concat(target.checked ? [target.value] : []);
      changed();
    });
    const showOutlets = () => {
      const wanted = find.value.trim().toLocaleLowerCase();
      const named = outlets.filter((each) => !wanted || each.source.toLocaleLowerCase().includes(wanted));
      const missing = chosen.sources.filter((source) => !outlets.some((each) => each.source === source));
      const listed = [...missing.map((source) => ({ source, articles: 0 })), ...named].slice(0, 200);
      const boxes = new Map([...root.querySelectorAll("input[type=checkbox][name=source]")].map((box) => [box.value, box]));
      const rows = listed.map(({ source, articles }) => { // a row that is there is kept, and the focus with it
        const row = boxes.get(source)?.closest("li") ?? rowOf(source);
        row.querySelector("input").checked = chosen.sources.includes(source);
        row.querySelector(".nf-number").textContent = articles.toLocaleString("en");
        return row;
      });
      const hidden = form ? chosen.sources.filter((source) => !missing.includes(source) && !named.some((each) => each.source === source)) : [];
      const carried = hidden.map((source) => { // chosen, but not among those that were looked for
        const item = made("li", "", { hidden: true });
        item.append(made("input", "", { type: "hidden", name: "source", value: source }));
        return item;
      });
      const items = [...rows, ...carried];
      const list = one(".nf-outlets");
      const same = items.length === list.children.length && items.every((item, place) => item === list.children[place]);
      if (!same) {
        const focused = document.activeElement;
        list.replaceChildren(...items);
        if (list.contains(focused)) focused.focus();
      }
      find.hidden = outlets.length <= MOST_SHOWN;
      const articles = outlets.filter((each) => !chosen.sources.length || chosen.sources.includes(each.source)).reduce((sum, each) => sum + each.articles, 0);
      one(".nf-count").textContent = `${articles.toLocaleString("en")} article${articles === 1 ? "" : "s"}`;
    };
    find.addEventListener("input", showOutlets);
    find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });

    const load = async () => {
      const turn = asked += 1;
      const days = Object.entries(fields).map(([name]) => [name, chosen[name]]).filter(([, day]) => day);
      try {
        const [counted, over] = await Promise.all([
          get("outlets", days),
          get("timeline", chosen.sources.map((source) => ["source", source])),
        ]);
        if (turn !== asked) return; // something else was chosen meanwhile
        outlets = counted.outlets;
        line = over;
        layOut();
        showOutlets();
      } catch {
        one(".nf-count").textContent = "The service cannot be reached.";
      }
    };

    one(".nf-close").addEventListener("click", () => {
      if (form) return form.requestSubmit();
      more.open = false;
      one("summary").focus();
    });
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !more.open) return;
      more.open = false;
      one("summary").focus();
    });
    document.addEventListener("pointerdown", (event) => { if (!form && more.open && !root.contains(event.target)) more.open = false; });
    more.addEventListener("toggle", () => { if (more.open) load(); });
    if (form) one(".nf-close").textContent = "Search";
    show();
    if (more.open) load();
    if (!form) document.addEventListener("choose", () => { Object.assign(chosen, kept()); show(); if (more.open) load(); });
  };

  window.newsdeskFilters = {
    choose: (filters) => { // those of another conversation
      keep(filters);
      document.dispatchEvent(new Event("choose"));
    },
    value: () => Object.fromEntries(Object.entries(kept()).filter(([, chosen]) => chosen.length)),
  };
  const look = () => document.querySelectorAll("[data-filters]:not([data-ready])").forEach(setUp);
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  look();
})();
