// Loaded by pages with a generated form: shows, hides and requires fields as the answers change.
import { watchConditions } from './page/conditions.js';

watchConditions(document);
