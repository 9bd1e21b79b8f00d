// SPDX-License-Identifier: GPL-3.0-or-later
// What a report does when somebody filters, sorts, zooms or points.  It stands within the page: no sign of it may need
// escaping in XML or HTML (embed asks for that).
'use strict';
function make(name, text) {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}
for (const table of document.querySelectorAll('table.filtered')) {
  const box = document.createElement('div'), label = make('label', 'Show only ');
  const input = document.createElement('input'), rows = Array.from(table.tBodies[0].rows);
  box.className = 'filter';
  input.type = 'search';
  input.addEventListener('input', function () {
    const word = input.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(word);
  });
  label.append(input);
  box.append(label);
  table.parentNode.before(box);
}
function key(row, column) {
  const text = row.cells[column].textContent, number = Number(text);
  return text === '' || Number.isNaN(number) ? text : number;
}
function order(a, b) {
  if (typeof a === 'number' ? typeof b === 'number' : typeof b === 'string')
    return a === b ? 0 : a > b ? 1 : -1;
  return typeof a === 'number' ? -1 : 1;
}
for (const button of document.querySelectorAll('table.sort th button')) {
  button.addEventListener('click', function () {
    const head = button.parentNode, body = head.closest('table').tBodies[0];
    const up = head.getAttribute('aria-sort') !== 'ascending', column = head.cellIndex;
    for (const other of head.parentNode.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const rows = Array.from(body.rows);
    rows.sort(function (a, b) { return (up ? 1 : -1) * order(key(a, column), key(b, column)); });
    body.append(...rows);
  });
}
function clamp(x, low, high) { return Math.max(low, Math.min(x, high)); }
// Buttons above a sheet, and keys and wheel on it while it has the focus.
function controls(sheet, zoom, all, keys) {
  const bar = document.createElement('div');
  bar.className = 'bar';
  for (const [text, what, act] of [['+', 'Zoom in', () => zoom(1.5)],
                                   ['\u2212', 'Zoom out', () => zoom(1 / 1.5)], ['all', 'Show all', all]]) {
    const button = make('button', text);
    button.type = 'button';
    button.setAttribute('aria-label', what);
    button.addEventListener('click', act);
    bar.append(button);
  }
  sheet.before(bar);
  sheet.addEventListener('keydown', function (event) {
    const act = {'+': () => zoom(1.5), '=': () => zoom(1.5), '-': () => zoom(1 / 1.5), '0': all, ...keys}[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  sheet.addEventListener('wheel', function (event) {
    if (document.activeElement !== sheet) return;
    event.preventDefault();
    zoom(0 > event.deltaY ? 1.25 : 0.8, event);
  }, {passive: false});
  return bar;
}
// A figure: what is seen of it is its viewBox.
for (const sheet of document.querySelectorAll('.zoom')) {
  const svg = sheet.querySelector('svg'), box = svg.viewBox.baseVal;
  const whole = {x: box.x, y: box.y, w: box.width, h: box.height};
  let seen = {...whole}, held = null;
  function show(x, y, w) {
    w = clamp(w, whole.w / 16, whole.w);
    const h = w * whole.h / whole.w;
    seen = {x: clamp(x, whole.x, whole.x + whole.w - w), y: clamp(y, whole.y, whole.y + whole.h - h), w: w, h: h};
    svg.setAttribute('viewBox', [seen.x, seen.y, seen.w, seen.h].join(' '));
  }
  function zoom(by, event) {
    const place = svg.getBoundingClientRect(), w = clamp(seen.w / by, whole.w / 16, whole.w);
    const px = event ? (event.clientX - place.left) / place.width : 0.5;
    const py = event ? (event.clientY - place.top) / place.height : 0.5;
    show(seen.x + (seen.w - w) * px, seen.y + (seen.w - w) * whole.h / whole.w * py, w);
  }
  function move(dx, dy) { show(seen.x + dx * seen.w, seen.y + dy * seen.h, seen.w); }
  controls(sheet, zoom, () => show(whole.x, whole.y, whole.w), {ArrowLeft: () => move(-0.1, 0),
    ArrowRight: () => move(0.1, 0), ArrowUp: () => move(0, -0.1), ArrowDown: () => move(0, 0.1)});
  svg.addEventListener('pointerdown', function (event) {
    if (seen.w === whole.w) return;
    held = event;
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener('pointermove', function (event) {
    if (!held) return;
    const place = svg.getBoundingClientRect();
    move((held.clientX - event.clientX) / place.width, (held.clientY - event.clientY) / place.height);
    held = event;
  });
  for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, function () { held = null; });
}
// Charts over time: one time for all of them.
for (const sheet of document.querySelectorAll('.series')) {
  const charts = Array.from(sheet.querySelectorAll('svg'), function (svg) {
    const plot = svg.querySelector('.plot'), f = {};
    for (const name in plot.dataset) f[name] = Number(plot.dataset[name]);
    const cursor = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    cursor.setAttribute('class', 'cursor');
    cursor.setAttribute('y1', f.top);
    cursor.setAttribute('y2', f.bottom);
    cursor.setAttribute('visibility', 'hidden');
    plot.after(cursor);
    const names = Array.from(svg.querySelectorAll('.line'), text => text.textContent);
    const lines = Array.from(plot.querySelectorAll('path'), (path, i) => ({name: names[i],
      points: path.getAttribute('d').slice(1).split(/[ML]/).map(at => at.split(' ').map(Number))}));
    return {svg, plot, f, cursor, lines, title: svg.querySelector('title').textContent,
            ticks: Array.from(svg.querySelectorAll('.tick'))};
  });
  const f = charts[0].f, bins = charts[0].lines[0].points.length;
  let low = f.first, high = f.last, at = null, shown = charts[0];
  const read = make('span', 'The pointer reads values; a stretch that is dragged over is shown alone.');
  read.setAttribute('role', 'status');
  function xOf(t) { return f.left + (f.right - f.left) * (t - f.first) / (f.last - f.first); }
  function value(line, c) {
    const x = xOf(at) + 0.05, point = line.points.filter(p => x >= p[0]).pop() || line.points[0];
    return Number(((c.f.bottom - point[1]) / (c.f.bottom - c.f.top) * c.f.high).toPrecision(3));
  }
  function show() {
    const k = (f.last - f.first) / (high - low);
    for (const c of charts) {
      c.plot.setAttribute('transform', 'translate(' + (f.left - k * xOf(low)) + ' 0) scale(' + k + ' 1)');
      c.ticks.forEach(function (tick, i) {
        tick.textContent = Number((low + (high - low) * i / 4).toPrecision(4)) + (i === 4 ? ' s' : '');
      });
      const x = at === null ? -1 : f.left + k * (xOf(at) - xOf(low)), inside = x >= f.left ? f.right >= x : false;
      c.cursor.setAttribute('x1', x);
      c.cursor.setAttribute('x2', x);
      c.cursor.setAttribute('visibility', inside ? 'visible' : 'hidden');
    }
    if (at !== null)
      read.textContent = shown.title + ' at ' + Number(at.toPrecision(4)) + ' s: ' +
        shown.lines.map(line => line.name + ' ' + value(line, shown)).join(', ');
  }
  function range(from, to) {
    const least = (f.last - f.first) / bins * 4, length = clamp(to - from, least, f.last - f.first);
    low = clamp(from, f.first, f.last - length);
    high = low + length;
    show();
  }
  function timeOf(event, c) {
    const place = c.svg.getBoundingClientRect(), x = (event.clientX - place.left) / place.width * c.svg.viewBox.baseVal.width;
    return clamp(low + (high - low) * (x - f.left) / (f.right - f.left), low, high);
  }
  function zoom(by) {
    const middle = at === null ? (low + high) / 2 : at, share = (middle - low) / (high - low);
    range(middle - (high - low) / by * share, middle + (high - low) / by * (1 - share));
  }
  function step(by) {
    at = clamp((at === null ? low : at) + by * (f.last - f.first) / (bins - 1), f.first, f.last);
    if (low > at || at > high) range(low + at - (low > at ? low : high), high + at - (low > at ? low : high));
    show();
  }
  controls(sheet, zoom, () => range(f.first, f.last),
    {ArrowLeft: () => step(-1), ArrowRight: () => step(1)}).append(read);
  for (const c of charts) {
    let from = null;
    c.svg.addEventListener('pointermove', function (event) { at = timeOf(event, c); shown = c; show(); });
    c.svg.addEventListener('pointerdown', function (event) { from = timeOf(event, c); });
    c.svg.addEventListener('pointerup', function (event) {
      const to = timeOf(event, c), drawn = from === null ? 0 : Math.abs(to - from);
      if (drawn > (high - low) / 50) range(Math.min(from, to), Math.max(from, to));
      from = null;
    });
  }
}
document.documentElement.setAttribute('data-ready', '1');
