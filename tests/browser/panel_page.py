"""The panel of a job on a page."""

import re
import time

from playwright.sync_api import expect

LOAD = "%load_ext spalloc_jupyter"

HOSTILE = "<img src=x onerror='window.hit=1'></script><b>&amp;{{7*7}}"
"""Somebody's idea of a name."""

CONTRASTS = """panel => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const behind = (node) => {
    const layers = [];
    for (let one = node; one; one = one.parentElement) layers.push(rgba(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (c) => c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), node = walker.currentNode.parentElement;
    if (!words || !node.checkVisibility() || node.closest("svg, .spalloc-hidden")) continue;
    const below = behind(node), ink = light(over(rgba(getComputedStyle(node).color), below)), page = light(below);
    found.push([words, (Math.max(ink, page) + 0.05) / (Math.min(ink, page) + 0.05)]);
  }
  return found;
}"""
"""What stands on a panel, and its contrast to what is behind it, after WCAG 2.2."""


class Panel:
    """What somebody sees and presses."""

    def __init__(self, lab, cell=1):
        self.lab, self.page = lab, lab.page
        self.root = lab.output(cell).locator(".spalloc-panel")
        self.state = self.root.locator(".spalloc-state")

    def press(self, name):
        self.root.get_by_role("button", name=name).click()

    def wait_for(self, state):
        expect(self.state).to_have_text(state)

    def destroy(self):
        self.press("Destroy…")
        again = self.root.get_by_role("button", name=re.compile(r"Destroy job \d+\?"))
        again.wait_for()
        time.sleep(0.8)  # a second press that comes at once is none
        again.click()

    def fact(self, name):
        row = self.root.locator(".spalloc-facts > div").filter(has=self.page.get_by_text(name, exact=True))
        return row.locator("dd")
