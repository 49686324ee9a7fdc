export { JobScreen } from './job-screen';
export { JobsScreen } from './jobs-screen';
