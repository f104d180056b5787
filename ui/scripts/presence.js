  // When the service goes away the page says so, and comes back by itself: what was typed or being asked is kept in the tab.
  const CALM = 10000;
  const KEEN = 2000;
  let missed = 0;
  const isThere = () => fetch("healthz", { cache: "no-store" }).then(() => true, () => false);
  const look = async () => {
    if (document.hidden) return setTimeout(look, KEEN);
    const there = await isThere();
    if (there && missed > 1) return window.location.reload();
    missed = there ? 0 : missed + 1;
    const word = document.querySelector("#nd-away");
    word.hidden = missed < 2;
    const said = missed < 2 ? "" : "Newsdesk cannot be reached. Your questions are kept here, and the page goes on by itself when it is back.";
    if (word.textContent !== said) word.textContent = said;
    setTimeout(look, missed ? KEEN : CALM);
  };
  setTimeout(look, CALM);
