export { YamlDiff } from './yaml-diff';
export { type Place, YamlEditor, type YamlEditorHandle } from './yaml-editor';
export { YamlView } from './yaml-view';
