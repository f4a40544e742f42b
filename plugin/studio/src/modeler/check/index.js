import { Marks } from './marks.js';

export default { marks: ['type', Marks] };
