// SPDX-License-Identifier: MIT
// Trainings as their logs tell them: a chart for each figure, with what was trained on thin and what
// was evaluated thick, and the figures and options of all runs.
"use strict";

// Six colours that keep apart on white and on black, each with a mark of its own.
const runColours = ["load", "backward", "forward", "step", "transfer", "loss"].map(colourOf);

const lone = data.runs.length === 1;

// What tells a run from the others.
const nameOfRun = run => run.differs || run.name;

const seriesOf = (run, key, steps) => run.series.find(series => series.key === key && series.steps === steps);

const knownPoints = series => series.points.filter(([x, y]) => isNumber(x) && isNumber(y));

// Single steps that would leave the others half of the chart or less stay at its edge.
function within(points, others) {
  const [low, high] = range(others.map(point => point[1])), [least, most] = range(points.map(point => point[1]));
  const margin = (high - low) * 0.1;
  return !(high > low) || most - least <= 2 * (high - low) ? points
    : points.map(([x, y]) => [x, Math.min(Math.max(y, low - margin), high + margin)]);
}

// The curves of a figure: step by step, by epoch, and of --val.
function curvesOfRun(run, at, key) {
  const colour = runColours[at % runColours.length], name = nameOfRun(run);
  const curves = [];
  const add = (series, look) => {
    if (series && knownPoints(series).length > 0)
      curves.push({ points: knownPoints(series), colour, ...look });
  };
  const evaluated = seriesOf(run, "val_" + key, false), epochs = seriesOf(run, key, false);
  add(seriesOf(run, key, true), { name: `${name}, each step`, thin: true, step: true });
  add(epochs, lone
    ? { name: "training", label: "training", marker: 0, colour: runColours[0] }
    : evaluated ? { name: `${name}, training`, thin: true } : { name, label: name, marker: at });
  add(evaluated, lone
    ? { name: "evaluation", label: "evaluation", marker: 1, colour: runColours[1] }
    : { name, label: name, marker: at });
  return curves;
}

// Names beside the lines have room for few runs; the table has all.
function showCurvesOfRuns(parent) {
  let charts = 0;
  for (const key of data.panels) {
    const series = data.runs.flatMap((run, at) => curvesOfRun(run, at, key));
    if (series.length === 0)
      continue;
    if (data.runs.length > runColours.length || series.some(s => s.label && s.label.length > 32))
      series.forEach(s => { s.label = null; });
    const epochs = series.filter(s => !s.step).flatMap(s => s.points);
    for (const s of series) {
      if (s.points.length > 60)
        delete s.marker;
      if (s.step)
        s.points = within(s.points, epochs);
    }
    const section = parent.appendChild(make("section", {}, make("h2", {}, key)));
    addLineChart(section, { title: key, series, xLabel: "epoch" });
    charts++;
  }
  return charts;
}

function bestOf(run, key) {
  const series = seriesOf(run, key, false);
  return series ? series.points[series.best] : null;
}

function bestColumn(key) {
  return column(key, run => bestOf(run, key)?.[1], { number: true, show: run => {
    const best = bestOf(run, key);
    return best ? `${formatNumber(best[1], 4)} (${best[0]})` : unknown;
  } });
}

function swatchCell(run) {
  const swatch = make("span", { class: "swatch" });
  swatch.style.background = runColours[data.runs.indexOf(run) % runColours.length];
  return make("span", { class: "oneline" }, swatch, nameOfRun(run));
}

function showRuns(section) {
  const keys = ["loss", "accuracy", "val_loss", "val_accuracy"].filter(key => data.runs.some(run => seriesOf(run, key, false)));
  addTable(section, [
    column("run", nameOfRun, { class: "name", show: swatchCell }),
    column("epochs", run => run.epochs, { number: true }),
    ...keys.map(bestColumn),
    column("seconds", run => run.seconds, { number: true, show: run => formatNumber(run.seconds) }),
    column("samples/s", run => run.samples_per_second, { number: true, show: run => formatCount(run.samples_per_second) }),
    column("log", run => run.name, { class: "prose" }),
  ], data.runs, true);
  section.append(make("p", { class: "note" }, "Figures are the best of each run, with their epoch."));
}

// What each run was asked for, an option a row.
function showOptions(section) {
  const names = [...new Set(data.runs.flatMap(run => Object.keys(run.options || {})))];
  section.hidden = names.length === 0;
  const text = value => value === undefined ? "" : value === null ? "yes" : Array.isArray(value) ? value.join(", ") : String(value);
  if (data.runs.length <= 4)
    addTable(section, [
      column("option", name => name, { class: "name" }),
      ...data.runs.map(run => column(nameOfRun(run), name => text(run.options?.[name]), { class: "prose" })),
    ], names);
  else
    addTable(section, [
      column("run", nameOfRun, { class: "name" }),
      ...names.map(name => column(name, run => text(run.options?.[name]), {})),
    ], data.runs);
}

byId("title").textContent = lone ? "A training" : `${data.runs.length} trainings`;
byId("what").textContent = lone ? data.runs[0].name : "";
const charts = showCurvesOfRuns(byId("curves"));
showRuns(byId("table"));
showOptions(byId("options"));
byId("footer").textContent = `Plait ${data.plait}.`;
document.documentElement.dataset.ready = charts;
