// SPDX-License-Identifier: MIT
// The ranking of configurations as a table of bars (so that it breaks across sheets of paper and
// lines up in any width), and the curves over one option each.
"use strict";

const options = [
  ["ncpu", "workers", config => `${config.ncpu} ${config.ncpu === 1 ? "worker" : "workers"}`],
  ["granularity", "granularity", config => config.granularity],
  ["prefetch", "prefetch depth", config => `prefetch ${config.prefetch}`],
  ["batch_size", "batch size", config => `batch ${config.batch_size}`],
];

// From fine to coarse; "run:8" is eight steps of a task.
const granularities = ["auto", "op", "layer", "phase", "step"];
const coarseness = grain =>
  grain.startsWith("run:") ? granularities.length + Number(grain.slice(4)) : granularities.indexOf(grain);

const valuesOf = (configs, key) =>
  [...new Set(configs.map(config => config[key]))].filter(isKnown);

const varyingOptions = configs => options.filter(([key]) => valuesOf(configs, key).length > 1);

const isKnown = value => value !== null && value !== undefined;

// "lws, 2 workers, phase": the policy and what else differs between configurations.
function nameOf(config, varying) {
  const others = varying.filter(([key]) => isKnown(config[key]));
  return [config.policy, ...others.map(([, , words]) => words(config))].join(", ");
}

const okRuns = config => (config.runs || []).filter(run => isNumber(run.step_us));

// Steps of batches of different sizes do not compare; what a sample takes does.
const takesBatches = configs => valuesOf(configs, "batch_size").length > 1;

// A scale that begins at zero, as lengths of bars are compared; x(us) is a percentage.  A few very
// slow ones would leave the others no room: then it ends at twice the slowest of three quarters.
function rankingScale(configs, part) {
  const all = Math.max(...configs.flatMap(config =>
    [config.step_us, config.high_us || 0, ...okRuns(config).map(run => run.step_us)].map(us => us * part(config))));
  const times = configs.map(config => config.step_us * part(config)).sort((a, b) => a - b);
  const end = 2 * times[Math.floor((times.length - 1) * 0.75)];
  const most = all > 1.5 * end ? end : all;
  const unit = unitOf(times[0]);
  const ticks = niceTicks(0, most / unit.us, 4);
  return { unit, ticks, part, most: most * 1.02, isCut: most < all, x: us => us / (most * 1.02) * 100 };
}

function rankingAxis(scale) {
  const texts = tickTexts(scale.ticks);
  const labels = scale.ticks.map((tick, i) => makeSvg("text", {
    x: scale.x(tick * scale.unit.us) + "%", y: 13, "text-anchor": i ? "middle" : "start" },
    i ? texts[i] : `${texts[i]} ${scale.unit.name}`));
  return makeSvg("svg", { "aria-hidden": "true" }, ...labels);
}

// Rows may be higher than a line, so lines and band are as high as the row, and the bar is placed
// about its middle.
function rankingBar(config, scale, noise, best) {
  const part = scale.part(config), at = us => scale.x(us * part) + "%";
  const lines = scale.ticks.map(tick => makeSvg("line", { class: "axis",
    x1: scale.x(tick * scale.unit.us) + "%", x2: scale.x(tick * scale.unit.us) + "%", y1: 0, y2: "100%" }));
  const band = noise ? [makeSvg("rect", { class: "noise", x: scale.x(noise.from) + "%", y: 0,
    width: scale.x(noise.to - noise.from) + "%", height: "100%" })] : [];
  const bar = makeSvg("rect", { class: best ? "filled" : "hollow", x: 0, y: -7, height: 14, width: at(config.step_us) });
  const whisker = isNumber(config.low_us) && isNumber(config.high_us) ? [
    makeSvg("line", { class: "whisker", x1: at(config.low_us), x2: at(config.high_us), y1: 0, y2: 0 }),
    ...[config.low_us, config.high_us].map(us =>
      makeSvg("line", { class: "whisker", x1: at(us), x2: at(us), y1: -5, y2: 5 }))] : [];
  const runs = okRuns(config).map(run => makeSvg("circle", { class: "run", cx: at(run.step_us), cy: 0, r: 3 },
    makeSvg("title", {}, `run ${run.repeat}: ${formatTime(run.step_us * part, 4)}`)));
  const arrow = config.step_us * part > scale.most ? [makeSvg("svg", { x: "100%", class: "middle" },
    makeSvg("path", { class: "arrow", d: "M-10 -7h10v14h-10l5-7z" }))] : [];
  const [middle, low, high] = [config.step_us, config.low_us, config.high_us].map(us => formatTime(us * part, 4));
  return makeSvg("svg", { role: "img", "aria-label": `${middle}, interval ${low} to ${high}` }, ...lines, ...band,
    makeSvg("svg", { y: "50%", class: "middle" }, bar, ...whisker, ...runs, ...arrow));
}

function rankingRow(config, name, scale, noise, best) {
  return make("tr", {},
    make("td", { class: best ? "who best" : "who" }, name, best
      ? make("span", { class: "mark", title: "in the best group" }, "\u00a0✓") : null),
    make("td", { class: "plot" }, rankingBar(config, scale, noise, best)),
    make("td", { class: "figure number" },
      `${formatNumber(config.step_us * scale.part(config) / scale.unit.us, 4)} ${scale.unit.name}`),
    make("td", { class: "figure number" }, formatNumber(config.ratio) + " ×"));
}

function tellRanking(scale, noise) {
  return "Bars are medians, circles the single runs, whiskers the interval. "
    + (scale.isCut ? "What is too slow for the picture runs out of it, bars with an arrow. " : "")
    + "Full bars with ✓ are the best group"
    + (noise ? "; what ends in the band may be as fast as the best, so far as these runs tell." : ".");
}

function showRanking(report, section) {
  const configs = report.configurations.filter(config => config.status === "ok" && isNumber(config.step_us));
  if (configs.length === 0) {
    section.append(make("p", {}, "No configuration ran to its end."));
    return 0;
  }
  const rate = takesBatches(configs), part = config => rate ? 1 / config.batch_size : 1;
  const scale = rankingScale(configs, part), varying = varyingOptions(configs);
  const group = new Set(report.group.map(index => report.configurations[index]));
  const best = configs[0].step_us * part(configs[0]);
  const noise = isNumber(report.distinguishable_ratio)
    ? { from: best, to: best * report.distinguishable_ratio } : null;
  const head = make("tr", {}, make("th", { class: "who", scope: "col" }, ["policy", ...varying.map(o => o[1])].join(", ")),
    make("th", { class: "plot", scope: "col" }, rankingAxis(scale)),
    make("th", { class: "figure number", scope: "col" }, rate ? "a sample" : "a step"),
    make("th", { class: "figure number", scope: "col" }, "to best"));
  section.append(make("h2", {}, rate ? "Time of a sample" : "Time of a step"),
    make("table", { class: "ranking" }, make("thead", {}, head), make("tbody", {},
      ...configs.map(config => rankingRow(config, nameOf(config, varying), scale, noise, group.has(config))))),
    make("p", { class: "note" }, tellRanking(scale, noise)));
  return configs.length;
}

// -- curves

// Six colours that keep apart on white and on black, each with a mark of its own.
const curveColours = ["load", "backward", "forward", "step", "transfer", "loss"].map(colourOf);

// For each policy, the best value at each value of an option.  The six fastest have a colour and
// a name; the others are thin and grey.
function curvesOf(configs, key, values, get, better) {
  const policies = valuesOf(configs, "policy");
  return policies.map((policy, rank) => {
    const points = values.map((value, at) => {
      const found = configs.filter(c => c.policy === policy && c[key] === value).map(get).filter(isNumber);
      return found.length ? [at, found.reduce((a, b) => better(a, b) ? a : b)] : null;
    }).filter(point => point !== null);
    return rank < curveColours.length
      ? { name: policy, label: policy, points, colour: curveColours[rank], marker: rank }
      : { name: policy, points, colour: colourOf("soft"), thin: true };
  }).filter(series => series.points.length > 0);
}

function showCurves(report, parent) {
  const configs = report.configurations.filter(config => config.status === "ok" && isNumber(config.step_us));
  for (const [key, title] of varyingOptions(configs)) {
    const values = valuesOf(configs, key);
    values.sort((a, b) => isNumber(a) && isNumber(b) ? a - b : coarseness(a) - coarseness(b));
    addCurves(parent, configs, key, title, values);
  }
}

function addCurves(parent, configs, key, title, values) {
  const rate = takesBatches(configs);
  const better = rate ? (a, b) => a >= b : (a, b) => a <= b;
  const get = config => rate ? config.samples_per_second / 1000 : config.step_us;
  const series = curvesOf(configs, key, values, get, better);
  const unit = rate ? { name: "thousands", us: 1 } : unitOf(Math.max(...series.flatMap(line => line.points.map(p => p[1]))));
  const what = rate ? "Samples a second" : "Time of a step";
  const section = parent.appendChild(make("section", {}, make("h2", {}, `${what} by ${title}, in ${unit.name}`)));
  for (const line of series) {
    line.points = line.points.map(([x, y]) => [x, y / unit.us]);
    line.unit = rate ? "thousand a second" : unit.name;
  }
  addLineChart(section, { title: `${what} by ${title}, a line for each policy`, series, fromZero: true,
                          categories: values.map(String), xLabel: title });
  section.append(make("p", { class: "note" }, "Of the configurations that share a point, the best one."
    + (series.some(line => line.thin) ? " The six fastest policies are named, the others grey." : "")));
}
