// SPDX-License-Identifier: MIT
// The page that compares policies: who won, how it was measured, and everything else in its place.
"use strict";

function tellWinners(report) {
  const ok = report.configurations.filter(config => config.status === "ok"), varying = varyingOptions(ok);
  const group = report.group.map(index => report.configurations[index]).filter(config => config);
  const best = group[0];
  if (!best)
    return "Nothing was measured.";
  const names = group.slice(0, 6).map(config => nameOf(config, varying));
  const rate = isNumber(best.samples_per_second)
    ? `, ${formatCount(best.samples_per_second)} samples a second` : "";
  const time = `${formatTime(best.step_us, 4)} a step${rate}`;
  if (group.length === 1)
    return ok.length === 1 ? `${names[0]}: ${time}.` : `${names[0]} is the fastest: ${time}.`;
  if (group.length === ok.length)
    return `No configuration is better than another, so far as these runs tell. Ahead, perhaps by chance: ${names[0]}, with ${time}.`;
  const rest = group.length > names.length ? [`${group.length - names.length} more`] : [];
  return `The fastest: ${names[0]}, with ${time}. Not distinguishable from it: `
    + `${listWords([...names.slice(1).map(name => name.replaceAll(", ", " · ")), ...rest])}.`;
}

function tellMethod(report) {
  const all = report.configurations.length;
  const ok = report.configurations.filter(config => config.status === "ok").length;
  const again = report.configurations.reduce((sum, config) => sum + (config.measured_again || 0), 0);
  const parts = [
    report.machine ? `Machine: ${report.machine}.` : "",
    `${all === 1 ? "The configuration" : `Each of ${formatCount(all)} configurations`} ran ${formatCount(report.repeats)} `
      + `${report.repeats === 1 ? "time" : "times"} for ${formatCount(report.steps)} steps after `
      + `${formatCount(report.warmup)} to warm up${ok < all ? `; ${formatCount(all - ok)} did not reach the end` : ""}.`,
    isNumber(report.noise_percent) ? `A run varies by ${formatPercent(report.noise_percent)}; ratios up to `
      + `${formatNumber(report.distinguishable_ratio, 4)} may be chance.` : "One run each tells nothing of noise.",
    again ? `${formatCount(again)} ${again === 1 ? "run was" : "runs were"} measured again: the same tasks had taken `
      + "over a tenth longer than in the configuration's best run, as when the machine is busy otherwise." : "",
  ];
  return parts.filter(part => part).join(" ");
}

function mean(values) {
  return values?.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
}

// The mean of the workers, and each of them for the mouse.
function idleCell(config) {
  const each = (config.idle_percent || []).map((value, i) => `worker ${i}: ${formatPercent(value)}`);
  return make("span", { title: each.join(", ") }, formatPercent(mean(config.idle_percent)));
}

function showAll(report, section) {
  const rows = report.configurations.filter(config => config.status === "ok");
  const varying = varyingOptions(rows), best = Math.min(...rows.map(row => row.step_us));
  const group = new Set(report.group.map(index => report.configurations[index]));
  const rank = new Map(rows.map((config, i) => [config, i + 1]));
  addTable(section, [
    column("", row => rank.get(row), { number: true }),
    column("policy", row => row.policy, { class: "name", show: row =>
      make("span", { class: group.has(row) ? "oneline best" : "oneline" }, row.policy, group.has(row) ? "\u00a0✓" : "") }),
    ...varying.map(([key, title]) => column(title, row => row[key], { number: isNumber(rows[0]?.[key]) })),
    timeColumn("a step", row => row.step_us, rows, best),
    timeColumn("low", row => row.low_us, rows, best),
    timeColumn("high", row => row.high_us, rows, best),
    column("to best", row => row.ratio, { number: true, show: row => formatNumber(row.ratio, 4) }),
    column("samples/s", row => row.samples_per_second, { number: true, show: row => formatCount(row.samples_per_second) }),
    column("tasks/s", row => row.tasks_per_second, { number: true, show: row => formatCount(row.tasks_per_second) }),
    column("load wait", row => row.load_wait_percent, { number: true, show: row => formatPercent(row.load_wait_percent) }),
    column("idle", row => mean(row.idle_percent), { number: true, show: idleCell }),
    column("runs", row => okRuns(row).length, { number: true, show: row => `${okRuns(row).length}/${(row.runs || []).length}` }),
  ], rows, true);
  const same = options.filter(option => !varying.includes(option) && isKnown(rows[0]?.[option[0]]));
  if (same.length)
    section.append(make("p", { class: "note" }, `The same for all: ${listWords(same.map(([key, title]) => `${title} ${rows[0][key]}`))}.`));
}

function showFailures(report, section) {
  const rows = report.configurations.filter(config => config.status !== "ok");
  if (rows.length === 0)
    return;
  const varying = varyingOptions(report.configurations);
  section.hidden = false;
  addTable(section, [
    column("configuration", row => nameOf(row, varying), { class: "name", show: row => nameCell(nameOf(row, varying)) }),
    column("how", row => row.status),
    column("reason", row => row.reason, { class: "prose" }),
  ], rows);
}

function showPolicies(report) {
  byId("command").textContent = report.command ? `plait ${report.command}` : "";
  document.title = report.command ? `plait ${report.command}` : document.title;
  byId("winners").textContent = tellWinners(report);
  byId("method").textContent = tellMethod(report);
  const drawn = showRanking(report, byId("ranking"));
  showCurves(report, byId("curves"));
  showAll(report, byId("table"));
  showFailures(report, byId("failures"));
  byId("footer").textContent = `Plait ${report.plait}.`;
  document.documentElement.dataset.ready = drawn;
}

showPolicies(data);
