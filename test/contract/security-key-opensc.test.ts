import { findModule } from './modules.ts';
import { securityKeyContract } from './security-key-contract.ts';

// OpenSC has EdDSA from 0.27.1 on; Debian has 0.23.
securityKeyContract('with OpenSC', { modulePath: await findModule('OpenSC'), firmwares: ['5.4.3', '5.7.1'], provesThroughModule: ['ECCP256', 'ECCP384', 'RSA2048'] });
