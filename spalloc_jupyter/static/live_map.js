// The live board map: the drawing comes once as SVG, then one or two bytes a board say who has it.
//
// Names come from a server and are only ever set as text. Nothing is asked of any network. What is used here and not
// made here is in map_parts.js.

/** Everything about one map on the page. */
class BoardMap {
  constructor(model, el) {
    this.model = model;
    this.root = element("div", "spalloc-live-map", el);
    this.window = element("div", "spalloc-live-map-window", this.root);
    this.legend = element("div", "spalloc-live-map-legend", this.root);
    this.tip = new Tip(this.root);
    this.build();
  }

  build() {
    const parsed = new DOMParser().parseFromString(this.model.get("svg"), "image/svg+xml");
    this.svg = document.importNode(parsed.documentElement, true);
    this.svg.querySelectorAll("title, .labels").forEach((node) => node.remove());
    this.unit = Number(this.svg.dataset.side);
    const [, , width] = this.svg.getAttribute("viewBox").split(" ").map(Number);
    this.svg.style.maxWidth = `${this.svg.getAttribute("width")}px`;
    this.svg.style.minWidth = `${Math.min(Number(this.svg.getAttribute("width")), (width / this.unit) * SMALLEST)}px`;
    this.svg.setAttribute("role", "listbox");
    this.boards = readBoards(this.svg);
    this.places = new Map(this.boards.map((one, index) => [`${one.column} ${one.row}`, index]));
    this.boards.forEach(({ path }, index) => {
      path.setAttribute("role", "option");
      path.setAttribute("tabindex", "-1");
      path.setAttribute("aria-selected", "false");
      path.dataset.index = index;
    });
    this.layers = {};
    const under = this.svg.querySelector(".dead-link-casing");
    for (const name of ["borders", "outline-casing", "outline"]) {
      this.layers[name] = this.line(name);
      this.svg.insertBefore(this.layers[name], under);
    }
    this.marks = ["mark", "focus"].map((name) => {
      const group = shape("g", { visibility: "hidden", "pointer-events": "none" }, this.svg);
      group.append(this.line("mark-casing"), this.line(name));
      return group;
    });
    this.labels = shape("g", { class: "labels", "pointer-events": "none" }, this.svg);
    this.window.replaceChildren(this.svg);
    this.drawn = [];
    this.reach(Math.min(this.current ?? 0, this.boards.length - 1));
    this.paint();
  }

  line(name) {
    return shape("path", {
      class: name, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round", "pointer-events": "none",
    });
  }

  // ---- what the kernel says

  read() {
    const cells = this.model.get("cells"), wide = cells.byteLength >= 2 * this.boards.length;
    this.now = this.boards.map((_, i) => (wide ? cells.getUint16(2 * i, true) : cells.getUint8(i)));
    const [jobs, owners] = [this.model.get("jobs").split(" ").map(Number), this.model.get("owners")];
    this.jobs = owners.length
      ? jobs.flatMap((number, i) => (i % 3 ? [] : { number, owner: owners[jobs[i + 1]], colour: jobs[i + 2] }))
      : [];
  }

  job(index) {
    return this.jobs[this.now[index] - 1];
  }

  caption() {
    const [used, dead] = [this.now.filter(Boolean).length, this.boards.filter((one) => one.dead).length];
    const parts = [`${this.boards.length} board${this.boards.length === 1 ? "" : "s"}`];
    if (this.jobs.length) parts.push(`${used} in ${this.jobs.length} job${this.jobs.length === 1 ? "" : "s"}`);
    if (dead) parts.push(`${dead} dead`);
    return `Map of machine ${this.model.get("machine")}: ${parts.join(", ")}`;
  }

  // Paint again if the page around the map has become another one.
  look() {
    const style = styleFor(this.root, this.model.get("styles"));
    if (style !== this.style || this.width() !== this.painted) this.paint();
  }

  width() {
    return this.svg.getBoundingClientRect().width; // 0 while the page hides it
  }

  paint() {
    this.read();
    this.svg.setAttribute("aria-label", this.caption());
    this.style = styleFor(this.root, this.model.get("styles"));
    const colours = { free: "free", dead: "dead", hatch: "hatch", "dead-link": "dead_link", tip: "foreground",
      "tip-text": "background" };
    for (const [name, key] of Object.entries(colours)) {
      this.root.style.setProperty(`--spalloc-${name}`, this.style[key]);
    }
    this.boards.forEach(({ path }, index) => this.paintBoard(path, index));
    this.paintLines();
    this.paintMark();
    this.paintLegend();
    this.write();
    if (this.tip.about) this.tell(Number(this.tip.about.dataset.index));
  }

  paintBoard(path, index) {
    const job = this.job(index);
    const fill = job ? this.style.jobs[job.colour] : "";
    const words = this.facts(index).flat().join(", ");
    if (this.drawn[index] === fill + words) return;
    this.drawn[index] = fill + words;
    path.style.fill = fill;
    path.setAttribute("aria-label", words);
  }

  paintLines() {
    const beside = ({ column, row }, [right, up]) => this.places.get(`${column + right} ${row + up}`);
    let between = "";
    this.boards.forEach((place, index) => {
      for (const link of [0, 1, 2]) {
        const there = this.now[beside(place, STEPS[link])];
        if (there && this.now[index] && there !== this.now[index]) between += sideOf(place, link, this.unit);
      }
    });
    let around = "";
    for (const group of this.model.get("outlined").map((indices) => new Set(indices))) {
      for (const index of group) {
        STEPS.forEach((step, link) => {
          const place = this.boards[index];
          if (place && !group.has(beside(place, step))) around += sideOf(place, link, this.unit);
        });
      }
    }
    this.layers.borders.setAttribute("d", between);
    this.layers["outline-casing"].setAttribute("d", around);
    this.layers.outline.setAttribute("d", around);
  }

  paintMark() {
    const selected = this.model.get("selected")?.join(" ");
    const index = this.boards.findIndex(({ path }) => path.dataset.board === selected);
    this.boards[this.chosen]?.path.setAttribute("aria-selected", "false");
    this.boards[index]?.path.setAttribute("aria-selected", "true");
    this.chosen = index;
    this.ring(0, index);
  }

  paintLegend() {
    const items = [];
    if (this.boards.some(({ dead }) => dead)) items.push("dead board");
    if (this.svg.querySelector(".dead-links")) items.push("dead link");
    if (this.model.get("outlined").length) items.push(this.model.get("outline_means"));
    const hint = element("span", "");
    hint.textContent = "Tab and arrow keys move, Enter selects";
    this.legend.replaceChildren(...items.map(legendItem), ...(this.boards.length > 3 ? [hint] : []));
  }

  // ---- what is written on boards

  write() {
    const shown = this.painted = this.width();
    if (shown) this.side = (shown / this.svg.viewBox.baseVal.width) * this.unit;
    const side = this.side ?? 0;
    this.labels.replaceChildren();
    for (const [name, [broad, pixels]] of Object.entries(WIDTHS)) {
      const width = this.unit * Math.min(broad, pixels / (side || 1));
      this.svg.querySelectorAll(`.${name}`).forEach((line) => line.setAttribute("stroke-width", width.toFixed(1)));
    }
    if (side >= LABELLED) this.boards.forEach((_, index) => this.writeBoard(index));
    else this.writeJobs(side);
  }

  writeBoard(index) {
    const { board, x, y, dead } = this.boards[index];
    const job = this.job(index);
    const ems = DIGIT * board.join("").length + SPACE * 2;
    const alone = !job || (this.jobs.length === 1 && this.now.every(Boolean));
    const up = alone ? 0 : -0.43;
    const label = this.text(board.join(" "), x, y - this.unit * up, Math.min(alone ? 0.5 : 0.38, fits(ems, up)), job);
    label.classList.toggle("on-dead", dead && !job);
    if (alone) return;
    const number = String(job.number);
    const size = Math.min(0.75, fits(DIGIT * number.length, 0.3));
    this.text(number, x, y - this.unit * 0.26, size, job).setAttribute("font-weight", "bold");
  }

  writeJobs(side) {
    const labels = this.model.get("labels");
    for (let at = 0; at + 8 <= labels.byteLength; at += 8) {
      const [cell, x, y, size] = [0, 2, 4, 6].map((offset) => labels.getUint16(at + offset, true));
      if ((side * size) / 100 < READABLE) continue;
      const job = this.jobs[cell - 1];
      const label = this.text(String(job.number), x, y, Math.min(size / 100, LOUD / side), job);
      label.setAttribute("font-weight", "bold");
    }
  }

  text(words, x, y, size, job) {
    const made = shape("text", { x, y, dy: "0.36em", "font-size": (this.unit * size).toFixed(1) }, this.labels);
    if (job) made.style.fill = this.style.inks[job.colour];
    made.textContent = words;
    return made;
  }

  // ---- what a person does

  /** What is known of a board, line by line. */
  facts(index) {
    const { board, dead } = this.boards[index];
    const name = board.join(" ");
    const physical = this.model.get("physical")[name];
    const address = this.model.get("addresses")[name];
    const [x, y] = [12 * board[0] + ETHERNET[board[2]][0], 12 * board[1] + ETHERNET[board[2]][1]];
    const job = this.job(index);
    const first = [`Board ${name}`];
    if (physical) first.push(`cabinet ${physical[0]}, frame ${physical[1]}, board ${physical[2]}`);
    const last = job ? [`Job ${job.number}`, job.owner] : dead ? [] : ["Free"];
    if (dead) last.unshift("Dead");
    return [first, address ? [address, `chip ${x}, ${y}`] : [`Chip ${x}, ${y}`], last];
  }

  tell(index) {
    this.tip.show(this.boards[index].path, this.facts(index));
  }

  ring(which, index) {
    const group = this.marks[which];
    group.setAttribute("visibility", index < 0 ? "hidden" : "visible");
    if (index < 0) return;
    const { x, y } = this.boards[index];
    const points = CORNERS.map(([right, down]) => `${x + 0.95 * this.unit * right} ${y + 0.95 * this.unit * down}`);
    for (const path of group.children) path.setAttribute("d", `M${points.join("L")}z`);
  }

  /** Make a board the one that Tab reaches. */
  reach(index) {
    if (index < 0) return;
    this.boards[this.current]?.path.setAttribute("tabindex", "-1");
    this.current = index;
    this.boards[index].path.setAttribute("tabindex", "0");
  }

  select(index) {
    const before = this.model.get("selected")?.join(" ");
    const chosen = index === null ? null : this.boards[index].board;
    this.model.set("selected", chosen?.join(" ") === before ? null : chosen);
    this.model.save_changes();
  }

  /** The board that a key leads to, if any: up and down in a column, left and right along a row in zigzag. */
  next(key) {
    const { column, row } = this.boards[this.current];
    const at = ([right, up]) => this.places.get(`${column + right} ${row + up}`);
    const even = column % 2 === 0;
    const steps = {
      ArrowUp: [STEPS[2]],
      ArrowDown: [STEPS[5]],
      ArrowRight: even ? [STEPS[1], STEPS[0]] : [STEPS[0], STEPS[1]],
      ArrowLeft: even ? [STEPS[3], STEPS[4]] : [STEPS[4], STEPS[3]],
    }[key];
    return steps?.map(at).find((index) => index !== undefined);
  }

  /** Return whether a key meant something here. */
  press(key) {
    if (key === "Enter" || key === " ") this.select(this.current);
    else if (key === "Escape" && this.tip.about) this.tip.hide();
    else if (key === "Home" || key === "End") this.boards.at(key === "Home" ? 0 : -1).path.focus();
    else if (key.startsWith("Arrow")) this.boards[this.next(key) ?? this.current].path.focus();
    else return false;
    return true;
  }
}

function listen(map, cleanups) {
  const on = (target, event, handle, options) => {
    target.addEventListener(event, handle, options);
    cleanups.push(() => target.removeEventListener(event, handle, options));
  };
  const index = (event) => (map.svg.contains(event.target) ? event.target.dataset?.index : undefined);
  const about = (event, act) => index(event) !== undefined && act(Number(index(event)));
  on(map.root, "pointerover", (event) => {
    if (index(event) === undefined) map.tip.hide();
    else map.tell(Number(index(event)));
  });
  on(map.root, "pointerleave", () => map.tip.hide());
  on(map.root, "click", (event) => about(event, (board) => {
    map.reach(board);
    map.boards[board].path.focus({ preventScroll: true });
    map.select(board);
  }));
  on(map.root, "focusin", (event) => about(event, (board) => {
    map.reach(board);
    map.ring(1, event.target.matches(":focus-visible") ? board : -1);
    map.tell(board);
  }));
  on(map.root, "focusout", () => {
    map.ring(1, -1);
    map.tip.hide();
  });
  // On the window, and before anybody else: JupyterLab's own keys would move its cells.
  on(window, "keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (!plain || index(event) === undefined || !map.press(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  for (const event of ["scroll", "resize"]) on(window, event, () => map.tip.place(), true);
  on(map.root, "transitionend", (event) => event.target === map.root && map.look());
}

function render({ model, el }) {
  const map = new BoardMap(model, el);
  const cleanups = [];
  listen(map, cleanups);
  // Sizes and themes change; of a new theme, a map learns by whatever comes: its background, a style sheet that has
  // been loaded, marks on the page, or, if it was out of sight, coming back to it.
  let frame = 0;
  const look = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      map.look();
    });
  };
  cleanups.push(() => cancelAnimationFrame(frame));
  const themes = new MutationObserver(look);
  for (const page of [document.documentElement, document.body]) {
    themes.observe(page, { attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name", "data-theme"] });
  }
  const observers = [themes, new ResizeObserver(look), new IntersectionObserver(look)];
  observers.slice(1).forEach((observer) => observer.observe(map.root));
  cleanups.push(() => observers.forEach((observer) => observer.disconnect()));
  document.addEventListener("load", look, true);
  cleanups.push(() => document.removeEventListener("load", look, true));

  // Several traits change in one message: what they ask for is done once, after all of them.
  let due = null;
  const soon = (what) => () => {
    if (due === null) {
      queueMicrotask(() => {
        const act = due;
        due = null;
        map[act]();
      });
    }
    due = due === "build" ? due : what;
  };
  const changes = { svg: "build", ...Object.fromEntries(
    ["cells", "jobs", "owners", "labels", "outlined", "outline_means", "physical", "addresses", "selected", "machine"]
      .map((name) => [name, "paint"]),
  ) };
  for (const [name, what] of Object.entries(changes)) {
    const handle = soon(what);
    model.on(`change:${name}`, handle);
    cleanups.push(() => model.off(`change:${name}`, handle));
  }
  return () => cleanups.forEach((undo) => undo());
}

export default { render };
