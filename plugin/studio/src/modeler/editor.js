// Puts the modeler together: bpmn-js, the panel, templates, menus, minimap, and our parts.
import { ElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import {
  BpmnPropertiesPanelModule,
  BpmnPropertiesProviderModule,
  CamundaPlatformPropertiesProviderModule,
} from 'bpmn-js-properties-panel';
import { CreateAppendAnythingModule, CreateAppendElementTemplatesModule } from 'bpmn-js-create-append-anything';
import ElementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import MinimapModule from 'diagram-js-minimap';
import Modeler from 'bpmn-js/lib/Modeler';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import camundaBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-platform';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn-codes.css';
import './icons.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-element-templates/dist/assets/element-templates.css';
import '@bpmn-io/element-template-chooser/dist/element-template-chooser.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';

import CheckModule from './check/index.js';
import DrawingModule from './drawing/index.js';
import PanelModule from './panel/index.js';
import TranslateModule from './zh/index.js';

export const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';

/** Return a modeler inside two elements; `page` is what our parts need of the page around. */
export function createEditor(canvas, panel, page) {
  return new Modeler({
    container: canvas,
    studio: page,
    propertiesPanel: { parent: panel },
    textRenderer: { defaultStyle: { fontFamily: FONT } },
    moddleExtensions: { camunda },
    additionalModules: [
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      CamundaPlatformPropertiesProviderModule,
      ElementTemplatesPropertiesProviderModule,
      ElementTemplateChooserModule,
      CreateAppendAnythingModule,
      CreateAppendElementTemplatesModule,
      MinimapModule,
      camundaBehaviors,
      DrawingModule,
      PanelModule,
      CheckModule,
      TranslateModule,
    ],
  });
}
