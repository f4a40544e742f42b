// What pages gain when JavaScript runs. Every page works without it; nothing here is inline (CSP).
import htmx from 'htmx.org';

import { watchAutosave } from './page/autosave.js';
import { watchLongChoices } from './page/choices.js';
import { watchConfirmations } from './page/confirm.js';
import { watchCopying } from './page/copy.js';
import { focusErrors } from './page/errors.js';
import { watchListRows } from './page/rows.js';
import { watchPrinting } from './page/print.js';
import { watchSelections } from './page/selection.js';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // pages hold personal data: keep none of them in the browser's storage
});

document.documentElement.classList.add('zz-scripted');
watchAutosave(document);
watchConfirmations(document);
watchCopying(document);
watchLongChoices(document);
watchListRows(document);
watchPrinting(document);
watchSelections(document);
focusErrors(document);
