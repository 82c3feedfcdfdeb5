import { findModule } from './modules.ts';
import { securityKeyContract } from './security-key-contract.ts';

// ykcs11 has EdDSA from 2.7.2 on; Debian has 2.2.
securityKeyContract('with ykcs11', { modulePath: await findModule('ykcs11'), firmwares: ['5.4.3', '5.7.1'], provesThroughModule: ['ECCP256', 'ECCP384', 'RSA2048'] });
