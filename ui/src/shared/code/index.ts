export { YamlDiff } from './yaml-diff';
export { YamlView } from './yaml-view';
