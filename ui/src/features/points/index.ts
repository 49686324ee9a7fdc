export { PointScreen } from './point-screen';
export { PointsScreen } from './points-screen';
export { HookRuns } from './volumes/hook-runs';
export { VolumesView } from './volumes/volumes-view';
