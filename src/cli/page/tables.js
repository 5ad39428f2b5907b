// SPDX-License-Identifier: MIT
// The tables of a trace.  Each function fills the section of its name.
"use strict";

const percentOf = (part, whole) => whole > 0 && isNumber(part) ? 100 * part / whole : null;

function phaseCell(phase) {
  return nameCell(phase, phase);
}

function addNote(section, text) {
  section.append(make("p", { class: "note" }, text));
}

// Columns for a part of a whole, in figures and as a bar; phase(row) gives the colour.
function shareColumns(get, whole, phase) {
  const percent = row => percentOf(get(row), whole);
  return [
    column("share", percent, { number: true, show: row => formatPercent(percent(row)) }),
    column("", percent, { class: "wide", show: row =>
      shareBar([{ phase: phase(row), percent: percent(row) || 0 }]) }),
  ];
}

function showPhases(report, section) {
  const rows = report.phases.filter(phase => phase.wall_us > 0 || phase.tasks > 0);
  const unit = longest(rows, row => row.wall_us);
  addTable(section, [
    column("phase", row => row.name, { show: row => phaseCell(row.name) }),
    column("tasks", row => row.tasks || null, { number: true, show: row => row.tasks ? formatCount(row.tasks) : "" }),
    timeColumn("workers", row => row.worker_us, rows, unit),
    timeColumn("wall", row => row.wall_us, rows, unit),
    ...shareColumns(row => row.wall_us, report.wall_us, row => row.name),
  ], rows);
  addNote(section, "Each instant of the wall time belongs to the tasks that run then, in equal parts; "
    + "one without a task to transfers, else to overhead (scheduling, callbacks), else to nobody.");
}

function showWorkers(report, section) {
  const shares = worker => [["busy", "load"], ["transfer", "transfer"], ["overhead", "overhead"]]
    .map(([name, phase]) => ({ phase, name, percent: worker[name + "_percent"] }));
  const percent = key => column(key, row => row[key + "_percent"],
    { number: true, show: row => formatPercent(row[key + "_percent"]) });
  addTable(section, [
    column("worker", row => row.name),
    column("tasks", row => row.tasks, { number: true, show: row => formatCount(row.tasks) }),
    percent("busy"), percent("transfer"), percent("overhead"), percent("idle"),
    column("", row => row.busy_percent, { class: "wide", show: row => workerBar(report, row, shares(row)) }),
  ], report.workers, report.workers.length > 4);
  if (isNumber(report.accounted_percent))
    addNote(section, `Together these are ${report.accounted_percent.toFixed(2)} % of all workers' time, as measured. `
      + "Bars show what a worker was busy with, by phase.");
}

// Busy time is split by the phases of the worker's tasks.
function workerBar(report, worker, shares) {
  const row = report.workers.indexOf(worker), { timeline } = report;
  const sums = new Float64Array(paints.length);
  for (const [at, name, , length] of timeline.tasks)
    if (at === row)
      sums[paintOf(timeline.phase_of[name])] += length;
  const total = sums.reduce((a, b) => a + b, 0);
  const busy = paints.map((phase, i) => ({ phase, percent: total > 0 ? shares[0].percent * sums[i] / total : 0 }));
  return shareBar([...busy.filter(share => share.percent > 0), ...shares.slice(1)]);
}

// In the order in which a reader can do something about them.
const causes = [
  ["load", "load", "a batch was not loaded yet"],
  ["dependency", "backward", "another task had to end first"],
  ["transfer", "transfer", "data was on its way"],
  ["preempted", "idle", "the kernel had given its core to something else"],
  ["scheduler", "overhead", "a ready task was not started yet"],
];

function showIdle(report, section) {
  const rows = causes.map(([name, phase, words]) =>
    ({ name, phase, words, us: report.device_idle?.[name + "_us"] ?? null }));
  const sum = rows.reduce((total, row) => total + (row.us || 0), 0);
  addTable(section, [
    column("cause", row => row.name, { show: row => make("span", {}, row.name, make("br"),
      make("span", { class: "help" }, row.words)) }),
    timeColumn("time", row => row.us, rows),
    ...shareColumns(row => row.us, report.wall_us, row => row.phase),
  ], rows);
  addNote(section, `No compute task ran on ${report.device || "the device"} for ${formatTime(sum)}, `
    + `${formatPercent(percentOf(sum, report.wall_us))} of the wall time.`);
}

// go(stall) shows one in the timeline.
function showStalls(report, section, go) {
  const stalls = (report.stalls || []).map((stall, i) => ({ ...stall, rank: i + 1 }));
  if (stalls.length === 0) {
    addNote(section, "The device never waited.");
    return;
  }
  const link = stall => {
    const button = make("a", { class: "go", role: "button", tabindex: "0",
                               "aria-label": `Show stall ${stall.rank} in the timeline` }, String(stall.rank));
    button.addEventListener("keydown", event => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        go(stall);
      }
    });
    return button;
  };
  addTable(section, [
    column("", row => row.rank, { show: link }),
    timeColumn("start", row => row.start_us, stalls),
    timeColumn("length", row => row.us, stalls),
    column("cause", row => row.cause),
    column("before", row => row.task, { class: "name", show: row => nameCell(row.task) }),
    ...(stalls.some(row => row.waits_for)
      ? [column("waits for", row => row.waits_for, { class: "name", show: row => nameCell(row.waits_for) })] : []),
    column("step", row => row.step, { number: true, show: row => formatCount(row.step) }),
  ], stalls);
  section.querySelectorAll("tbody tr").forEach((tr, i) => {
    tr.classList.add("clickable");
    tr.addEventListener("click", () => go(stalls[i]));
  });
  addNote(section, "A row shows its stall in the timeline, where frames mark them.");
}

function showPath(report, section) {
  const path = report.critical_path || [];
  addTable(section, [
    column("tasks of", row => row.name, { class: "name", show: row =>
      nameCell(row.name, phaseOfName(report, row.name)) }),
    column("tasks", row => row.tasks, { number: true, show: row => formatCount(row.tasks) }),
    timeColumn("time", row => row.us, path),
    ...shareColumns(row => row.us, report.critical_path_us, row => phaseOfName(report, row.name)),
  ], path, path.length > 8);
  addNote(section, `The longest chain of tasks that depend on each other takes ${formatTime(report.critical_path_us)}; `
    + `the work, spread evenly over the workers, ${formatTime(report.work_bound_us)}. `
    + "No schedule is faster than the longer of the two.");
}

function phaseOfName(report, name) {
  const at = report.timeline.names.indexOf(name);
  return at >= 0 ? report.timeline.phase_of[at] : "other";
}

function showCodelets(report, section) {
  const rows = report.codelets, unit = longest(rows, row => row.mean_us);
  addTable(section, [
    column("codelet", row => row.name, { class: "name", show: row => nameCell(row.name, row.phase) }),
    column("phase", row => row.phase),
    column("tasks", row => row.tasks, { number: true, show: row => formatCount(row.tasks) }),
    timeColumn("all", row => row.us, rows),
    timeColumn("mean", row => row.mean_us, rows, unit),
    timeColumn("least", row => row.min_us, rows, unit),
    timeColumn("most", row => row.max_us, rows, unit),
    timeColumn("deviation", row => row.stddev_us, rows, unit),
    column("Gflop/s", row => row.gflops, { number: true, show: row => formatNumber(row.gflops) }),
  ], rows, true);
}

// -- losses

// The mean of the last so many losses at each step.
function smooth(losses, count) {
  let sum = 0;
  return losses.map(([step, loss], i) => {
    sum += loss - (i >= count ? losses[i - count][1] : 0);
    return [step, sum / Math.min(i + 1, count)];
  }).slice(count - 1);
}

function showLosses(report, section) {
  const losses = (report.losses || []).filter(([step, loss]) => isNumber(step) && isNumber(loss));
  if (losses.length < 2)
    return;
  const many = losses.length >= 100, window = Math.max(Math.round(losses.length / 25), 2);
  const series = [{ name: "loss", points: losses, colour: colourOf(many ? "load" : "ink"), thin: many }];
  if (many)
    series.push({ name: `mean of ${window} steps`, points: smooth(losses, window), colour: colourOf("ink") });
  section.hidden = false;
  addLineChart(section, { title: "Loss of each step", xLabel: "step", series });
  addNote(section, (many ? `Thin: the loss of each step; thick: the mean of ${window} steps. ` : "")
    + `The last loss is ${formatNumber(losses[losses.length - 1][1])}.`);
}
