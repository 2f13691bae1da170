// Draws the charts of a report with dygraphs. A <figure class="charts"> holds the data of a ChartGroup (chart_data.hpp).
// Texts of the data reach the page as text nodes only.
(() => {
'use strict';

const groups = [];
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const element = (parent, name, kind, text) => {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
};

// ---- how values are written

const significant = (value, digits) => Number(value.toPrecision(digits)).toString();

function scaled(value, units, digits) {
  let chosen = units[0];
  for (const unit of units) if (Math.abs(value) >= unit[0] * (1 - 1e-9)) chosen = unit;
  return significant(value / chosen[0], digits) + ' ' + chosen[1];
}
const byteUnits = [[1, 'B'], [2 ** 10, 'KiB'], [2 ** 20, 'MiB'], [2 ** 30, 'GiB'], [2 ** 40, 'TiB']];
const timeUnits = [[1e-9, 'ns'], [1e-6, '\u00b5s'], [1e-3, 'ms'], [1, 's']];

function written(value, quantity, digits = 4) {
  if (quantity === 'bytes') return scaled(value, byteUnits, digits);
  if (quantity === 'seconds') return value === 0 ? '0 s' : scaled(value, timeUnits, digits);
  return significant(value, digits);
}

// ---- where ticks are

function logTicks(low, high, most, base) {
  const first = Math.ceil(Math.log(low) / Math.log(base) - 1e-9);
  const last = Math.floor(Math.log(high) / Math.log(base) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks = [];
  for (let i = Math.ceil(first / step) * step; i <= last; i += step) ticks.push(base ** i);
  return ticks;
}

function linearTicks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; ++i) ticks.push(i * step);
  return ticks;
}

function ticksOf(axis, low, high, pixels, room) {
  const most = Math.max(2, Math.floor(pixels / room));
  let ticks = axis.log ? logTicks(low, high, most, axis.quantity === 'bytes' ? 2 : 10) : linearTicks(low, high, most);
  if (axis.log && axis.quantity !== 'bytes' && ticks.length < 3) {
    ticks = [];
    for (let i = Math.floor(Math.log10(low)); i <= Math.log10(high); ++i)
      for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** i);
    ticks = ticks.filter(at => low <= at && at <= high);
  }
  if (ticks.length < 2) ticks = linearTicks(low, high, most);
  let labels;
  let digits = 2;
  do {
    labels = ticks.map(at => written(at, axis.quantity, ++digits));
  } while (digits < 8 && new Set(labels).size < labels.length);  // no two of them read alike
  return ticks.map((v, i) => ({v, label: labels[i]}));
}

// ---- one chart

const isOfBars = series => series.draw === 'points' && Boolean(series.low);

// The shapes of Series::shape.
const shapeSigns = ['\u25cf', '\u25a0', '\u25b2', '\u25c6'];
const polygon = (...corners) => (graph, name, context, x, y, fill, radius) => {
  context.beginPath();
  context.fillStyle = fill;
  corners.forEach(([across, down], i) => {
    context[i === 0 ? 'moveTo' : 'lineTo'](x + across * radius * 1.25, y + down * radius * 1.25);
  });
  context.fill();
};
const shapes = [
  (graph, name, context, x, y, fill, radius) => {
    context.beginPath();
    context.fillStyle = fill;
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  },
  polygon([-1, -1], [1, -1], [1, 1], [-1, 1]),
  polygon([0, -1.2], [1.2, 1], [-1.2, 1]),
  polygon([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]),
];

// A row for each place, more than one where a series has several values there.
function tableOf(series) {
  const rowsAt = new Map();
  series.forEach((each, i) => each.x.forEach((x, j) => {
    const y = each.y[j];
    if (y === null) return;
    const bars = each.low && each.draw !== 'points' && each.low[j] !== null && each.high[j] !== null;
    if (!rowsAt.has(x)) rowsAt.set(x, []);
    const rows = rowsAt.get(x);
    let free = rows.find(row => row[i + 1] === null);
    if (!free) rows.push(free = [x, ...series.map(() => null)]);
    free[i + 1] = bars ? [each.low[j], y, each.high[j]] : [y, y, y];
  }));
  return [...rowsAt.keys()].sort((a, b) => a - b).flatMap(x => rowsAt.get(x));
}

class Chart {
  constructor(group, panel, parent) {
    this.group = group;
    this.panel = panel;
    const place = element(parent, 'div', 'panel');
    element(place, 'h4', '', panel.title);
    element(place, 'div', 'axis').append(panel.y.label);
    this.box = element(place, 'div', 'chart');
    this.box.tabIndex = 0;
    this.box.setAttribute('role', 'application');
    this.box.setAttribute('aria-label', `${group.data.title}: ${panel.title}. Left and right arrow: values; up and ` +
      'down arrow: next line; plus and minus: zoom; 0: all.');
    const below = element(place, 'div', 'axis');
    element(below, 'span', '', '');
    element(below, 'span', '', panel.x.label);
    this.readout = element(place, 'div', 'readout', '\u00a0');
    this.readout.setAttribute('aria-live', 'polite');
    this.labels = panel.series.map((each, i) => 's' + i);  // names need not be different
    this.rows = tableOf(panel.series);
    this.at = {series: 0, point: -1};
    this.box.addEventListener('keydown', event => this.onKey(event));
  }

  range(axis) { return [axis.low, axis.high]; }

  // What depends on the colours of the page.
  look() {
    const series = {};
    this.panel.series.forEach((each, i) => {
      series[this.labels[i]] = {
        color: colour('--colour' + each.colour),
        strokeWidth: each.draw === 'points' ? 0 : 1.6,
        drawPoints: each.draw !== 'line' && !isOfBars(each),
        drawPointCallback: shapes[each.shape || 0],
        drawHighlightPointCallback: shapes[each.shape || 0],
        pointSize: each.draw === 'points' ? 3 : 2.5,
        highlightCircleSize: 5,
        strokePattern: each.dashed ? [6, 4] : null,
      };
    });
    return {series, gridLineColor: colour('--grid'), axisLineColor: colour('--line')};
  }

  make() {
    const {panel} = this;
    this.graph = new Dygraph(this.box, this.rows, {
      ...this.look(),
      labels: ['x', ...this.labels],
      customBars: true,
      fillAlpha: 0.14,
      connectSeparatedPoints: true,
      visibility: panel.series.map(each => this.group.isShown(each.name)),
      logscale: panel.y.log,
      legend: 'never',
      rightGap: 26,
      dateWindow: this.range(panel.x),
      valueRange: this.range(panel.y),
      highlightSeriesOpts: {strokeWidth: 3},
      highlightSeriesBackgroundAlpha: 1,
      axes: {
        x: {
          logscale: panel.x.log,
          ticker: (low, high, pixels) => ticksOf(panel.x, low, high, pixels, 64),
          axisLabelWidth: 60,
        },
        y: {
          ticker: (low, high, pixels) => ticksOf(panel.y, low, high, pixels, 34),
          axisLabelWidth: 58,
        },
      },
      underlayCallback: (context, area, graph) => this.drawBeneath(context, area, graph),
      plugins: [{activate: () => ({didDrawChart: e => this.drawMarks(e.drawingContext, e.dygraph.getArea())})}],
      highlightCallback: (event, x, points, row, name) => {
        const point = points.find(each => each.name === name);
        this.tell(this.labels.indexOf(name), x, point && point.yval);
      },
      unhighlightCallback: () => { this.readout.textContent = '\u00a0'; },
      zoomCallback: (low, high) => this.group.zoomed(this, low, high),
      interactionModel: {...Dygraph.defaultInteractionModel, dblclick: () => this.group.reset()},
    });
  }

  drawBeneath(context, area, graph) {
    context.save();
    context.beginPath();
    context.rect(area.x, area.y, area.w, area.h);
    context.clip();
    for (const y of this.panel.horizontals) {
      context.strokeStyle = colour('--soft');
      context.beginPath();
      context.moveTo(area.x, graph.toDomYCoord(y));
      context.lineTo(area.x + area.w, graph.toDomYCoord(y));
      context.stroke();
    }
    this.panel.series.forEach(each => {
      if (!isOfBars(each) || !this.group.isShown(each.name)) return;
      context.strokeStyle = colour('--colour' + each.colour);
      context.lineWidth = 1.5;
      each.x.forEach((x, i) => {
        context.beginPath();
        const place = area.x + area.w * graph.toPercentXCoord(x);  // toDomXCoord() knows no log axis
        context.moveTo(place, graph.toDomYCoord(each.low[i]));
        context.lineTo(place, graph.toDomYCoord(each.high[i]));
        context.stroke();
      });
    });
    context.restore();
  }

  // Over the curves: the bands of many would hide them.
  drawMarks(context, area) {
    const marks = this.group.data.remarks.map(each => each.split(':')[0]).join(', ');
    if (!marks) return;
    context.save();
    context.globalAlpha = 0.5;
    context.fillStyle = colour('--mark');
    context.strokeStyle = colour('--page');
    context.lineWidth = 3;
    context.textAlign = 'center';
    let size = 30;
    do {
      context.font = `600 ${size}px system-ui, sans-serif`;
      size -= 2;
    } while (size > 8 && context.measureText(marks).width > area.w * 0.95);
    for (const write of ['strokeText', 'fillText']) context[write](marks, area.x + area.w / 2, area.y + area.h / 2);
    context.restore();
  }

  tell(series, x, y) {
    const each = this.panel.series[series];
    const place = each ? each.x.findIndex((its, i) => its === x && (y === undefined || each.y[i] === y)) : -1;
    if (place < 0) return;
    this.at = {series, point: place};
    const quantity = this.panel.y.quantity;
    const has_bars = each.low && each.draw !== 'points' && each.low[place] !== null;
    const unit = quantity === 'number' ? ' ' + this.panel.y.label.replace(/^.*\(([^)]*)\).*$|^.*$/, '$1') : '';
    this.readout.textContent = `${written(x, this.panel.x.quantity)}: ${written(each.y[place], quantity)}${unit}` +
      (has_bars ? ` (${written(each.low[place], quantity)} .. ${written(each.high[place], quantity)})` : '') +
      ` \u2013 ${each.name}`;
  }

  select() {
    const each = this.panel.series[this.at.series];
    const x = each.x[this.at.point];
    const y = each.y[this.at.point];
    const column = this.at.series + 1;
    this.graph.setSelection(this.rows.findIndex(row => row[0] === x && row[column] && row[column][1] === y),
      this.labels[this.at.series]);
    this.tell(this.at.series, x, y);
  }

  onKey(event) {
    const {series} = this.panel;
    const shown = series.map((each, i) => i).filter(i => this.group.isShown(series[i].name));
    if (shown.length === 0 && event.key.startsWith('Arrow')) return;
    if (!shown.includes(this.at.series)) this.at = {series: shown[0], point: -1};
    const size = series[this.at.series].x.length;
    const turn = by => { this.at.point = Math.max(0, Math.min(size - 1, this.at.point + by)); this.select(); };
    const next = by => {
      this.at = {series: shown[(shown.indexOf(this.at.series) + by + shown.length) % shown.length], point: 0};
      this.select();
    };
    const actions = {
      ArrowRight: () => turn(1), ArrowLeft: () => turn(-1), ArrowDown: () => next(1), ArrowUp: () => next(-1),
      '+': () => this.zoomBy(0.5), '=': () => this.zoomBy(0.5), '-': () => this.zoomBy(2),
      '0': () => this.group.reset(), Escape: () => this.group.reset(),
    };
    if (actions[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      actions[event.key]();
    }
  }

  // Around the chosen value, else around the middle.
  zoomBy(factor) {
    const {x: axis} = this.panel;
    const to = axis.log ? Math.log : each => each;
    const back = axis.log ? Math.exp : each => each;
    const [low, high] = this.graph.xAxisRange().map(to);
    const chosen = this.at.point >= 0 ? to(this.panel.series[this.at.series].x[this.at.point]) : (low + high) / 2;
    const half = (high - low) / 2 * factor;
    const middle = Math.max(low, Math.min(high, chosen));
    const wanted = [Math.max(axis.low, back(middle - half)), Math.min(axis.high, back(middle + half))];
    this.graph.updateOptions({dateWindow: wanted});
    this.group.zoomed(this, ...wanted);
  }
}

// ---- charts that share a legend

class Group {
  constructor(figure) {
    this.data = JSON.parse(figure.querySelector('script').textContent);
    this.hidden = new Set();
    const looks = new Map();
    for (const each of this.data.panels.flatMap(panel => panel.series)) {
      if (!looks.has(each.name) && each.name) looks.set(each.name, each);
    }
    this.names = [...looks.keys()];
    this.hasShapes = [...looks.values()].some(each => each.shape);
    this.tools = element(figure, 'div', 'tools');
    this.button(this.tools, 'show all', () => this.show(this.names));
    this.button(this.tools, 'hide all', () => this.show([]));
    this.button(this.tools, 'whole range', () => this.reset());
    this.legend = element(figure, 'div', 'legend');
    this.keys = this.names.map(name => this.key(name, looks.get(name)));
    this.panels = element(figure, 'div', 'panels');
    this.charts = this.data.panels.map(panel => new Chart(this, panel, this.panels));
    for (const chart of this.charts) chart.make();  // now that all have their width
  }

  button(parent, text, action) {
    const made = element(parent, 'button', '', text);
    made.type = 'button';
    made.addEventListener('click', action);
    return made;
  }

  key(name, look) {
    const made = this.button(this.legend, '', event => this.toggle(name, event));
    made.setAttribute('aria-pressed', 'true');
    made.title = 'Click: hide or show. With shift: this one alone.';
    const swatch = element(made, 'span', look.dashed ? 'swatch dashed' : 'swatch');
    swatch.style.color = `var(--colour${look.colour})`;
    if (this.hasShapes && look.draw !== 'line') {
      element(made, 'span', 'sign', shapeSigns[look.shape || 0] + ' ').style.color = swatch.style.color;
    }
    made.append(name);
    return made;
  }

  isShown(name) { return !this.hidden.has(name); }

  toggle(name, event) {
    if (event.shiftKey) return this.show([name]);
    const shown = this.names.filter(each => this.isShown(each) !== (each === name));
    return this.show(shown);
  }

  show(names) {
    this.hidden = new Set(this.names.filter(each => !names.includes(each)));
    this.keys.forEach((key, i) => key.setAttribute('aria-pressed', String(this.isShown(this.names[i]))));
    for (const chart of this.charts) {
      chart.graph.updateOptions({visibility: chart.panel.series.map(each => this.isShown(each.name))});
    }
  }

  zoomed(from, low, high) {
    for (const chart of this.charts) {
      const [mine, its] = [chart.panel.x, from.panel.x];
      if (chart !== from && mine.label === its.label && mine.low === its.low && mine.high === its.high) {
        chart.graph.updateOptions({dateWindow: [low, high]});
      }
    }
  }

  reset() {
    for (const chart of this.charts) {
      chart.graph.updateOptions({dateWindow: chart.range(chart.panel.x), valueRange: chart.range(chart.panel.y)});
    }
  }

  redraw() {
    for (const chart of this.charts) chart.graph.updateOptions(chart.look());
  }
}

// A canvas that is made or resized while a page is printed stays empty: the charts keep their size, which the style
// brings to that of the paper, and are drawn again in the colours of print.
function printing(isPrinting) {
  const root = document.documentElement;
  if (root.classList.contains('printing') === isPrinting) return;
  for (const group of groups) group.panels.style.setProperty('--drawn', group.panels.clientWidth);
  root.classList.toggle('printing', isPrinting);
  redraw();
}

for (const figure of document.querySelectorAll('figure.charts')) groups.push(new Group(figure));
const redraw = () => groups.forEach(group => group.redraw());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
matchMedia('print').addEventListener('change', event => printing(event.matches));
addEventListener('beforeprint', () => printing(true));
addEventListener('afterprint', () => printing(false));
})();
