import { keyCareContract } from './key-care-contract.ts';
import { findModule } from './modules.ts';

keyCareContract('with OpenSC', { modulePath: await findModule('OpenSC'), models: ['5.4.3', '5.7.1', '5.7.1 FIPS'] });
