export { HooksDialog } from './hooks-dialog';
export { HooksScreen } from './hooks-screen';
