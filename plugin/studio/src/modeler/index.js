// The diagram editor of the studio. The page around it is templates/web/studio/diagram.html.
import { showNarrow } from './page/narrow.js';
import { Studio } from './studio.js';

import '../studio/editor.css';
import './modeler.css';

const WIDE_ENOUGH = '(min-width: 1024px)';
const place = document.querySelector('[data-zz-modeler]');
if (place) {
  const page = JSON.parse(place.dataset.zzModeler);
  if (matchMedia(WIDE_ENOUGH).matches) {
    place.studio = new Studio(place, page); // within reach of browser tests
    place.studio.open();
  } else {
    showNarrow(place, page);
  }
}
