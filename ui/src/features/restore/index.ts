export { ReportTable } from './report-table';
export { RestoreScreen } from './restore-screen';
export { UndoView } from './undo-view';
