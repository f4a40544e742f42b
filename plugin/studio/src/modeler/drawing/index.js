import { Between } from './between.js';
import { Edits } from './edits.js';
import { Inserts } from './inserts.js';
import { Limits } from './limits.js';
import { Lists } from './lists.js';
import { Names } from './names.js';
import { Places } from './places.js';
import { Views } from './views.js';

export default {
  __init__: ['between', 'limits', 'inserts', 'names', 'places'],
  between: ['type', Between],
  edits: ['type', Edits],
  inserts: ['type', Inserts],
  limits: ['type', Limits],
  lists: ['type', Lists],
  names: ['type', Names],
  places: ['type', Places],
  views: ['type', Views],
};
