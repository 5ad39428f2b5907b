// SPDX-License-Identifier: MIT
// The timeline's contents and its view: which rows there are, how high, and which part of the
// time is shown.  timeline_draw.js draws it, timeline_input.js moves it.
"use strict";

const narrowest = 0.5; // µs: no view is shorter

// Rows from top to bottom.  tasks and states may be null.
function makeRows(timeline) {
  const workers = timeline.workers.map(name => ({ name, tasks: [], states: [] }));
  for (const [worker, name, start, length, step] of timeline.tasks)
    workers[worker]?.tasks.push({ start, length, step, what: name, paint: paintOf(timeline.phase_of[name]) });
  for (const [worker, kind, start, length] of timeline.states || [])
    workers[worker]?.states.push({ start, length, step: -1, what: 0, paint: paintOf(kind) });
  const rows = workers.map(worker => ({ name: worker.name, kind: "worker",
    spans: makeSpans(worker.tasks), states: makeSpans(worker.states) }));
  return rows.concat(makeTransferRows(timeline.transfers || []));
}

// A row for each pair of memory nodes; what is the index of the transfer.
function makeTransferRows(transfers) {
  const pairs = new Map();
  transfers.forEach(([from, to, start, length], i) => {
    const name = `${from} → ${to}`;
    if (!pairs.has(name))
      pairs.set(name, []);
    pairs.get(name).push({ start, length, step: -1, what: i, paint: paintOf("transfer") });
  });
  return [...pairs].map(([name, items]) => ({ name, kind: "transfer", spans: makeSpans(items), states: null }));
}

// Each step from the end of the one before to its own end: steps overlap, their ends do not.  Steps
// of one task are one of these.
function makeSteps(steps) {
  const ends = steps.filter(step => isNumber(step[2])).sort((a, b) => a[2] - b[2]);
  return {
    number: ends.map(step => step[0]),
    last: new Map(ends.map(([step, , , steps = 1]) => [step, step + steps - 1])),
    begin: Float64Array.from(ends, step => step[1]),
    end: Float64Array.from(ends, step => step[2]),
  };
}

function makeTimeline(report) {
  const source = report.timeline;
  const rows = makeRows(source);
  const length = rows.reduce((most, row) => Math.max(most, row.spans.reach[row.spans.count - 1] || 0),
                             Math.max(report.wall_us || 0, 1));
  return {
    source, rows, length,
    steps: makeSteps(source.steps || []),
    stalls: report.stalls || [],
    view: { from: 0, to: length },
    chosen: null,            // { row, span }: what the tip tells of
    row: 0,                  // where the keys p and n go
    width: 0, scale: 1,      // of the drawing: pixels in all, pixels a µs
    gutter: 80, top: 0, height: 0,
  };
}

// Heights for as many rows as there are: few workers get tall rows.
function layOut(timeline, width) {
  const workers = timeline.rows.filter(row => row.kind === "worker").length;
  const tall = workers <= 8 ? 40 : workers <= 24 ? 24 : 14;
  timeline.width = width;
  timeline.gutter = width < 600 ? 58 : 84;
  timeline.top = 50; // the axis and the steps
  let y = timeline.top;
  for (const row of timeline.rows) {
    row.y = y;
    row.height = row.kind === "worker" ? tall : Math.min(tall, 20);
    y += row.height + (tall > 14 ? 6 : 2);
  }
  timeline.height = y + 2;
}

// Shows from .. to, as near as the limits allow.
function setView(timeline, from, to) {
  const span = Math.min(Math.max(to - from, narrowest), timeline.length);
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(middle - span / 2, 0), timeline.length - span);
  timeline.view = { from: start, to: start + span };
}

// Zooms by a factor (over 1: nearer) and leaves the time at where it is.
function zoomAt(timeline, time, factor) {
  const { from, to } = timeline.view;
  const span = Math.min(Math.max((to - from) / factor, narrowest), timeline.length);
  const share = (time - from) / (to - from);
  setView(timeline, time - share * span, time + (1 - share) * span);
}

function moveBy(timeline, share) {
  const { from, to } = timeline.view;
  const by = Math.max(Math.min((to - from) * share, timeline.length - to), -from);
  setView(timeline, from + by, to + by);
}

const isWhole = timeline => timeline.view.to - timeline.view.from >= timeline.length * 0.999999;

// A few steps about the middle of the view.
function viewOfSteps(timeline, count) {
  const { end, begin } = timeline.steps;
  if (end.length === 0)
    return;
  const middle = (timeline.view.from + timeline.view.to) / 2;
  const last = Math.min(lowerBound(end, middle) + 1, end.length - 1);
  const first = Math.max(last - count + 1, 0);
  const from = first > 0 ? end[first - 1] : Math.min(begin[0], end[0]);
  const margin = (end[last] - from) * 0.05;
  setView(timeline, from - margin, end[last] + margin);
}

// A stall with what is around it, and the row of its worker chosen.
function viewOfStall(timeline, stall, workerIds) {
  const around = Math.max(stall.us * 1.5, 20);
  const row = workerIds.indexOf(stall.worker);
  setView(timeline, stall.start_us - around, stall.start_us + stall.us + around);
  timeline.row = row >= 0 ? row : 0;
  timeline.chosen = null;
}

function formatSteps(timeline, step) {
  const last = timeline.steps.last.get(step) ?? step;
  return last > step ? ["steps", `${formatCount(step)} to ${formatCount(last)}`] : ["step", formatCount(step)];
}

// What the tip says of a span: a title and pairs.
function describe(timeline, row, i) {
  const { spans } = row, { source } = timeline;
  const times = [["start", formatTime(spans.start[i], 5)], ["duration", formatTime(spans.end[i] - spans.start[i])]];
  if (row.kind === "transfer") {
    const [from, to, , , bytes] = source.transfers[spans.what[i]];
    return ["transfer", [["from, to", `memory ${from} → ${to}`], ["size", formatBytes(bytes)], ...times]];
  }
  const name = source.names[spans.what[i]];
  const slash = name.indexOf("/");
  return [name, [["phase", source.phase_of[spans.what[i]]],
                 ...(slash >= 0 ? [["layer", name.slice(slash + 1)]] : []),
                 formatSteps(timeline, spans.step[i]), ["worker", row.name], ...times]];
}
