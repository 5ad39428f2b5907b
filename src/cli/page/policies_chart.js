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

const granularities = ["op", "layer", "phase", "step"]; // from fine to coarse

const valuesOf = (configs, key) =>
  [...new Set(configs.map(config => config[key]))].filter(value => value !== null && value !== undefined);

const varyingOptions = configs => options.filter(([key]) => valuesOf(configs, key).length > 1);

// "lws, 2 workers, phase": the policy and what else differs between configurations.
function nameOf(config, varying) {
  return [config.policy, ...varying.map(([, , words]) => words(config))].join(", ");
}

const okRuns = config => (config.runs || []).filter(run => isNumber(run.step_us));

// A scale that begins at zero, as lengths of bars are compared; x(us) is a percentage.
function rankingScale(configs) {
  const most = Math.max(...configs.flatMap(config =>
    [config.step_us, config.high_us || 0, ...okRuns(config).map(run => run.step_us)]));
  const unit = unitOf(most);
  const ticks = niceTicks(0, most / unit.us, 4);
  return { unit, ticks, x: us => us / (most * 1.02) * 100 };
}

function rankingAxis(scale) {
  const texts = tickTexts(scale.ticks);
  const labels = scale.ticks.map((tick, i) => makeSvg("text", {
    x: scale.x(tick * scale.unit.us) + "%", y: 13, "text-anchor": i ? "middle" : "start" },
    i ? texts[i] : `${texts[i]} ${scale.unit.name}`));
  return makeSvg("svg", { "aria-hidden": "true" }, ...labels);
}

function rankingBar(config, scale, noise, best) {
  const at = us => scale.x(us) + "%";
  const lines = scale.ticks.map(tick => makeSvg("line", { class: "axis",
    x1: at(tick * scale.unit.us), x2: at(tick * scale.unit.us), y1: 0, y2: 26 }));
  const band = noise ? [makeSvg("rect", { class: "noise", x: at(noise.from), y: 0,
    width: scale.x(noise.to - noise.from) + "%", height: 26 })] : [];
  const bar = makeSvg("rect", { class: best ? "filled" : "hollow", x: 0, y: 6, height: 14,
    width: at(config.step_us) });
  const whisker = isNumber(config.low_us) && isNumber(config.high_us) ? [
    makeSvg("line", { class: "whisker", x1: at(config.low_us), x2: at(config.high_us), y1: 13, y2: 13 }),
    ...[config.low_us, config.high_us].map(us =>
      makeSvg("line", { class: "whisker", x1: at(us), x2: at(us), y1: 8, y2: 18 }))] : [];
  const runs = okRuns(config).map(run => makeSvg("circle", { class: "run", cx: at(run.step_us), cy: 13, r: 3 },
    makeSvg("title", {}, `run ${run.repeat}: ${formatTime(run.step_us, 4)}`)));
  const words = `${formatTime(config.step_us, 4)}, interval ${formatTime(config.low_us, 4)} to ${formatTime(config.high_us, 4)}`;
  return makeSvg("svg", { role: "img", "aria-label": words }, ...lines, ...band, bar, ...whisker, ...runs);
}

function rankingRow(config, name, scale, noise, best) {
  return make("tr", {},
    make("td", { class: best ? "who best" : "who" }, name, best
      ? make("span", { class: "mark", title: "in the best group" }, "\u00a0✓") : null),
    make("td", { class: "plot" }, rankingBar(config, scale, noise, best)),
    make("td", { class: "figure number" }, formatTime(config.step_us, 4)),
    make("td", { class: "figure number" }, formatNumber(config.ratio) + " ×"));
}

function showRanking(report, section) {
  const configs = report.configurations.filter(config => config.status === "ok" && isNumber(config.step_us));
  if (configs.length === 0) {
    section.append(make("p", {}, "No configuration ran to its end."));
    return 0;
  }
  const scale = rankingScale(configs), varying = varyingOptions(report.configurations);
  const group = new Set(report.group.map(index => report.configurations[index]));
  const best = configs[0].step_us;
  const noise = isNumber(report.distinguishable_ratio)
    ? { from: best, to: best * report.distinguishable_ratio } : null;
  const head = make("tr", {}, make("th", { class: "who", scope: "col" }, ["policy", ...varying.map(o => o[1])].join(", ")),
    make("th", { class: "plot", scope: "col" }, rankingAxis(scale)),
    make("th", { class: "figure number", scope: "col" }, "a step"),
    make("th", { class: "figure number", scope: "col" }, "to best"));
  section.append(make("table", { class: "ranking" }, make("thead", {}, head), make("tbody", {},
    ...configs.map(config => rankingRow(config, nameOf(config, varying), scale, noise, group.has(config))))));
  section.append(make("p", { class: "note" }, "Bars are medians, circles the single runs, whiskers the interval. "
    + "Full bars with ✓ are the best group"
    + (noise ? `; what ends in the band may be as fast as the best, so far as these runs tell.` : ".")));
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
    values.sort((a, b) => isNumber(a) && isNumber(b) ? a - b : granularities.indexOf(a) - granularities.indexOf(b));
    addCurves(parent, configs, key, title, values);
  }
}

// Step times of different batch sizes do not compare; samples a second do.
function addCurves(parent, configs, key, title, values) {
  const rate = key === "batch_size";
  const unit = unitOf(Math.max(...configs.map(config => config.step_us)));
  const get = rate ? config => config.samples_per_second / 1000 : config => config.step_us / unit.us;
  const better = rate ? (a, b) => a >= b : (a, b) => a <= b;
  const series = curvesOf(configs, key, values, get, better);
  const what = rate ? "Samples a second" : "Time of a step";
  const section = parent.appendChild(make("section", {}, make("h2", {}, `${what} by ${title}`)));
  for (const line of series)
    line.unit = rate ? "thousand a second" : unit.name;
  addLineChart(section, { title: `${what} by ${title}, a line for each policy`, series, fromZero: true,
                          categories: values.map(String), xLabel: title });
  section.append(make("p", { class: "note" }, (rate ? "In thousands; " : `In ${unit.name}; `)
    + "of the configurations that share a point, the best one."
    + (series.some(line => line.thin) ? " The six fastest policies are named, the others grey." : "")));
}
