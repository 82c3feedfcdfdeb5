import { securityKeyContract } from './security-key-contract.ts';

securityKeyContract('without a module', { modulePath: null, firmwares: ['4.3.7', '5.2.4', '5.4.3', '5.7.1'], provesThroughModule: [] });
