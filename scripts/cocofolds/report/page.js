"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const figures = all(".gallery figure");

  // Paper does not open what is closed.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  // A link to what is closed opens it.
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  if (!figures.length) return;

  const [category, split, fold, warned, masks] = [
    "#category", "#split", "#fold", "#warned", "#masks",
  ].map(one);
  const largeMasks = one("#large-masks");
  const foldsOf = new Map(figures.map((f) => [f, JSON.parse(f.dataset.folds)]));
  // Fold 0 is that of the images that are in no fold.
  const placeOf = (some) => some[0] === 0 ? " · hold-out" : ` · fold ${some.join(", ")}`;
  const folds = (figure) => foldsOf.get(figure)[split.value];
  const visible = () => figures.filter((figure) => !figure.hidden);

  const listFolds = () => {
    const some = new Set(figures.flatMap(folds));
    const numbers = [...some].sort((a, b) => a - b);
    fold.replaceChildren(
      new Option("All", ""), ...numbers.map((number) => new Option(number || "hold-out", number)),
    );
    for (const figure of figures) {
      figure.querySelector(".fold").textContent = placeOf(folds(figure));
    }
  };

  const filter = () => {
    for (const figure of figures) {
      const has = figure.dataset.choices.split(" ").includes(category.value);
      figure.hidden = (category.value !== "" && !has)
        || (fold.value !== "" && !folds(figure).includes(Number(fold.value)))
        || (warned.checked && !("warned" in figure.dataset));
    }
    const n = visible().length;
    one("#shown").textContent = `${n} of ${figures.length} images`;
    one(".nothing").hidden = n > 0;
  };

  const showMasks = (event) => {
    const isShown = event.target.checked;
    masks.checked = largeMasks.checked = isShown;
    document.documentElement.classList.toggle("no-masks", !isShown);
  };

  const dialog = one("dialog");
  let current = null;
  const enlarge = (figure) => {
    current = figure;
    one("#large-title").textContent = figure.querySelector("h3").textContent;
    const layers = figure.querySelectorAll("img");
    one(".stage").replaceChildren(...[...layers].map((image) => image.cloneNode()));
    const caption = figure.querySelector("figcaption").cloneNode(true);
    one(".about").replaceChildren(...caption.children);
    if (dialog.open) return;
    dialog.showModal();
    one("#next").focus();
  };
  const step = (by) => {
    const some = visible();
    enlarge(some[(some.indexOf(current) + by + some.length) % some.length]);
  };

  for (const figure of figures) {
    figure.querySelector(".picture").addEventListener("click", () => enlarge(figure));
  }
  one("#previous").addEventListener("click", () => step(-1));
  one("#next").addEventListener("click", () => step(1));
  one("#close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
  });
  dialog.addEventListener("close", () => current.querySelector(".picture").focus());

  split.addEventListener("change", () => {
    listFolds();
    filter();
  });
  for (const input of [category, fold, warned]) input.addEventListener("change", filter);
  for (const input of [masks, largeMasks]) input.addEventListener("change", showMasks);
  one("#reset").addEventListener("click", () => {
    one(".filters").reset();
    showMasks({ target: masks });
    listFolds();
    filter();
  });
  one(".filters").addEventListener("submit", (event) => event.preventDefault());
  // The browser may remember what was chosen before the page was loaded again.
  one(".filters").reset();
  one(".filters").hidden = false;
  listFolds();
  filter();
})();
