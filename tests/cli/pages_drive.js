// SPDX-License-Identifier: MIT
// Appended to a page of a trace by pages_browser.sh: uses it as a reader would, and writes what
// came of it into the document, as "name=true" or "name=false" each.
"use strict";

const results = [];
const check = (name, truth) => results.push(`${name}=${Boolean(truth)}`);
const lanes = document.getElementById("lanes");
const rangeNow = () => document.getElementById("range").textContent;
const tipNow = () => document.getElementById("tip");
const frame = () => new Promise(done => setTimeout(done, 20));
const box = () => lanes.getBoundingClientRect();
const pointer = (type, x, y, id = 1) => lanes.dispatchEvent(new PointerEvent(type,
  { clientX: box().left + x, clientY: box().top + y, pointerId: id, pointerType: "mouse", bubbles: true }));
const key = name => lanes.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));

async function changes(name, act) {
  const before = rangeNow();
  act();
  await frame();
  check(name, rangeNow() !== before);
}

async function drive() {
  // The browser's time is virtual here, and does not wait for its frames.
  window.requestAnimationFrame = draw => setTimeout(draw, 0);
  // Events made by a script have no pointer that could be captured.
  lanes.setPointerCapture = () => {};
  const wheel = deltaY => lanes.dispatchEvent(new WheelEvent("wheel",
    { deltaY, clientX: box().left + 400, clientY: box().top + 60, bubbles: true, cancelable: true }));
  await changes("wheel", () => wheel(-600));
  await changes("button", () => document.getElementById("zoom-in").click());
  await changes("arrow", () => key("ArrowRight"));
  await changes("drag", () => {
    pointer("pointerdown", 400, 60);
    pointer("pointermove", 460, 60);
    pointer("pointerup", 460, 60);
  });
  await changes("pinch", () => {
    pointer("pointerdown", 300, 60, 1);
    pointer("pointerdown", 400, 60, 2);
    pointer("pointermove", 200, 60, 1);
    pointer("pointermove", 500, 60, 2);
    pointer("pointerup", 200, 60, 1);
    pointer("pointerup", 500, 60, 2);
  });
  key("n");
  await frame();
  check("key-tip", !tipNow().hidden && tipNow().textContent.includes("step"));
  await new Promise(done => setTimeout(done, 400));
  check("address", /^#from=[0-9.]+&to=[0-9.]+$/.test(location.hash));
  lanes.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  await frame();
  check("double-click", rangeNow().startsWith("all "));
  await changes("stall", () => document.querySelector("#stalls tbody tr").click());
  key("0");
  await frame();
  check("zero", rangeNow().startsWith("all "));
  let found = false;
  for (let x = 90; x < box().width && !found; x++) {
    pointer("pointermove", x, 70);
    found = !tipNow().hidden;
  }
  check("hover", found && tipNow().querySelector("strong").textContent !== "");
  // By the mean: down first, then up.
  const means = () => [...document.querySelectorAll("#codelets tbody td:nth-child(5)")].map(td => Number(td.textContent));
  const header = document.querySelectorAll("#codelets th button")[4];
  header.click();
  const down = means();
  header.click();
  const up = means();
  check("sort", up.length === 8 && up[0] < up[7] && up.every((mean, i) => mean === down[7 - i]));
}

drive().catch(error => check(String(error), false))
  .finally(() => { document.documentElement.dataset.drive = results.join(" "); });
