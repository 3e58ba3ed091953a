// The live views of jobs and machines. The kernel sends each part as HTML in which all data is escaped; this puts the
// parts in place, counts times up, copies, and says so when the kernel falls silent.

const SILENT = 16; // seconds without a beat: the kernel sends one every five
const BUSY = 0.7; // seconds after which a press that the kernel has not taken in is said to wait

function duration(seconds) {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
  return `${Math.floor(whole / 86400)} days ${Math.floor(whole / 3600) % 24} h`;
}

// Put a part in place; what was opened, closed, scrolled or focused in it stays so.
function replace(box, html) {
  const kept = new Map();
  for (const details of box.querySelectorAll("details[data-key]")) {
    const scroll = details.querySelector(".spalloc-scroll");
    kept.set(details.dataset.key, { open: details.open, top: scroll ? scroll.scrollTop : 0 });
  }
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  box.innerHTML = html;
  for (const details of box.querySelectorAll("details[data-key]")) {
    const was = kept.get(details.dataset.key);
    if (!was) continue;
    details.open = was.open;
    const scroll = details.querySelector(".spalloc-scroll");
    if (scroll) scroll.scrollTop = was.top;
  }
  if (focused) [...box.querySelectorAll("[data-key]")].find((one) => one.dataset.key === focused)?.focus();
}

// Put another widget, the live map, where it belongs; its name comes as a part, too.
async function showInner(model, box) {
  const name = model.get("map");
  box.inner?.remove();
  box.inner = null;
  box.replaceChildren();
  if (!name) return;
  const inner = await model.widget_manager.create_view(await model.widget_manager.get_model(name), {});
  if (name !== model.get("map")) return inner.remove();
  box.inner = inner;
  box.replaceChildren(inner.el);
}

async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // Pages that are not served securely have no clipboard.
    const area = document.createElement("textarea");
    area.value = words;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

async function onCopy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  const label = button.lastElementChild;
  const before = (button.dataset.label ??= label.textContent);
  label.textContent = "Copied";
  button.focus();
  setTimeout(() => (label.textContent = before), 2000);
}

export default {
  render({ model, el }) {
    el.classList.add("spalloc-view");
    const boxes = new Map();
    const stops = [];
    const on = (name, act) => {
      model.on(`change:${name}`, act);
      stops.push(() => model.off(`change:${name}`, act));
    };

    for (const name of model.get("parts")) {
      const box = document.createElement("div");
      box.className = `spalloc-part spalloc-part-${name}`;
      boxes.set(name, box);
      el.append(box);
    }
    const spoken = document.createElement("div");
    spoken.className = "spalloc-hidden";
    spoken.setAttribute("role", "status");
    el.append(spoken);
    const notice = boxes.get("notice");
    if (notice) notice.setAttribute("role", "status");

    // ---- time: the kernel's clock, read from its beats
    let offset = 0;
    let beatAt = 0;
    const beat = () => {
      offset = Date.now() / 1000 - model.get("now");
      beatAt = performance.now();
    };

    const tick = () => {
      const now = Date.now() / 1000 - offset;
      for (const span of el.querySelectorAll("[data-elapsed]")) span.textContent = duration(now - span.dataset.elapsed);
      for (const span of el.querySelectorAll("[data-ago]")) span.textContent = duration(now - span.dataset.ago);
      pulse(now);
    };

    const pulse = (now) => {
      const silence = (performance.now() - beatAt) / 1000;
      const over = model.get("over");
      const stale = !over && silence > SILENT;
      panel()?.classList.toggle("spalloc-stale", stale);
      const place = el.querySelector(".spalloc-pulse");
      if (!place || over) return;
      const heard = model.get("heard_at");
      let words = "live";
      if (stale) words = `no news from the kernel for ${duration(silence)}: it is busy, or gone`;
      else if (model.get("trouble")) words = heard ? `server out of reach for ${duration(now - heard)}` : "server out of reach";
      else if (heard) words = `live · heard ${duration(now - heard)} ago`;
      place.classList.toggle("spalloc-live", words.startsWith("live"));
      place.classList.toggle("spalloc-lost", !words.startsWith("live"));
      place.title = stale ? "What is shown may be out of date. If the kernel was restarted, run the cell again." : model.get("trouble");
      if (place.textContent !== words) place.textContent = words;
    };

    // ---- parts
    for (const [name, box] of boxes) {
      if (name === "map") continue;
      on(name, () => {
        replace(box, model.get(name));
        tick();
      });
      box.innerHTML = model.get(name);
    }
    const map = boxes.get("map");
    if (map) {
      on("map", () => showInner(model, map));
      showInner(model, map);
    }
    const speak = () => (spoken.textContent = model.get("spoken"));
    on("spoken", speak);
    on("now", () => {
      beat();
      tick();
    });
    on("trouble", tick);
    on("over", tick);

    // ---- presses: said to wait if the kernel does not take them in at once
    const panel = () => el.closest(".spalloc-panel");
    let waiting = 0;
    const pressed = (event) => {
      if (!event.target.closest(".spalloc-button") || !notice) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        notice.textContent = "The kernel is busy: it takes this press in when its cell is done. Interrupt ends the cell.";
      }, BUSY * 1000);
    };
    on("presses", () => {
      clearTimeout(waiting);
      replace(notice, model.get("notice"));
    });
    let pressable = null;
    const settle = requestAnimationFrame(function look() {
      pressable = panel();
      if (pressable) {
        pressable.addEventListener("click", pressed);
        pressable.setAttribute("role", "group");
        pressable.setAttribute("aria-label", model.get("spoken").split(":")[0]);
      }
      tick();
    });

    el.addEventListener("click", onCopy);
    beat();
    speak();
    tick();
    const timer = setInterval(tick, 1000);
    return () => {
      clearInterval(timer);
      clearTimeout(waiting);
      cancelAnimationFrame(settle);
      pressable?.removeEventListener("click", pressed);
      for (const stop of stops) stop();
      map?.inner?.remove();
    };
  },
};
