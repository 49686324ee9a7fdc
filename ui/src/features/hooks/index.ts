export { HooksChoice, useHookProblems } from './hooks-choice';
export { HooksScreen } from './hooks-screen';
