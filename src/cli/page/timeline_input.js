// SPDX-License-Identifier: MIT
// Moves the timeline: wheel, pointers (mouse, pen, one finger, two), keys, buttons, and the
// address, whose #from=..&to=.. is the view in microseconds.
"use strict";

function startTimeline(timeline, elements) {
  const { canvas, overview, tip, range: rangeText } = elements;
  let planned = false, printing = false;

  function draw() {
    planned = false;
    const density = printing ? 2 : window.devicePixelRatio || 1;
    const colours = readColours(canvas);
    drawOverview(timeline, overview, colours, density);
    const seen = drawLanes(timeline, canvas, colours, density);
    rangeText.textContent = tellView(timeline, seen);
    return seen;
  }

  function redraw() {
    if (!planned)
      requestAnimationFrame(draw);
    planned = true;
  }

  function resize(width) {
    layOut(timeline, width);
    return draw();
  }

  // Paper has a width of its own and no dark scheme.
  function setPrinting(now) {
    if (printing === now)
      return;
    printing = now;
    hideTip(timeline, tip);
    resize(now ? 760 : canvas.clientWidth);
  }

  function moved() {
    hideTip(timeline, tip);
    redraw();
    rememberView(timeline);
  }

  const parts = { timeline, canvas, overview, tip, redraw, moved };
  listenToWheel(parts);
  listenToPointers(parts);
  listenToOverview(parts);
  listenToKeys(parts);
  listenToButtons(parts);
  recallView(timeline);
  window.addEventListener("hashchange", () => { recallView(timeline); moved(); });
  window.addEventListener("beforeprint", () => setPrinting(true));
  window.addEventListener("afterprint", () => setPrinting(false));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  const seen = resize(canvas.clientWidth);
  new ResizeObserver(() => requestAnimationFrame(() => {
    if (!printing && canvas.clientWidth > 0 && canvas.clientWidth !== timeline.width)
      resize(canvas.clientWidth);
  })).observe(canvas);
  return { seen, moved };
}

function tellView(timeline, seen) {
  const { from, to } = timeline.view;
  const tasks = `${formatCount(seen)} ${seen === 1 ? "task" : "tasks"}`;
  return isWhole(timeline) ? `all ${formatTime(timeline.length)}, ${tasks}`
    : `${formatTime(to - from)} from ${formatTime(from, 5)} on, ${tasks}`;
}

// -- the address

let remembering = 0;

// Not at every move: browsers limit how often an address may change.
function rememberView(timeline) {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const { from, to } = timeline.view;
    const hash = isWhole(timeline) ? "#" : `#from=${from.toFixed(2)}&to=${to.toFixed(2)}`;
    history.replaceState(null, "", hash);
  }, 250);
}

function recallView(timeline) {
  const values = new URLSearchParams(location.hash.slice(1));
  const from = parseFloat(values.get("from")), to = parseFloat(values.get("to"));
  if (to > from)
    setView(timeline, from, to);
}

// -- where is what

function timeAt(timeline, canvas, clientX) {
  const x = clientX - canvas.getBoundingClientRect().left - timeline.gutter;
  return timeline.view.from + x / timeline.scale;
}

function findSpan(timeline, canvas, event) {
  const y = event.clientY - canvas.getBoundingClientRect().top;
  const row = timeline.rows.find(r => y >= r.y && y < r.y + r.height);
  const span = row ? spanAt(row.spans, timeAt(timeline, canvas, event.clientX), 3 / timeline.scale) : -1;
  return span >= 0 ? { row, span } : null;
}

function hideTip(timeline, tip) {
  tip.hidden = true;
  timeline.chosen = null;
}

// Shows the tip of a span beside a point of the canvas, inside of it.
function showTip(timeline, canvas, tip, found, x, y) {
  const [title, pairs] = describe(timeline, found.row, found.span);
  timeline.chosen = found;
  tip.replaceChildren(make("strong", {}, title), make("dl", {},
    ...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
  tip.hidden = false;
  const right = canvas.offsetWidth - tip.offsetWidth;
  const beside = x + 16 <= right ? x + 16 : x - 16 - tip.offsetWidth;
  tip.style.left = Math.min(Math.max(beside, 0), Math.max(right, 0)) + "px";
  tip.style.top = canvas.offsetTop + y + 16 + "px";
}

function showSpanAtEvent({ timeline, canvas, tip, redraw }, event) {
  const found = findSpan(timeline, canvas, event);
  const box = canvas.getBoundingClientRect();
  if (found)
    showTip(timeline, canvas, tip, found, event.clientX - box.left, event.clientY - box.top);
  else if (tip.hidden)
    return;
  else
    hideTip(timeline, tip);
  redraw();
}

// -- wheel and pointers

function listenToWheel({ timeline, canvas, moved }) {
  canvas.addEventListener("wheel", event => {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const delta = sideways ? event.deltaX || event.deltaY : event.deltaY;
    // What is shown as a whole cannot get wider: the wheel is the page's then.
    if (isWhole(timeline) && (sideways || delta > 0))
      return;
    event.preventDefault();
    const pixels = delta * (event.deltaMode === 1 ? 30 : event.deltaMode === 2 ? 400 : 1);
    if (sideways)
      moveBy(timeline, pixels / timeline.width);
    else
      zoomAt(timeline, timeAt(timeline, canvas, event.clientX), Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)));
    moved();
  }, { passive: false });
}

// One pointer drags, two pinch: the times under them stay under them.
function listenToPointers(parts) {
  const { timeline, canvas, tip, moved, redraw } = parts;
  const pressed = new Map();
  let travelled = 0;
  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    pressed.set(event.pointerId, event.clientX);
    travelled = 0;
  });
  canvas.addEventListener("pointermove", event => {
    if (!pressed.has(event.pointerId)) {
      showSpanAtEvent(parts, event);
      return;
    }
    const before = [...pressed.values()];
    const by = event.clientX - pressed.get(event.pointerId);
    travelled += Math.abs(by);
    pressed.set(event.pointerId, event.clientX);
    if (travelled < 4)
      return;
    canvas.classList.add("dragging");
    if (pressed.size === 1)
      moveBy(timeline, -by / (timeline.scale * (timeline.view.to - timeline.view.from)));
    else
      pinch(timeline, canvas, before, [...pressed.values()]);
    moved();
  });
  const released = event => {
    const tapped = pressed.delete(event.pointerId) && pressed.size === 0 && travelled < 4;
    canvas.classList.remove("dragging");
    if (tapped && event.type === "pointerup")
      showSpanAtEvent(parts, event);
  };
  canvas.addEventListener("pointerup", released);
  canvas.addEventListener("pointercancel", released);
  canvas.addEventListener("pointerleave", event => {
    if (event.pointerType === "mouse" && !tip.hidden) {
      hideTip(timeline, tip);
      redraw();
    }
  });
  canvas.addEventListener("dblclick", () => {
    setView(timeline, 0, timeline.length);
    moved();
  });
}

function pinch(timeline, canvas, before, after) {
  const distance = ends => Math.max(Math.abs(ends[0] - ends[1]), 8);
  const middle = ends => (ends[0] + ends[1]) / 2;
  zoomAt(timeline, timeAt(timeline, canvas, middle(before)), distance(after) / distance(before));
  moveBy(timeline, (middle(before) - middle(after)) / (timeline.width - timeline.gutter));
}

function listenToOverview({ timeline, overview, moved }) {
  const go = event => {
    const box = overview.getBoundingClientRect();
    const share = (event.clientX - box.left - timeline.gutter) / (box.width - timeline.gutter);
    const half = (timeline.view.to - timeline.view.from) / 2;
    setView(timeline, share * timeline.length - half, share * timeline.length + half);
    moved();
  };
  overview.addEventListener("pointerdown", event => {
    overview.setPointerCapture(event.pointerId);
    go(event);
  });
  overview.addEventListener("pointermove", event => {
    if (overview.hasPointerCapture(event.pointerId))
      go(event);
  });
}

// -- keys and buttons

// The task before or after the chosen one in the row, moved into view.
function goToTask({ timeline, canvas, tip, moved, redraw }, by) {
  const row = timeline.rows[timeline.row], { spans } = row;
  const { from, to } = timeline.view;
  const at = timeline.chosen?.row === row ? timeline.chosen.span + by : lowerBound(spans.start, from);
  if (at < 0 || at >= spans.count)
    return;
  if (spans.start[at] < from || spans.start[at] > to) {
    setView(timeline, spans.start[at] - (to - from) / 2, spans.start[at] + (to - from) / 2);
    moved();
  }
  timeline.scale = (timeline.width - timeline.gutter) / (timeline.view.to - timeline.view.from);
  const x = timeline.gutter + (spans.start[at] - timeline.view.from) * timeline.scale;
  showTip(timeline, canvas, tip, { row, span: at }, x, row.y + row.height / 2);
  redraw();
}

function actions(parts) {
  const { timeline, moved } = parts;
  const middle = () => (timeline.view.from + timeline.view.to) / 2;
  const change = how => () => { how(); moved(); };
  const chooseRow = by => change(() => {
    timeline.row = Math.min(Math.max(timeline.row + by, 0), timeline.rows.length - 1);
  });
  return {
    nearer: change(() => zoomAt(timeline, middle(), 1.6)),
    wider: change(() => zoomAt(timeline, middle(), 1 / 1.6)),
    earlier: change(() => moveBy(timeline, -0.25)),
    later: change(() => moveBy(timeline, 0.25)),
    all: change(() => setView(timeline, 0, timeline.length)),
    steps: change(() => viewOfSteps(timeline, 3)),
    up: chooseRow(-1), down: chooseRow(1),
    previous: () => goToTask(parts, -1), next: () => goToTask(parts, 1),
    hide: change(() => {}),
  };
}

function listenToKeys(parts) {
  const { timeline, canvas, redraw } = parts;
  const act = actions(parts);
  const keys = {
    "+": act.nearer, "=": act.nearer, "-": act.wider, "0": act.all, "s": act.steps,
    "ArrowLeft": act.earlier, "ArrowRight": act.later, "ArrowUp": act.up, "ArrowDown": act.down,
    "p": act.previous, "n": act.next, "Escape": act.hide,
  };
  canvas.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key])
      return;
    event.preventDefault();
    keys[event.key]();
  });
  for (const type of ["focus", "blur"])
    canvas.addEventListener(type, () => {
      timeline.focused = canvas.matches(":focus-visible");
      redraw();
    });
}

function listenToButtons(parts) {
  const act = actions(parts);
  const buttons = { "zoom-in": act.nearer, "zoom-out": act.wider, "earlier": act.earlier,
                    "later": act.later, "few-steps": act.steps, "whole": act.all };
  for (const [id, action] of Object.entries(buttons))
    byId(id).addEventListener("click", action);
}
