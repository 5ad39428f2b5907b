// SPDX-License-Identifier: MIT
// Spans: what a row of the timeline shows, as flat arrays sorted by start, so that 200,000 tasks
// cost neither an object each nor a walk over all of them to draw a few.
"use strict";

// Kinds of spans are numbered in the order of the legend, which is that of the report's phases.
const paints = data.phases.map(phase => phase.name).filter(name => name !== "idle");
const paintOf = phase => Math.max(paints.indexOf(phase), 0);

// items: [{start, length, paint, what, step}] sorted by start; what indexes any list of the caller.
function makeSpans(items) {
  const count = items.length;
  const spans = {
    count,
    start: new Float64Array(count), end: new Float64Array(count),
    // The latest end of this span and all before it: it is sorted, even if spans overlap.
    reach: new Float64Array(count),
    paint: new Uint8Array(count), what: new Int32Array(count), step: new Int32Array(count),
  };
  let reach = 0;
  items.forEach((item, i) => {
    spans.start[i] = item.start;
    spans.end[i] = item.start + item.length;
    spans.reach[i] = reach = Math.max(reach, spans.end[i]);
    spans.paint[i] = item.paint;
    spans.what[i] = item.what;
    spans.step[i] = item.step;
  });
  return spans;
}

// The first index at which a sorted array reaches a value.
function lowerBound(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// The span at a time, or the one nearest to it within a tolerance; -1 if there is none.
function spanAt(spans, time, tolerance) {
  let best = -1, nearest = tolerance;
  for (let i = lowerBound(spans.reach, time - tolerance);
       i < spans.count && spans.start[i] <= time + tolerance; i++) {
    const away = Math.max(spans.start[i] - time, time - spans.end[i], 0);
    if (away <= nearest) {
      best = i;
      nearest = away;
    }
    if (away === 0)
      break;
  }
  return best;
}

// Cuts spans into rectangles of at least a pixel: wide(i, left, right) gets what is that wide;
// narrower ones that share a pixel become one, column(x, paint, share) with the paint that has
// most of it and the share of the pixel that is covered.  Returns how many spans were seen.
function forEachRectangle(spans, from, scale, width, wide, column) {
  const weight = new Float64Array(paints.length);
  const to = from + width / scale;
  let at = -1, seen = 0;
  const flush = () => {
    let paint = 0, sum = 0;
    for (let p = 0; at >= 0 && p < weight.length; p++) {
      sum += weight[p];
      if (weight[p] > weight[paint])
        paint = p;
    }
    if (at >= 0)
      column(at, paint, Math.min(sum, 1));
    weight.fill(0);
    at = -1;
  };
  for (let i = lowerBound(spans.reach, from); i < spans.count && spans.start[i] <= to; i++) {
    const left = (spans.start[i] - from) * scale, right = (spans.end[i] - from) * scale;
    if (right < 0)
      continue;
    seen++;
    if (right - left >= 1) {
      flush();
      wide(i, Math.max(left, 0), Math.min(right, width));
      continue;
    }
    const x = Math.min(Math.max(Math.floor(left), 0), width - 1);
    if (x !== at) {
      flush();
      at = x;
    }
    // A task of no length gets a little colour too.
    weight[spans.paint[i]] += Math.max(right - left, 1e-3);
  }
  flush();
  return seen;
}
