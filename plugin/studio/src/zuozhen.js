// What pages gain when JavaScript runs. Every page works without it; nothing here is inline (CSP).
import htmx from 'htmx.org';

import { watchAutosave } from './page/autosave.js';
import { watchConditions } from './page/conditions.js';
import { watchConfirmations } from './page/confirm.js';
import { watchCopying } from './page/copy.js';
import { showErrors } from './page/errors.js';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // pages hold personal data: keep none of them in the browser's storage
});

document.addEventListener('htmx:configRequest', (event) => {
  const token = document.querySelector('input[name="csrf_token"]');
  if (token) event.detail.headers['X-CSRFToken'] = token.value;
});

watchConditions(document);
watchAutosave(document);
watchConfirmations(document);
watchCopying(document);
showErrors(document);
