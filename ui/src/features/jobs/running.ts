/** What the shell shows of running jobs; apart from the screens, which are loaded when they are opened. */
export { jobTitle, kindWord } from './job-words';
export { useCancelJob } from './use-cancel-job';
