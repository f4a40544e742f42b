import { Freshness } from './freshness.js';
import { Pending } from './pending.js';
import { StudioProvider } from './provider.js';

export default {
  __init__: ['studioProvider', 'freshness'],
  freshness: ['type', Freshness],
  pending: ['type', Pending],
  studioProvider: ['type', StudioProvider],
};
