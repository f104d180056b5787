  // When the service goes away the page says so, and comes back by itself: what was typed or being asked is kept in the tab.
  const CALM = 10000;
  const KEEN = 2000;
  let missed = 0;
  const isThere = () => fetch("healthz", { cache: "no-store" }).then(() => true, () => false);
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    const there = document.hidden || (await isThere());
    if (there && missed > 1) return window.location.reload();
    missed = there ? 0 : missed + 1;
    const word = document.querySelector("#nd-away");
    word.hidden = missed < 2;
    const said = word.hidden ? "" : "Newsdesk cannot be reached. Your questions are kept here, and the page goes on by itself when it is back.";
    if (word.textContent !== said) word.textContent = said;
    clearTimeout(timer);
    timer = setTimeout(look, missed ? KEEN : CALM);
  };
  for (const [where, event] of [[window, "offline"], [window, "online"], [document, "visibilitychange"], [document, "unanswered"]]) {
    where.addEventListener(event, look);
  }
  timer = setTimeout(look, CALM);

  // Whoever is signed in with a key can sign out here.
  const signedIn = async () => {
    const { name } = await (await fetch("signin", { headers: { accept: "application/json" }, cache: "no-store" })).json();
    const form = document.querySelector("#nd-sign-out");
    form.hidden = !name;
    form.querySelector("button").title = `Signed in as ${name}`;
  };
  signedIn().catch(() => {}); // the service is away, which is told elsewhere
