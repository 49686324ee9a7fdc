export { PointScreen } from './point-screen';
export { PointsScreen } from './points-screen';
export { VolumesView } from './volumes/volumes-view';
