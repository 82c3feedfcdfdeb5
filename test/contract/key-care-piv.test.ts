import { MODELS } from '../native/piv/direct-access.ts';
import { keyCareContract } from './key-care-contract.ts';

keyCareContract('without a module', { modulePath: null, models: MODELS });
