// Draws one ECharts figure inside an element and keeps it right: new options, theme switch, new width.
// Options arrive as JSON, so what JSON cannot say is named there and made here: colours "var(--humans)", formatters, custom shapes.
import * as echarts from 'echarts/core';
import { BarChart, BoxplotChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

echarts.use([BarChart, BoxplotChart, CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, LabelLayout, CanvasRenderer, SVGRenderer]);

const live = new Map();
const number = digits => value => typeof value === 'number' && isFinite(value) ? value.toFixed(digits) : '–';
const formatters = {
  percent: value => typeof value === 'number' && isFinite(value) ? `${+(100 * value).toFixed(1)} %` : '–',
  percentAxis: value => `${Math.round(100 * value)} %`,
  fixed1: number(1),
  fixed2: number(2),
  text: item => item.data?.text ?? '',
  user: item => item.data?.text ?? `User ${item.data?.[2]?.toLocaleString('en') ?? ''}`,
  power: value => `${+(10 ** value).toPrecision(2)}`,
};

// A point with its interval, lying on a category row: value = [estimate, low, high, row]. `dodge` moves it off the row's middle so that two can stand on one.
const estimate = ({ dodge = 0, symbol = 'circle', labels }) => (params, api) => {
  const row = api.value(3);
  const [x, middle] = api.coord([api.value(0), row]);
  const y = middle + dodge;
  const hue = api.visual('color');
  const low = api.coord([api.value(1), row])[0];
  const high = api.coord([api.value(2), row])[0];
  const hollow = symbol === 'ring';
  const children = [];
  if (isFinite(low) && isFinite(high)) {
    const line = (x1, y1, x2, y2) => children.push({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: hue, lineWidth: hollow ? 1.5 : 2, opacity: hollow ? .7 : 1 } });
    line(low, y, high, y);
    line(low, y - 4, low, y + 4);
    line(high, y - 4, high, y + 4);
  }
  const style = { fill: hollow ? surface() : hue, stroke: hollow ? hue : surface(), lineWidth: hollow ? 2 : 1.5 };
  children.push(symbol === 'diamond'
    ? { type: 'polygon', shape: { points: [[x, y - 7], [x + 7, y], [x, y + 7], [x - 7, y]] }, style }
    : { type: 'circle', shape: { cx: x, cy: y, r: 5.5 }, style });
  if (labels) {
    // Above the point, but never over the figure's edge.
    const { x: left, width } = params.coordSys;
    const half = labels[row].length * 3.6;
    children.push({
      type: 'text',
      style: { text: labels[row], x: Math.min(Math.max(x, left + half), left + width - half), y: y - 13, align: 'center', verticalAlign: 'bottom', fill: color('var(--ink)'), fontSize: 13 },
    });
  }
  return { type: 'group', children };
};

// An area between two curves: points = [[x, low, high], …].
const band = ({ points, step }) => (params, api) => {
  if (params.dataIndexInside > 0) return null;
  const along = which => points.flatMap((point, index) => {
    const here = api.coord([point[0], point[which]]);
    return step && index > 0 ? [api.coord([point[0], points[index - 1][which]]), here] : [here];
  });
  return { type: 'polygon', silent: true, shape: { points: [...along(1), ...along(2).reverse()] }, style: { fill: api.visual('color'), opacity: .16 } };
};

const shapes = { estimate, band };
const surface = () => color('var(--surface)');

let probe;
let onPaper = false;
// A slider redraws many figures many times: colours are asked for once per theme, because every question makes the browser lay out its styles.
const known = new Map();
let look = 0;
function color(text) {
  const key = `${onPaper} ${text}`;
  if (known.has(key)) return known.get(key);
  // light-dark() and color-mix() stay unresolved in a custom property's text; a real property of an element computes them.
  if (!probe?.isConnected) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.colorScheme = onPaper ? 'light' : '';
  probe.style.color = text;
  const computed = getComputedStyle(probe).color;
  known.set(key, computed);
  return computed;
}

function revive(value, key) {
  if (typeof value === 'string') {
    if (value.startsWith('var(--')) return color(value);
    if ((key === 'formatter' || key === 'valueFormatter') && formatters[value]) return formatters[value];
    return value;
  }
  if (Array.isArray(value)) return value.map(item => revive(item));
  if (value === null || typeof value !== 'object') return value;
  if (key === 'renderItem') return shapes[value.shape](value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revive(inner, name)]));
}

function theme() {
  const [ink, muted, line, over] = ['var(--ink)', 'var(--muted)', 'var(--line)', 'var(--surface)'].map(color);
  // Double quotes around a font's name would end the attribute they stand in when the figure is saved as SVG.
  const fontFamily = getComputedStyle(document.body).fontFamily.replaceAll('"', "'");
  const axis = {
    axisLine: { show: false }, axisTick: { show: false }, nameTextStyle: { color: muted, fontSize: 13 },
    axisLabel: { color: muted, fontSize: 13 }, splitLine: { lineStyle: { color: line } },
  };
  return {
    backgroundColor: 'transparent',
    textStyle: { fontFamily, color: ink },
    legend: { textStyle: { color: ink, fontSize: 13 }, itemGap: 16, inactiveColor: line, top: 0, left: 0 },
    // Tooltips as drawn text: an HTML one would need inline styles, which the page's content security policy refuses.
    tooltip: {
      renderMode: 'richText', confine: true, backgroundColor: over, borderColor: line, textStyle: { color: ink, fontSize: 13 },
      axisPointer: { lineStyle: { color: muted }, label: { show: false } },
    },
    valueAxis: axis, categoryAxis: axis,
  };
}

const narrow = figure => figure.chart.getWidth() < 520;

// A map keeps its proportions: what is one long across is one long down, in whatever room there is.
function keepProportions(figure, made) {
  const { left, right, top, bottom } = made.grid;
  const wide = Math.max(1, figure.chart.getWidth() - left - right);
  const high = Math.max(1, figure.chart.getHeight() - top - bottom);
  const spread = ({ min, max }, least) => {
    const more = Math.max(0, least - (max - min)) / 2;
    return { min: min - more, max: max + more };
  };
  const { xAxis, yAxis } = made;
  const unit = Math.max((xAxis.max - xAxis.min) / wide, (yAxis.max - yAxis.min) / high);
  Object.assign(xAxis, spread(xAxis, unit * wide));
  Object.assign(yAxis, spread(yAxis, unit * high));
}

function option(figure) {
  const made = { animation: false, ...revive(figure.options) };
  if (made.proportional) keepProportions(figure, made);
  if (!narrow(figure)) return made;
  // On a phone the legend stands above the figure, one group to a line, and row names take less room.
  const groups = made.legend?.data.length ?? 0;
  if (groups > 1) {
    made.legend.orient = 'vertical';
    made.legend.itemGap = 6;
    made.grid.top = 20 + 22 * groups;
  }
  if (made.yAxis.axisLabel?.width) Object.assign(made.yAxis.axisLabel, { width: Math.round(.36 * figure.chart.getWidth()), fontSize: 12, lineHeight: 14 });
  return made;
}

function paint(figure) {
  figure.isNarrow = narrow(figure);
  if (figure.look !== look) figure.chart.setTheme(theme(), { silent: true });
  figure.look = look;
  figure.chart.setOption(option(figure), { notMerge: true });
}

function repaintAll() {
  known.clear();
  look++;
  for (const figure of live.values()) paint(figure);
}

new MutationObserver(repaintAll).observe(document.documentElement, { attributeFilter: ['data-theme'] });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaintAll);

// `picked` hears of a click on a point that says which one it is: value[2].
export function draw(element, options, picked) {
  const made = JSON.parse(options);
  let figure = live.get(element);
  element.style.blockSize = element.dataset.height ? `${element.dataset.height}px` : '';
  if (!figure) {
    // Thousands of points are drawn, not built into the page.
    figure = { chart: echarts.init(element, theme(), { renderer: made.manyPoints ? 'canvas' : 'svg' }) };
    figure.observer = new ResizeObserver(() => {
      figure.chart.resize();
      if (figure.options.proportional || narrow(figure) !== figure.isNarrow) paint(figure);
    });
    if (picked) {
      figure.chart.on('click', item => {
        const which = (item.data?.value ?? item.data)?.[2];
        if (Number.isInteger(which)) picked.invokeMethodAsync('PickAsync', which);
      });
    }
    live.set(element, figure);
  }
  figure.options = made;
  paint(figure);
  figure.observer.observe(element);
}

export function dispose(element) {
  const figure = live.get(element);
  if (!figure) return;
  live.delete(element);
  figure.observer.disconnect();
  figure.chart.dispose();
}

// Files are for paper: always the light colours. Drawn afresh, on a canvas for PNG: turning the SVG into an image would need
// a data: or blob: source, which the policy refuses.
export async function download(element, kind, name) {
  const figure = live.get(element);
  if (!figure) return;
  onPaper = true;
  const size = { width: figure.chart.getWidth(), height: figure.chart.getHeight() };
  const copy = echarts.init(document.createElement('div'), theme(), { renderer: kind === 'svg' ? 'svg' : 'canvas', ...size });
  try {
    copy.setOption({ ...option(figure), backgroundColor: surface() });
    save(name, kind === 'svg'
      ? new Blob([copy.renderToSVGString({ useViewBox: true })], { type: 'image/svg+xml' })
      : await new Promise(resolve => copy.renderToCanvas({ pixelRatio: 3 }).toBlob(resolve, 'image/png')));
  } finally {
    onPaper = false;
    copy.dispose();
  }
}

export function downloadText(text, type, name) {
  save(name, new Blob([text], { type }));
}

function save(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
