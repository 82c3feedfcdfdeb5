import { findModule } from '../contract/modules.ts';
import { keyStatesThroughModule } from './through-module.ts';

keyStatesThroughModule('OpenSC', await findModule('OpenSC'));
