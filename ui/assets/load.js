// Files dropped or chosen become articles: on the page /load, and on the first sight of an empty archive (.nl-drop).
(() => {
  const MOST_BYTES = 60 * 1024 ** 2; // of one request, with room for what is around the files
  const MOST_FILES = 200;
  const PASSED_OVER = /^(?:\.|(?:readme|licen[cs]e|copying|notice)(?:\.\w+)?$)/i; // in folders, as `newsdesk ingest` does
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });

  // A service that is busy, or away for a moment, is asked again.
  const asked = async (path, options) => {
    for (let turn = 0; ; turn += 1) {
      let answer;
      try {
        answer = await fetch(`api/uploads${path}`, options);
      } catch {
        if (turn >= 20) throw new Error("The service cannot be reached.");
        await pause(3000);
        continue;
      }
      if (answer.ok) return answer.json();
      if (answer.status !== 503 || turn >= 100) throw new Error((await answer.json().catch(() => ({}))).detail ?? `The service answered ${answer.status}.`);
      await pause(1000 * (Number(answer.headers.get("Retry-After")) || 5));
    }
  };

  const inside = async (entry) => { // a folder is read in parts of a hundred
    if (entry.isFile) return PASSED_OVER.test(entry.name) ? [] : [await new Promise((resolve, reject) => { entry.file(resolve, reject); })];
    if (entry.name.startsWith(".")) return [];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
      if (!some.length) return found;
      for (const each of some) found.push(...await inside(each));
    }
  };
  const dropped = async (transfer) => {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
    const files = [...transfer.files];
    if (!entries.some((entry) => entry?.isDirectory)) return files;
    return (await Promise.all(entries.filter(Boolean).map(inside))).flat();
  };

  const report = (place) => {
    const total = { added: 0, updated: 0, unchanged: 0, other: 0, rejected: 0, samples_left: 0 };
    const bar = made("progress", "", { ariaLabel: "Read" });
    const told = made("p", "", { className: "nl-told" });
    const list = made("ul", "", { className: "nl-rejects" });
    const heading = made("h2", "Not taken in", { hidden: true });
    told.setAttribute("role", "status");
    place.replaceChildren(bar, told, heading, list);
    place.hidden = false;
    const sums = () => [
      `${counted(total.added, "article")} added`,
      total.updated && `${total.updated.toLocaleString("en")} updated`,
      total.unchanged && `${total.unchanged.toLocaleString("en")} unchanged`,
      total.other && `${total.other.toLocaleString("en")} held back`,
      total.rejected && `${total.rejected.toLocaleString("en")} not taken in`,
    ].filter(Boolean).join(", ");
    return {
      problem: (name, reason) => {
        heading.hidden = false;
        const item = made("li", "");
        item.append(made("strong", name, { dir: "auto" }), made("span", ` ${reason}`));
        list.append(item);
      },
      count: (upload) => {
        Object.keys(total).forEach((name) => { total[name] += upload[name]; });
      },
      refused: (number) => { total.rejected += number; },
      progress: (done, all, doing) => {
        bar.max = all;
        bar.value = done;
        told.textContent = `${doing} ${counted(all, "file")}: ${done.toLocaleString("en")} done`;
      },
      finish: () => {
        bar.remove();
        const sample = total.samples_left ? ` The ${counted(total.samples_left, "sample article")} made way.` : "";
        told.textContent = `Finished: ${sums()}.${sample} `;
        if (total.added + total.updated + total.unchanged) told.append(made("a", "Ask about them", { href: "./" }));
      },
    };
  };

  const followed = async (upload, each) => {
    let now = upload;
    while (!now.finished) {
      await pause(400);
      now = await asked(`/${upload.id}`);
      each(now);
    }
    return now;
  };

  let busy = false;
  const send = async (place, files) => {
    if (busy || !files.length) return;
    busy = true;
    const shown = report(place);
    const small = files.filter((file) => file.size <= MOST_BYTES);
    files.filter((file) => file.size > MOST_BYTES).forEach((file) => {
      shown.refused(1);
      shown.problem(file.name, `is larger than ${MOST_BYTES / 1024 ** 2} MiB, the most that is sent from a page; use: newsdesk ingest`);
    });
    let done = 0;
    try {
      for (let next = 0; next < small.length;) {
        const body = new FormData();
        let [bytes, some] = [0, 0];
        while (next < small.length && some < MOST_FILES && bytes + small[next].size <= MOST_BYTES) {
          body.append("files", small[next], small[next].name); // the name alone, not the folders around it
          bytes += small[next].size;
          some += 1;
          next += 1;
        }
        shown.progress(done, small.length, "Sending");
        const upload = await asked("", { method: "POST", body });
        const end = await followed(upload, (now) => shown.progress(done + now.done, small.length, "Reading"));
        if (end.failed) shown.problem("This upload", end.failed);
        end.rejects.forEach((each) => shown.problem(each.name, each.reason));
        shown.count(end);
        done += some;
      }
    } catch (error) {
      shown.problem("The upload stopped:", error.message);
    }
    shown.finish();
    busy = false;
  };

  const placeFor = (element) => element.closest(".nl")?.querySelector(".nl-report") ?? document.querySelector(".nl-report");
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files") || !document.querySelector(".nl")) return;
    event.preventDefault(); // or the browser would leave this page for the file
    document.querySelectorAll(".nl-drop").forEach((zone) => zone.classList.add("nl-over"));
  });
  ["dragleave", "drop"].forEach((type) => document.addEventListener(type, (event) => {
    if (type === "drop" || !event.relatedTarget) document.querySelectorAll(".nl-drop").forEach((zone) => zone.classList.remove("nl-over"));
  }));
  document.addEventListener("drop", async (event) => {
    const place = document.querySelector(".nl-report");
    if (!place || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    send(place, await dropped(event.dataTransfer));
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".nl input[type=file]")) return;
    const folder = event.target.webkitdirectory;
    const files = [...event.target.files].filter((file) => !folder || !PASSED_OVER.test(file.name));
    event.target.value = "";
    send(placeFor(event.target), files);
  });
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches(".nl-address")) return;
    event.preventDefault();
    const shown = report(placeFor(event.target));
    try {
      const address = event.target.elements.address.value.trim();
      const upload = await asked("/address", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ address }) });
      shown.progress(0, 1, "Fetching");
      const end = await followed(upload, () => {});
      if (end.failed) shown.problem(address, end.failed);
      end.rejects.forEach((each) => shown.problem(each.name, each.reason));
      shown.count(end);
    } catch (error) {
      shown.problem("Not fetched:", error.message);
    }
    shown.finish();
  });
})();
