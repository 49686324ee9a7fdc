export { PointScreen } from './point-screen';
export { PointsScreen } from './points-screen';
