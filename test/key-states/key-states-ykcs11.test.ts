import { findModule } from '../contract/modules.ts';
import { keyStatesThroughModule } from './through-module.ts';

keyStatesThroughModule('ykcs11', await findModule('ykcs11'));
