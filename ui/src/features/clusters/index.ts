export { ClustersScreen } from './clusters-screen';
