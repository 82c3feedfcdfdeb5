/** Runs an operation in the process that loads the module. Every outcome is a value; what is thrown is a bug. */
import { unreachable } from '../../core/result.ts';
import { capabilitiesOf } from './capabilities.ts';
import { failureOf, TokenProblem } from './errors.ts';
import { moduleFailed, type ModuleResult } from './module-failure.ts';
import { findKeyPairs, generateKeyPair } from './key-pairs.ts';
import { loadModule, withModule, type InitializedModule, type TellPhase } from './module.ts';
import { findPrivateKey } from './objects.ts';
import { modulePathOf, type ModuleDescription, type Operation, type OperationValues, type Phase } from './operation.ts';
import { logIn, withSession, type TokenSession } from './session.ts';
import { canSign, signMessage } from './sign.ts';

type OperationValue = OperationValues[Operation['kind']];

/** Does what is asked, between a C_Initialize and a C_Finalize of its own. */
export async function performOperation(operation: Operation, tell: TellPhase): Promise<ModuleResult<OperationValue>> {
  let phase: Phase = 'start';
  const remember: TellPhase = (next) => {
    phase = next;
    return tell(next);
  };
  const path = modulePathOf(operation);
  try {
    if (operation.kind === 'load') {
      await loadModule(path, remember);
      return { ok: true, value: null };
    }
    return { ok: true, value: await withModule(path, remember, (module) => perform(operation, module)) };
  } catch (error) {
    return moduleFailed(failureOf(error, operation, phase));
  }
}

async function perform(operation: Exclude<Operation, { kind: 'load' }>, module: InitializedModule): Promise<OperationValue> {
  switch (operation.kind) {
    case 'describe':
      return module.description;
    case 'login':
      return withSession(module, operation.target, 'read-only', async (token) => {
        await logIn(token, operation.pin);
        return module.description;
      });
    case 'change-pin':
      return changePin(operation, module);
    case 'change-puk':
      return setWithPuk(module, operation, `puk:${operation.currentPuk}`, `puk:${operation.newPuk}`, 'changePuk');
    case 'unblock-pin':
      return setWithPuk(module, operation, `puk:${operation.puk}`, `pin:${operation.newPin}`, 'unblockPin');
    case 'sign':
      return withSession(module, operation.target, 'read-only', (token) => sign(operation, token));
    case 'find-keys':
      return withSession(module, operation.target, 'read-only', async (token) => {
        await logIn(token, operation.pin);
        return findKeyPairs(token, operation.key);
      });
    case 'generate-key':
      return withSession(module, operation.target, 'read-write', async (token) => {
        await logIn(token, operation.pin);
        return generateKeyPair(token, operation);
      });
    default:
      return unreachable(operation);
  }
}

async function sign({ pin, key, keyType, message }: Operation & { kind: 'sign' }, token: TokenSession): Promise<OperationValues['sign']> {
  const { description } = token;
  if (!canSign(token, keyType)) throw new TokenProblem({ kind: 'module-cannot', module: description.path, detail: `sign with ${keyType}` });
  await logIn(token, pin);
  const handle = await findPrivateKey(token, key);
  return { signature: await signMessage(token, pin, handle, keyType, message), module: description };
}

/**
 * Logs in first: a wrong PIN then costs one attempt, and C_SetPIN without login could mean something else (see
 * capabilities.ts). ykcs11 takes a PIN that begins with "puk:" as a PUK, so such a PIN goes another way.
 */
async function changePin(operation: Operation & { kind: 'change-pin' }, module: InitializedModule): Promise<ModuleDescription> {
  if (capabilitiesOf(module.description.path).changePuk && operation.currentPin.startsWith('puk:')) {
    throw new TokenProblem({ kind: 'module-cannot', module: module.description.path, detail: 'PIN that looks like a PUK' });
  }
  return withSession(module, operation.target, 'read-write', async (token) => {
    await logIn(token, operation.currentPin);
    await setPin(token, operation.currentPin, operation.newPin);
    return module.description;
  });
}

async function setWithPuk(
  module: InitializedModule,
  { target }: Operation & { kind: 'change-puk' | 'unblock-pin' },
  current: string,
  next: string,
  capability: 'changePuk' | 'unblockPin',
): Promise<ModuleDescription> {
  const { path } = module.description;
  if (!capabilitiesOf(path)[capability]) throw new TokenProblem({ kind: 'module-cannot', module: path, detail: capability });
  return withSession(module, target, 'read-write', async (token) => {
    await setPin(token, current, next);
    return module.description;
  });
}

async function setPin({ cryptoki, session, tell }: TokenSession, current: string, next: string): Promise<void> {
  await tell('C_SetPIN');
  cryptoki.C_SetPIN(session, current, next);
}
