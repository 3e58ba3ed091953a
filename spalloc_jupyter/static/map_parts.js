// Parts of the live board map, put before live_map.js (a widget's module can import nothing beside it).

const SVG = "http://www.w3.org/2000/svg";

// Links 0 E, 1 NE, 2 N, 3 W, 4 SW, 5 S as steps of (column, row); geometry.py has the same.
const STEPS = [[1, -1], [1, 1], [0, 2], [-1, 1], [-1, -1], [0, -2]];
const CORNERS = STEPS.map((_, k) => [Math.cos((k * Math.PI) / 3), -Math.sin((k * Math.PI) / 3)]);
const ETHERNET = [[0, 0], [8, 4], [4, 8]];

// In pixels: from what side of a hexagon on each board is labelled, the smallest type, the largest type, and the
// smallest side before the map is scrolled rather than shrunk. In sides of a hexagon: type that fits into one.
const LABELLED = 21, READABLE = 6.5, LOUD = 20, SMALLEST = 5;
const DIGIT = 0.68, SPACE = 0.36, SLANT = 0.577, CAP = 0.73;

// How broad lines are at most: in sides of a hexagon, and in pixels.
const WIDTHS = {
  borders: [0.17, 4],
  "outline-casing": [0.36, 6.5],
  outline: [0.2, 3],
  "mark-casing": [0.6, 8],
  mark: [0.34, 4],
  focus: [0.34, 4],
};

const fits = (ems, up) => (0.94 - Math.abs(up) * SLANT) / (ems / 2 + (CAP / 2) * SLANT);

function element(name, className, parent) {
  const made = document.createElement(name);
  made.className = className;
  parent?.append(made);
  return made;
}

function shape(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

/** Where each board is: its path, (x, y, z), column and row, and middle in the drawing's units. */
function readBoards(svg) {
  return [...svg.querySelectorAll("[data-board]")].map((path) => {
    const numbers = path.getAttribute("d").match(/[\d.]+/g).map(Number);
    const mean = (offset) => numbers.filter((_, i) => i % 2 === offset).reduce((a, b) => a + b) / 6;
    const [column, row] = path.dataset.place.split(" ").map(Number);
    const board = path.dataset.board.split(" ").map(Number);
    return { path, board, column, row, x: mean(0), y: mean(1), dead: path.classList.contains("dead") };
  });
}

/** The light or the dark style, whichever suits the page behind the map. */
function styleFor(root, styles) {
  if (!root.isConnected) return styles.light; // painted again when it is shown
  const [red, green, blue, alpha = 1] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).map(Number);
  const dark = alpha > 0 && 0.2126 * red + 0.7152 * green + 0.0722 * blue < 110;
  return dark ? styles.dark : styles.light;
}

function sideOf(place, link, unit) {
  const point = ([x, y]) => `${(place.x + unit * x).toFixed(1)} ${(place.y + unit * y).toFixed(1)}`;
  return `M${point(CORNERS[(link + 5) % 6])}L${point(CORNERS[link])}`;
}

/** What is known of a board, beside it and above everything else on the page. */
class Tip {
  constructor(parent) {
    this.box = element("div", "spalloc-live-map-tip", parent);
    this.box.popover = "manual";
    this.box.hidden = true;
    this.about = null;
  }

  show(path, lines) {
    this.about = path;
    this.box.replaceChildren(...lines.map((parts, number) => {
      const row = element("div", "");
      parts.forEach((part, i) => {
        if (i) row.append(" · ");
        element(number || i ? "bdi" : "strong", "", row).textContent = part;
      });
      return row;
    }));
    this.box.hidden = false;
    if (!this.box.matches(":popover-open")) this.box.showPopover?.();
    this.place();
  }

  place() {
    if (!this.about) return;
    const [board, page] = [this.about.getBoundingClientRect(), document.documentElement];
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const left = (board.left + board.right - width) / 2;
    this.box.style.left = `${Math.max(0, Math.min(left, page.clientWidth - width))}px`;
    this.box.style.top = `${board.top > height + 6 ? board.top - height - 6 : board.bottom + 6}px`;
  }

  hide() {
    if (!this.about) return;
    this.about = null;
    this.box.hidePopover?.();
    this.box.hidden = true;
  }
}

const HEXAGON = "M4.5 1H11.5L15 7L11.5 13H4.5L1 7z";
const ICONS = {
  "dead board": ["hatch", 1.2, `${HEXAGON}M3 10.4L8.4 1M5.5 13L12.4 1.6M9.5 13L13.6 5`],
  "dead link": ["dead-link", 4, "M1 7L15 7"],
};

/** One entry of the legend: an icon, and what it means. */
function legendItem(meaning) {
  const [colour, width, d] = ICONS[meaning] ?? ["text", 2, HEXAGON];
  const item = element("span", "");
  const icon = shape("svg", { viewBox: "0 0 16 14", "aria-hidden": "true" }, item);
  shape("path", { d, fill: "none", stroke: `var(--spalloc-${colour})`, "stroke-width": width }, icon);
  item.append(meaning);
  return item;
}
