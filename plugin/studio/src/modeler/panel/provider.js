// Puts our groups before the stock ones and hides what this engine ignores.
import { Group } from '@bpmn-io/properties-panel';
import { is } from 'bpmn-js/lib/util/ModelUtil';

import * as facts from '../drawing/facts.js';
import { automaticGroup, messageGroup } from './automatic.js';
import { branchGroup, otherwiseGroup } from './branches.js';
import { deadlineGroup } from './deadlines.js';
import { voteGroup } from './votes.js';
import { workGroup } from './work.js';

const AFTER_TEMPLATES = 200; // the templates' own provider has 300; lower comes later
const KEPT = new Set([
  'general', 'documentation', 'message', 'error', 'escalation', 'multiInstance', 'CamundaPlatform__Output',
  'ElementTemplates__Template',
]);
const GENERAL = new Set(['name', 'id', 'isExecutable', 'versionTag', 'participantName', 'processName', 'processId', 'text', 'categoryValue']);
const LOOP = new Set(['loopCardinality', 'completionCondition', 'collection', 'elementVariable']);
const MEANT = /^zz:(clause|stage|public|key|payload|delivery|ttl|trigger|template|to|activity|until|by|before|deadline|scope|otherwise|onsite|title|report|parameter|period|vote|ballot|yes|share|outcome)$/;
const OURS = [workGroup, deadlineGroup, voteGroup, automaticGroup, branchGroup, otherwiseGroup, messageGroup];

export class StudioProvider {
  static $inject = ['propertiesPanel', 'edits', 'lists', 'pending', 'config.studio'];

  constructor(propertiesPanel, edits, lists, pending, page) {
    this.services = { edits, lists, pending, page };
    propertiesPanel.registerProvider(AFTER_TEMPLATES, this);
  }

  getGroups(element) {
    return (groups) => {
      const stock = groups.filter((group) => kept(group, element)).map((group) => trimmed(group));
      const own = OURS.map((make) => make(element, this.services)).filter(Boolean);
      const ready = own.map((group) => ({ component: Group, shouldOpen: true, ...group }));
      const at = stock.findIndex((group) => group.id === 'general') + 1;
      return [...stock.slice(0, at), ...ready, ...stock.slice(at)];
    };
  }
}

function kept(group, element) {
  if (KEPT.has(group.id)) return group.id !== 'CamundaPlatform__Output' || is(facts.subject(element), 'bpmn:FlowNode');
  // What has no effect here is shown only where it is, so that it can be taken out.
  if (group.id === 'CamundaPlatform__ExtensionProperties') return strange(element);
  return /Listener$|__Input$/.test(group.id) && group.items?.length > 0;
}

function strange(element) {
  const object = facts.holder(element);
  return facts.propertiesOf(object).some((each) => !MEANT.test(each.get('name') ?? ''));
}

function trimmed(group) {
  const only = { general: GENERAL, multiInstance: LOOP }[group.id];
  if (!only) return group;
  const general = group.id === 'general' ? { shouldOpen: true } : {};
  return { ...group, ...general, entries: group.entries.filter((entry) => only.has(entry.id)) };
}
