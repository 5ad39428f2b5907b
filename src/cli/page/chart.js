// SPDX-License-Identifier: MIT
// Charts of lines as SVG, drawn for the width that there is and again when that changes.
"use strict";

// Round values from low to high, about so many.
function niceTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  if (!(rough > 0))
    return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find(factor => factor * power >= rough * 0.999) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(i * step || 0); // no -0
  return ticks;
}

// Ticks as text, all with the same number of decimals.
function tickTexts(ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : Math.abs(ticks[0]) || 1;
  const decimals = Math.min(Math.max(-Math.floor(Math.log10(step) + 1e-9), 0), 8);
  return ticks.map(tick => tick.toLocaleString("en",
    { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
}

function range(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

// Calls draw(width) now and whenever the width of an element has changed, paper's among them; not
// from within the observer, as drawing may change sizes again.
function drawAtWidth(element, draw) {
  let width = 0;
  const update = () => {
    if (element.clientWidth === width || element.clientWidth === 0)
      return;
    width = element.clientWidth;
    draw(width);
  };
  new ResizeObserver(() => requestAnimationFrame(update)).observe(element);
  // Paper of A4 or letter has two charts side by side.
  window.addEventListener("beforeprint", () => draw(330));
  window.addEventListener("afterprint", () => draw(width));
  update();
}

// Marks of points differ in shape, as colours alone are not told apart by everybody.
const markers = [
  (x, y) => makeSvg("circle", { cx: x, cy: y, r: 4 }),
  (x, y) => makeSvg("rect", { x: x - 3.5, y: y - 3.5, width: 7, height: 7 }),
  (x, y) => makeSvg("path", { d: `M${x} ${y - 5}l5 9h-10z` }),
  (x, y) => makeSvg("path", { d: `M${x} ${y - 5}l5 5-5 5-5-5z` }),
  (x, y) => makeSvg("path", { d: `M${x} ${y + 5}l5-9h-10z` }),
  (x, y) => makeSvg("path", { d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8`, "stroke-width": 2 }),
];

// A chart of chart.series: [{name, points: [[x, y], ...], colour, marker, label, unit, thin}], with
// xLabel, fromZero, categories (names of the places 0, 1, ... of x), title.
function addLineChart(parent, chart) {
  const holder = parent.appendChild(make("div", { class: "chart" }));
  drawAtWidth(holder, width => holder.replaceChildren(lineChart(chart, width)));
}

function chartScales(chart, width, height) {
  const points = chart.series.flatMap(series => series.points);
  let [xLow, xHigh] = range(points.map(point => point[0]));
  let [yLow, yHigh] = range(points.map(point => point[1]));
  if (chart.fromZero)
    yLow = 0;
  const margin = (yHigh - yLow || Math.abs(yHigh) || 1) * 0.06;
  yHigh += margin;
  yLow = chart.fromZero ? 0 : yLow - margin;
  if (xLow === xHigh) {
    xLow -= 0.5;
    xHigh += 0.5;
  }
  // Names stand at the ends of lines, where some room is for them.
  const longest = Math.max(0, ...chart.series.filter(s => s.label).map(s => s.label.length));
  const box = { left: 52, right: width - Math.min(longest ? 30 + longest * 7 : 16, width / 3), top: 12, bottom: height - 40 };
  const inset = chart.categories ? 18 : 0;
  return {
    box, xLow, xHigh, yLow, yHigh,
    x: value => box.left + inset + (value - xLow) / (xHigh - xLow) * (box.right - box.left - 2 * inset),
    y: value => box.bottom - (value - yLow) / (yHigh - yLow) * (box.bottom - box.top),
  };
}

function drawAxes(svg, chart, scales) {
  const { box, x, y } = scales;
  const yTicks = niceTicks(scales.yLow, scales.yHigh, 5);
  const xTicks = chart.categories ? chart.categories.map((_, i) => i)
    : niceTicks(scales.xLow, scales.xHigh, Math.max((box.right - box.left) / 90, 3));
  const xTexts = chart.categories || tickTexts(xTicks);
  tickTexts(yTicks).forEach((text, i) => svg.append(
    makeSvg("line", { class: "faint", x1: box.left, x2: box.right, y1: y(yTicks[i]), y2: y(yTicks[i]) }),
    makeSvg("text", { x: box.left - 8, y: y(yTicks[i]) + 4, "text-anchor": "end" }, text)));
  xTexts.forEach((text, i) => svg.append(
    makeSvg("text", { x: x(xTicks[i]), y: box.bottom + 18, "text-anchor": "middle" }, String(text))));
  svg.append(makeSvg("text", { x: (box.left + box.right) / 2, y: box.bottom + 36, "text-anchor": "middle" },
                     chart.xLabel));
}

// A line of many points is drawn as the least and the greatest of each pixel.
function thinOut(points, x) {
  if (points.length < 3000)
    return points;
  const columns = new Map();
  for (const point of points) {
    const at = Math.floor(x(point[0]));
    const seen = columns.get(at);
    if (!seen)
      columns.set(at, { low: point, high: point });
    else if (point[1] < seen.low[1])
      seen.low = point;
    else if (point[1] > seen.high[1])
      seen.high = point;
  }
  return [...columns.values()].flatMap(c => c.low[0] <= c.high[0] ? [c.low, c.high] : [c.high, c.low]);
}

function drawSeries(svg, series, scales) {
  const { x, y } = scales;
  const points = thinOut(series.points, x);
  const path = points.map((p, i) => `${i ? "L" : "M"}${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join("");
  svg.append(makeSvg("path", { d: path, fill: "none", stroke: series.colour, "stroke-linejoin": "round",
                               "stroke-width": series.thin ? 1 : 2, opacity: series.thin ? 0.55 : 1 },
                     makeSvg("title", {}, series.name)));
  if (series.marker === undefined)
    return;
  for (const point of points)
    svg.append(marker(series, x(point[0]), y(point[1]),
                      `${series.name}: ${formatNumber(point[1])} ${series.unit || ""}`));
}

function marker(series, x, y, title) {
  return fill(markers[series.marker % markers.length](x, y), { fill: series.colour, stroke: series.colour },
              title ? [makeSvg("title", {}, title)] : []);
}

// Names beside the last points, moved apart where they would cover each other.
function drawLabels(svg, chart, scales) {
  const labels = chart.series.filter(series => series.label).map(series => {
    const last = series.points[series.points.length - 1];
    return { series, y: scales.y(last[1]) };
  }).sort((a, b) => a.y - b.y);
  for (let i = 1; i < labels.length; i++)
    labels[i].y = Math.max(labels[i].y, labels[i - 1].y + 15);
  const over = labels.length ? labels[labels.length - 1].y - scales.box.bottom : 0;
  for (let i = labels.length - 1, most = scales.box.bottom; over > 0 && i >= 0; i--, most -= 15)
    labels[i].y = Math.min(labels[i].y, most);
  for (const { series, y } of labels) {
    svg.append(makeSvg("text", { class: "label", x: scales.box.right + 26, y: y + 4 }, series.label));
    svg.append(marker(series, scales.box.right + 14, y));
  }
}

function lineChart(chart, width) {
  const height = Math.round(Math.min(Math.max(width * 0.5, 220), 320));
  const scales = chartScales(chart, width, height);
  const svg = makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": chart.title });
  drawAxes(svg, chart, scales);
  for (const series of chart.series)
    drawSeries(svg, series, scales);
  drawLabels(svg, chart, scales);
  return svg;
}
