// SPDX-License-Identifier: MIT
// Draws the timeline on its two canvases.  Whatever the number of tasks, no more rectangles are
// drawn than there are pixels in a row.
"use strict";

// The colours of the page now: the scheme may change, and paper is always light.
function readColours(element) {
  const style = getComputedStyle(element);
  const get = name => style.getPropertyValue("--" + name).trim();
  return {
    paper: get("paper"), well: get("well"), ink: get("ink"), soft: get("soft"), line: get("line"),
    accent: get("accent"), stall: get("stall"),
    paints: paints.map(get), texts: paints.map(get).map(textOn),
  };
}

// Sizes a canvas for sharp pixels and returns its context.
function prepare(canvas, width, height, density) {
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  return context;
}

function fitText(context, text, room) {
  if (context.measureText(text).width <= room)
    return text;
  // Of fwd/0.linear the layer says more than the phase, which the colour tells.
  const layer = text.slice(text.indexOf("/") + 1);
  return context.measureText(layer).width <= room ? layer : "";
}

// -- the tasks of a row

function drawTasks(draw, row) {
  const { context, colours, timeline, from, scale, plot } = draw;
  const { spans } = row;
  const chosen = timeline.chosen;
  const step = chosen && chosen.row.kind === "worker" ? chosen.row.spans.step[chosen.span] : null;
  return forEachRectangle(spans, from, scale, plot, (i, left, right) => {
    const width = Math.max(right - left - (right - left > 4 ? 1 : 0), 1);
    context.globalAlpha = step === null || step < 0 || spans.step[i] === step ? 1 : 0.4;
    context.fillStyle = colours.paints[spans.paint[i]];
    context.fillRect(draw.left + left, row.y, width, row.height);
    context.globalAlpha = 1;
    if (width > 24 && row.height >= 14 && row.kind === "worker")
      drawName(draw, row, i, draw.left + left, width);
  }, (x, paint, share) => {
    // A pixel that is half full has half the height.
    const height = Math.max(row.height * share, 2);
    context.fillStyle = colours.paints[paint];
    context.fillRect(draw.left + x, row.y + row.height - height, 1, height);
  });
}

function drawName(draw, row, i, left, width) {
  const { context, colours, timeline } = draw;
  const text = fitText(context, timeline.source.names[row.spans.what[i]], width - 10);
  if (!text)
    return;
  context.fillStyle = colours.texts[row.spans.paint[i]];
  context.textAlign = "left";
  context.fillText(text, left + 5, row.y + row.height / 2 + 1);
}

// What a worker does between tasks is a lower bar behind them.
function drawStates(draw, row) {
  const { context, colours, from, scale, plot } = draw;
  const height = Math.round(row.height * 0.4), y = row.y + row.height - height;
  const bar = (paint, left, width, part) => {
    context.fillStyle = colours.paints[paint];
    context.fillRect(draw.left + left, y + height * (1 - part), width, height * part);
  };
  forEachRectangle(row.states, from, scale, plot,
    (i, left, right) => bar(row.states.paint[i], left, right - left, 1),
    (x, paint, share) => bar(paint, x, 1, share));
}

function drawRow(draw, row) {
  const { context, colours } = draw;
  context.fillStyle = colours.well;
  context.fillRect(draw.left, row.y, draw.plot, row.height);
  if (row.states)
    drawStates(draw, row);
  const seen = drawTasks(draw, row);
  context.fillStyle = draw.timeline.focused && draw.timeline.rows[draw.timeline.row] === row
    ? colours.accent : colours.ink;
  context.textAlign = "left";
  context.fillText(row.name, 0, row.y + row.height / 2 + 1, draw.left - 8);
  return row.kind === "worker" ? seen : 0;
}

// -- axis, steps, stalls, the chosen task

function drawAxis(draw) {
  const { context, colours, timeline, from, scale, plot } = draw;
  const unit = unitOf(Math.max(timeline.view.to - from, timeline.view.to / 1000));
  const ticks = niceTicks(from / unit.us, timeline.view.to / unit.us, Math.max(plot / 110, 3));
  context.textAlign = "center";
  tickTexts(ticks).forEach((text, i) => {
    const x = draw.left + (ticks[i] * unit.us - from) * scale;
    context.fillStyle = colours.line;
    context.fillRect(x, 18, 1, timeline.height - 20);
    context.fillStyle = colours.soft;
    if (x < timeline.width - 30)
      context.fillText(`${text} ${unit.name}`, Math.max(x, draw.left + 14), 9);
  });
}

// Steps as a strip of two shades, with their numbers where there is room.
function drawSteps(draw) {
  const { context, colours, timeline, from, scale, plot } = draw;
  const { number, end } = timeline.steps;
  const first = lowerBound(end, from), last = Math.min(lowerBound(end, timeline.view.to), end.length - 1);
  if (end.length === 0)
    return;
  context.fillStyle = colours.ink;
  context.textAlign = "left";
  context.fillText("steps", 0, 33, draw.left - 8);
  const each = plot / Math.max(last - first + 1, 1);
  draw.every = niceEvery(46 / each);
  draw.numbersEnd = 0; // of the numbers drawn so far: steps differ in length
  const edges = i => [Math.max(i > 0 ? (end[i - 1] - from) * scale : -from * scale, 0),
                      Math.min((end[i] - from) * scale, plot)];
  for (let i = first; i <= last; i++) {
    const [left, right] = edges(i);
    if (each >= 3) {
      context.fillStyle = i % 2 ? colours.line : colours.well;
      context.fillRect(draw.left + left, 24, Math.max(right - left, 0), 18);
    }
    if (each >= 24 && right < plot) {
      context.fillStyle = colours.soft;
      context.fillRect(draw.left + right, 24, 1, timeline.height - 26);
    }
  }
  for (let i = first; i <= last; i++)
    drawStepNumber(draw, number[i], ...edges(i));
}

// In the middle of a step that is long enough; else at its begin, if it is a round number.
function drawStepNumber(draw, number, left, right) {
  const { context, colours, every } = draw;
  if (number % every !== 0 && right - left < 16)
    return; // the most are, and measuring takes time
  const width = context.measureText(number).width, fits = right - left >= width + 8;
  const x = fits ? (left + right - width) / 2 : left + 3;
  if ((!fits && (number % every !== 0 || every === 1)) || x < draw.numbersEnd + 6 || x + width > draw.plot)
    return;
  context.fillStyle = colours.ink;
  context.textAlign = "left";
  context.fillText(String(number), draw.left + x, 33.5);
  draw.numbersEnd = x + width;
}

// The least of 1, 2, 5, 10, 20, ... that is not under a value.
function niceEvery(value) {
  for (let power = 1; ; power *= 10)
    for (const factor of [1, 2, 5])
      if (factor * power >= value)
        return factor * power;
}

// The ten longest: a frame over the rows, and its rank above them.
function drawStalls(draw) {
  const { context, colours, timeline, from, scale, plot } = draw;
  timeline.stalls.forEach((stall, rank) => {
    const left = (stall.start_us - from) * scale, right = left + stall.us * scale;
    if (right < 0 || left > plot)
      return;
    const x = draw.left + Math.max(left, 0), width = Math.max(Math.min(right, plot) - Math.max(left, 0), 2);
    context.fillStyle = context.strokeStyle = colours.stall;
    context.globalAlpha = 0.12;
    context.fillRect(x, timeline.top - 4, width, timeline.height - timeline.top + 2);
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.setLineDash([4, 3]);
    context.strokeRect(x, timeline.top - 4, width, timeline.height - timeline.top + 2);
    context.setLineDash([]);
    if (width > 22) {
      context.textAlign = "left";
      context.fillText(String(rank + 1), x + 5, timeline.top + 5);
    }
  });
}

function drawChosen(draw) {
  const { context, colours, timeline, from, scale, plot } = draw;
  if (!timeline.chosen)
    return;
  const { row, span } = timeline.chosen;
  const left = Math.max((row.spans.start[span] - from) * scale, 0);
  const right = Math.min((row.spans.end[span] - from) * scale, plot);
  if (right < 0 || left > plot)
    return;
  context.strokeStyle = colours.ink;
  context.lineWidth = 2;
  context.strokeRect(draw.left + left - 1, row.y - 1, Math.max(right - left, 1) + 2, row.height + 2);
}

// Draws all; returns how many tasks are in the view.
function drawLanes(timeline, canvas, colours, density) {
  const context = prepare(canvas, timeline.width, timeline.height, density);
  const plot = Math.max(timeline.width - timeline.gutter, 1);
  const { from, to } = timeline.view;
  timeline.scale = plot / (to - from);
  const draw = { context, colours, timeline, from, plot, scale: timeline.scale, left: timeline.gutter };
  drawAxis(draw);
  const seen = timeline.rows.reduce((sum, row) => sum + drawRow(draw, row), 0);
  drawSteps(draw);
  drawStalls(draw);
  drawChosen(draw);
  return seen;
}

// -- the overview: of each pixel, the share of all workers' time that each phase has

function makeOverview(timeline, width) {
  const shares = Array.from({ length: width }, () => new Float64Array(paints.length));
  const workers = timeline.rows.filter(row => row.kind === "worker");
  const pixel = timeline.length / width;
  for (const { spans } of workers)
    for (let i = 0; i < spans.count; i++)
      for (let x = Math.floor(spans.start[i] / pixel); x < width && x * pixel < spans.end[i]; x++) {
        const inside = Math.min(spans.end[i], (x + 1) * pixel) - Math.max(spans.start[i], x * pixel);
        shares[x][spans.paint[i]] += inside / pixel / workers.length;
      }
  return shares;
}

function drawOverview(timeline, canvas, colours, density) {
  const height = 40, left = timeline.gutter, plot = Math.max(Math.floor(timeline.width - left), 1);
  const context = prepare(canvas, timeline.width, height, density);
  if (timeline.overview?.length !== plot)
    timeline.overview = makeOverview(timeline, plot);
  context.fillStyle = colours.well;
  context.fillRect(left, 0, plot, height);
  timeline.overview.forEach((shares, x) => {
    let y = height;
    shares.forEach((share, paint) => {
      context.fillStyle = colours.paints[paint];
      context.fillRect(left + x, y - share * height, 1, share * height);
      y -= share * height;
    });
  });
  const from = left + timeline.view.from / timeline.length * plot;
  const to = left + timeline.view.to / timeline.length * plot;
  context.fillStyle = colours.paper;
  context.globalAlpha = 0.7;
  context.fillRect(left, 0, from - left, height);
  context.fillRect(to, 0, left + plot - to, height);
  context.globalAlpha = 1;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.5;
  context.strokeRect(from + 0.5, 0.75, Math.max(to - from - 1, 2), height - 1.5);
  context.fillStyle = colours.ink;
  context.textAlign = "left";
  context.fillText("all", 0, height / 2, left - 8);
}
