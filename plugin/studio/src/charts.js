// Charts of a report page, drawn beside the tables that say the same:
//   <div data-zz-chart="chart-x" aria-hidden="true"></div> <script type="application/json" id="chart-x">…</script>
import { BarChart, LineChart, PieChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

import { optionsOf } from './charts/options.js';

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer]);

const calm = matchMedia('(prefers-reduced-motion: reduce)');

function draw(place) {
  const data = JSON.parse(document.getElementById(place.dataset.zzChart).textContent);
  const { options, height } = optionsOf(data, place.clientWidth, { animation: !calm.matches });
  place.style.height = `${height}px`;
  const chart = init(place, null, { renderer: 'svg' });
  chart.setOption(options);
  return { place, data, chart };
}

// A chart fits the room it has: on the screen, turned, and on the printed page.
function fit({ place, data, chart }, animation) {
  const { options, height } = optionsOf(data, place.clientWidth, { animation });
  place.style.height = `${height}px`;
  chart.resize();
  chart.setOption(options, { notMerge: true });
}

const charts = [...document.querySelectorAll('[data-zz-chart]')].map(draw);
const fitAll = () => charts.forEach((one) => fit(one, false));

let waiting;
new ResizeObserver(() => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(fitAll);
}).observe(document.querySelector('main'));
addEventListener('beforeprint', fitAll);
addEventListener('afterprint', fitAll);
