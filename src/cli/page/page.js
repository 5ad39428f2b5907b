// SPDX-License-Identifier: MIT
// What both pages use: the data, words for numbers, elements, tables that sort.  Text comes into
// the page as text nodes only, so a name can hold anything.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);

// -- words for numbers

const isNumber = value => typeof value === "number" && isFinite(value);

const unknown = "–";

// A number with at least so many significant digits, in groups of three.
function formatNumber(value, digits = 3) {
  if (!isNumber(value))
    return unknown;
  const whole = value === 0 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
  const decimals = Math.min(Math.max(digits - whole, 0), 6);
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const formatCount = value => isNumber(value) ? Math.round(value).toLocaleString("en") : unknown;

const formatPercent = value => isNumber(value) ? value.toFixed(1) + " %" : unknown;

// The unit in which a time is best told; all times here are in microseconds.
function unitOf(us) {
  if (us >= 1e6)
    return { name: "s", us: 1e6 };
  return us >= 1e3 ? { name: "ms", us: 1e3 } : { name: "µs", us: 1 };
}

function formatTime(us, digits = 3) {
  if (!isNumber(us))
    return unknown;
  const unit = unitOf(Math.abs(us));
  return us === 0 ? "0 µs" : formatNumber(us / unit.us, digits) + " " + unit.name;
}

function formatBytes(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return (unit === 0 ? formatCount(bytes) : formatNumber(bytes)) + " " + units[unit];
}

// "a", "a and b", "a, b and c".
function listWords(words) {
  return words.length < 2 ? words.join("")
    : words.slice(0, -1).join(", ") + " and " + words[words.length - 1];
}

// -- elements

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {}))
    if (value !== null && value !== undefined)
      element.setAttribute(name, value);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function makeSvg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function byId(id) {
  return document.getElementById(id);
}

const colourOf = phase => `var(--${phase})`;

// A name in a table: a short one stays on one line, with the colour of its phase if there is one.
function nameCell(name, phase) {
  return (name ?? null) === null ? null
    : make("span", { class: "oneline" }, phase ? swatch(phase) : null, name);
}

function swatch(phase) {
  return make("span", { class: "swatch", style: `background:${colourOf(phase)}`, "aria-hidden": "true" });
}

// A bar of shares: [{phase, percent}], each named in its title.
function shareBar(shares) {
  const words = shares.map(share => `${share.phase} ${formatPercent(share.percent)}`).join(", ");
  const parts = shares.filter(share => share.percent > 0).map(share =>
    make("span", { style: `width:${share.percent}%;background:${colourOf(share.phase)}`,
                   title: `${share.phase} ${formatPercent(share.percent)}` }));
  return make("div", { class: "bar", role: "img", "aria-label": words }, ...parts);
}

// Black or white, whichever stands out more on a colour "#rrggbb" (relative luminance of WCAG).
function textOn(colour) {
  const parts = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

// -- tables

// A column is {title, get(row), show(row), number, class}: get is what it sorts by, show (get,
// unless given) is text or an element.
function column(title, get, options) {
  return { title, get, show: get, ...options };
}

// The longest, or 0.
const longest = (rows, get) => Math.max(0, ...rows.map(get).filter(isNumber));

// A column of times in one unit, that of us (the longest, unless given: columns that are to be
// compared have it in common), with as many decimals for all.
function timeColumn(title, get, rows, us = longest(rows, get)) {
  const unit = unitOf(us);
  const decimals = Math.min(Math.max(3 - Math.floor(Math.log10(us / unit.us || 1)), 0), 3);
  const show = row => isNumber(get(row)) ? (get(row) / unit.us).toLocaleString("en",
    { minimumFractionDigits: decimals, maximumFractionDigits: decimals }) : unknown;
  return column(`${title}, ${unit.name}`, get, { number: true, show });
}

function compareValues(a, b) {
  if (isNumber(a) && isNumber(b))
    return a - b;
  // What is not known comes last either way.
  if (isNumber(a) || isNumber(b))
    return isNumber(a) ? -1 : 1;
  return String(a ?? "").localeCompare(String(b ?? ""), "en", { numeric: true });
}

function fillRows(body, columns, rows) {
  body.replaceChildren(...rows.map(row => make("tr", {}, ...columns.map(col =>
    make("td", { class: [col.number ? "number" : "", col.class || ""].join(" ").trim() || null },
         col.show(row) ?? unknown)))));
}

function headCell(col, sort) {
  const kind = { class: [col.number ? "number" : "", col.class || ""].join(" ").trim() || null, scope: "col" };
  if (!sort)
    return make("th", kind, col.title);
  const button = make("button", { type: "button", title: "Sort by this" }, col.title);
  const cell = make("th", kind, button);
  button.addEventListener("click", () => sort(col, cell));
  return cell;
}

// Adds a table; sortable ones begin in the order of the rows.
function addTable(parent, columns, rows, sortable = false) {
  const body = make("tbody");
  const sort = (col, cell) => {
    const descending = cell.hasAttribute("aria-sort")
      ? cell.getAttribute("aria-sort") === "ascending" : Boolean(col.number);
    for (const other of cell.parentNode.children)
      other.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const known = rows.filter(row => (col.get(row) ?? null) !== null);
    const sorted = known.sort((a, b) => (descending ? -1 : 1) * compareValues(col.get(a), col.get(b)));
    fillRows(body, columns, sorted.concat(rows.filter(row => (col.get(row) ?? null) === null)));
  };
  const head = make("tr", {}, ...columns.map(col => headCell(col, sortable ? sort : null)));
  fillRows(body, columns, rows);
  parent.append(make("div", { class: "scroll" }, make("table", {}, make("thead", {}, head), body)));
}
