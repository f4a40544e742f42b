// What a chart shows, from the plain data of a table: {kind, title, unit, groups, series: [{label, values}]}.

// Okabe and Ito's colours, told apart by colour-blind people; patterns tell them apart in grey as well.
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#57606a', '#8f1d22', '#b8a200'];
// Named fonts, not "inherit": ECharts measures texts before they are on the page.
const TEXT = { color: '#1f2328', fontSize: 14, lineHeight: 20, fontFamily: getComputedStyle(document.body).fontFamily };
const NARROW = 480;
const LINE_HEIGHT = 34;

export function optionsOf(data, width, { animation }) {
  const shared = {
    animation,
    animationDuration: 300,
    color: COLOURS,
    textStyle: TEXT,
    aria: { enabled: true, decal: { show: data.kind === 'pie' || data.series.length > 1 } },
    tooltip: { trigger: data.kind === 'pie' ? 'item' : 'axis', confine: true, valueFormatter: withUnit(data.unit) },
  };
  if (data.kind === 'pie') return pie(data, width, shared);
  return data.kind === 'line' ? line(data, shared) : bars(data, width, shared);
}

function withUnit(unit) {
  return (value) => (value === null || value === undefined || Number.isNaN(value) ? '—' : `${value}${unit}`);
}

const legendOf = (data) => (data.series.length > 1 ? { top: 0, itemGap: 16, textStyle: TEXT } : undefined);

function axis(data) {
  const whole = data.series.every((one) => one.values.every((value) => value === null || Number.isInteger(value)));
  return {
    type: 'value',
    minInterval: whole ? 1 : 0,
    max: data.unit === '%' ? 100 : undefined,
    axisLabel: { ...TEXT, fontSize: 13, formatter: `{value}${data.unit}` },
    splitLine: { lineStyle: { color: '#e3e6ea' } },
  };
}

// Lying bars: Chinese names of groups are long, and a phone is narrow.
function bars(data, width, shared) {
  const longest = Math.max(...data.groups.map((name) => name.length));
  const room = Math.min(width * 0.4, 220, longest * TEXT.fontSize + 4);
  const height = 60 + data.groups.length * LINE_HEIGHT * Math.max(1, data.series.length * 0.55) + (data.series.length > 1 ? 36 : 0);
  const options = {
    ...shared,
    legend: legendOf(data),
    grid: { left: 4, right: 36, top: data.series.length > 1 ? 40 : 8, bottom: 4, outerBoundsMode: 'same', containLabel: true },
    xAxis: axis(data),
    yAxis: {
      type: 'category',
      inverse: true,
      data: data.groups,
      axisTick: { show: false },
      axisLabel: { ...TEXT, width: room, overflow: 'truncate', interval: 0 },
    },
    series: data.series.map((one) => ({
      type: 'bar',
      name: one.label,
      data: one.values,
      barMaxWidth: 22,
      label: { show: true, position: 'right', ...TEXT, formatter: ({ value }) => (value ? `${value}${data.unit}` : '') },
    })),
  };
  return { options, height };
}

function line(data, shared) {
  const options = {
    ...shared,
    legend: legendOf(data),
    grid: { left: 4, right: 24, top: data.series.length > 1 ? 44 : 20, bottom: 4, outerBoundsMode: 'same', containLabel: true },
    xAxis: { type: 'category', data: data.groups, axisLabel: { ...TEXT, hideOverlap: true } },
    yAxis: axis(data),
    series: data.series.map((one, index) => ({
      type: 'line',
      name: one.label,
      data: one.values,
      symbol: ['circle', 'rect', 'triangle', 'diamond'][index % 4],
      symbolSize: 9,
      lineStyle: { width: 2.5, type: ['solid', 'dashed', 'dotted'][index % 3] },
      label: { show: data.groups.length <= 12, ...TEXT },
    })),
  };
  return { options, height: 300 };
}

function pie(data, width, shared) {
  const narrow = width < NARROW;
  const items = data.groups.map((name, index) => ({ name, value: data.series[0].values[index] ?? 0 }));
  const label = ({ name, value, percent }) => `${name}\n${value}${data.unit}（${Math.round(percent)}%）`;
  const options = {
    ...shared,
    legend: narrow ? { bottom: 0, type: 'plain', itemGap: 14, textStyle: TEXT } : undefined,
    series: [
      {
        type: 'pie',
        radius: narrow ? '56%' : '66%',
        center: ['50%', narrow ? '38%' : '50%'],
        startAngle: 90,
        data: items,
        itemStyle: { borderColor: '#fff', borderWidth: 2 },
        label: narrow ? { show: false } : { ...TEXT, formatter: label },
      },
    ],
  };
  return { options, height: narrow ? 260 + items.length * 26 : 320 };
}
