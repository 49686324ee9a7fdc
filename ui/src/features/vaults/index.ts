export { VaultsScreen } from './vaults-screen';
