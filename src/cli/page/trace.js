// SPDX-License-Identifier: MIT
// The page of a trace: its headline figures, and everything else in its place.
"use strict";

const sourceName = report => ({ fxt: "FxT", profiling: "profiling" }[report.source] || String(report.source));

function figure(title, value, detail) {
  return make("div", {}, make("dt", {}, title),
    make("dd", { class: "value" }, value), make("dd", { class: "detail" }, detail || ""));
}

function showFigures(report) {
  const bound = report.lower_bound_us === report.critical_path_us ? "critical path" : "work";
  const transfers = report.transfers || {};
  byId("figures").append(
    figure("Wall time", formatTime(report.wall_us),
           `${formatCount(report.steps)} steps, ${formatCount(report.tasks)} tasks`),
    figure("A step", formatTime(report.step_us), "on average"),
    figure("Device busy", formatPercent(report.device_busy_percent), `computing, on ${report.device || unknown}`),
    figure("Loading hidden", formatPercent(report.loading_hidden_percent), "behind computing"),
    figure("Transfers hidden", formatPercent(report.transfers_hidden_percent),
           transfers.count ? `of ${formatCount(transfers.count)}, ${formatBytes(transfers.bytes)}`
             : report.source === "profiling" && report.device !== "CPU" ? "profiling does not record them"
               : "none: all is in one memory"),
    figure("From the bound", isNumber(report.distance) ? formatNumber(report.distance) + " ×" : unknown,
           `${formatTime(report.lower_bound_us)}, by ${bound}`),
    figure("Recorded by", sourceName(report),
           tellCost(report.cost)));
}

// What recording made of a step.
function tellCost(cost) {
  if (!isNumber(cost?.ratio))
    return isNumber(cost?.about_us_per_task) ? `at some ${formatNumber(cost.about_us_per_task)} µs a task`
      : "at an unknown cost";
  const percent = (cost.ratio - 1) * 100;
  if (cost.ratio >= 2)
    return `a step took ${formatNumber(cost.ratio)} times as long as without`;
  return Math.abs(percent) < 0.1 ? "at no cost to be seen"
    : `a step took ${Math.abs(percent).toFixed(1)} % ${percent > 0 ? "longer than without" : "less than without, which is noise"}`;
}

// The trace in a sentence or two: was the device busy, and if not, why.
function tellTrace(report) {
  const idle = causes.map(([name, , words]) => ({ words, us: report.device_idle?.[name + "_us"] || 0 }))
    .sort((a, b) => b.us - a.us);
  const sum = idle.reduce((total, cause) => total + cause.us, 0);
  const device = !report.device || report.device === "CPU" ? "The CPU" : report.device;
  const partly = report.truncated ? `The trace is truncated: ${report.truncated}. `
    : report.unsure ? `It cannot be told whether the trace is complete: ${report.unsure}. ` : "";
  if (!isNumber(report.device_busy_percent))
    return partly;
  const chain = report.advice ? ` One worker computes at a time: ${report.advice}.` : "";
  const busy = `${partly}${device} computed ${formatPercent(report.device_busy_percent)} of the time.`;
  if (sum <= 0)
    return busy + chain;
  return `${busy} When it did not, then mostly because ${idle[0].words}: `
    + `${formatPercent(100 * idle[0].us / sum)} of its waiting.${chain}`;
}

function showLegend(report) {
  const present = new Set(report.timeline.tasks.map(([, name]) => report.timeline.phase_of[name]));
  for (const [, kind] of report.timeline.states || [])
    present.add(kind);
  if (report.timeline.transfers?.length)
    present.add("transfer");
  const words = { transfer: "transfer (fetching, pushing)", overhead: "overhead (scheduling, callbacks)" };
  byId("legend").append(
    ...paints.filter(paint => present.has(paint)).map(paint =>
      make("li", {}, swatch(paint), words[paint] || paint)),
    make("li", {}, make("span", { class: "swatch stall", "aria-hidden": "true" }), "one of the longest stalls"));
}

function showHead(report) {
  const command = (report.command?.startsWith("train ") ? "plait " : "") + (report.command || "");
  byId("command").textContent = command;
  document.title = command ? `Trace of ${command}` : document.title;
  byId("lead").textContent = tellTrace(report);
  showFigures(report);
  if (report.timeline.truncated) {
    byId("truncated").textContent = report.timeline.truncated;
    byId("truncated").hidden = false;
  }
  byId("footer").textContent = `Plait ${report.plait}.`
    + (report.source_reason ? ` Recorded by ${sourceName(report)}: ${report.source_reason}.` : "");
}

function showTrace(report) {
  const timeline = makeTimeline(report);
  showHead(report);
  showLegend(report);
  const started = startTimeline(timeline, {
    canvas: byId("lanes"), overview: byId("overview"), tip: byId("tip"), range: byId("range") });
  const workerIds = report.workers.map(worker => worker.id);
  const go = stall => {
    viewOfStall(timeline, stall, workerIds);
    started.moved();
    const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
    byId("timeline-title").scrollIntoView({ behavior: quiet ? "auto" : "smooth" });
  };
  showPhases(report, byId("phases"));
  showWorkers(report, byId("workers"));
  showIdle(report, byId("idle"));
  showStalls(report, byId("stalls"), go);
  showPath(report, byId("path"));
  showLosses(report, byId("losses"));
  showCodelets(report, byId("codelets"));
  // For tests: everything stands, and so many tasks were drawn.
  document.documentElement.dataset.ready = started.seen;
}

showTrace(data);
