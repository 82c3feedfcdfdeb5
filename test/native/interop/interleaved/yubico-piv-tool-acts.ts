import { FACTORY_PIN, FACTORY_PUK } from '../../../../core/key-care/pin-rules.ts';
import { afterReset, CERTIFIED, certify, hasKeyPair, knowsPin, managementKey, newManagementKey, newSecret, pick, readPublicKey, right, setPin, setPuk, SLOTS, type Act, type World } from './world.ts';

/** yubico-piv-tool 2.2 knows 3DES alone. */
const is3Des = ({ shared }: World): boolean => shared.state.managementKey.algorithm === '3DES';

/** With the management key, whatever form it has: this program looks at none. */
function manage(world: World, ...args: readonly string[]): Promise<string> {
  return world.shared.pivTool(`-k${managementKey(world)}`, ...args);
}

export const YUBICO_PIV_TOOL_ACTS: readonly Act[] = [
  {
    name: 'yubico-piv-tool verifies the PIN',
    isPossible: knowsPin,
    act: async (world) => void (await world.shared.pivTool('-a', 'verify-pin', '-P', right(world))),
  },
  {
    name: 'yubico-piv-tool enters a wrong PIN',
    isPossible: knowsPin,
    act: async ({ shared, known }) => {
      await shared.run('yubico-piv-tool', '-a', 'verify-pin', '-P', '000000');
      known.pin.left -= 1;
    },
  },
  {
    name: 'yubico-piv-tool changes the PIN',
    isPossible: knowsPin,
    act: async (world) => {
      const [pin, next] = [right(world), newSecret(world)];
      await world.shared.pivTool('-a', 'change-pin', '-P', pin, '-N', next);
      setPin(world, next);
    },
  },
  {
    name: 'yubico-piv-tool changes the PUK',
    act: async (world) => {
      const next = newSecret(world);
      await world.shared.pivTool('-a', 'change-puk', '-P', world.known.puk.value, '-N', next);
      setPuk(world, next);
    },
  },
  {
    name: 'yubico-piv-tool unblocks the PIN',
    act: async (world) => {
      const next = newSecret(world);
      await world.shared.pivTool('-a', 'unblock-pin', '-P', world.known.puk.value, '-N', next);
      setPin(world, next);
      setPuk(world, world.known.puk.value);
    },
  },
  {
    name: 'yubico-piv-tool sets the attempts',
    isPossible: (world) => knowsPin(world) && is3Des(world),
    act: async (world) => {
      const [pinAttempts, pukAttempts] = [3 + world.random(13), 3 + world.random(13)];
      await manage(world, '-P', right(world), '-a', 'verify-pin', '-a', 'pin-retries', '--pin-retries', String(pinAttempts), '--puk-retries', String(pukAttempts));
      world.known.pin = { value: FACTORY_PIN, left: pinAttempts, total: pinAttempts };
      world.known.puk = { value: FACTORY_PUK, left: pukAttempts, total: pukAttempts };
    },
  },
  {
    name: 'yubico-piv-tool sets a management key behind the back of the others',
    isPossible: is3Des,
    act: async (world) => {
      await manage(world, '-a', 'set-mgm-key', '-n', newManagementKey(world));
      world.known.managementKey = 'given';
    },
  },
  {
    name: 'yubico-piv-tool generates a key pair',
    isPossible: is3Des,
    act: async (world) => {
      const [slot, path] = [pick(world, SLOTS), world.shared.path('generated.pem')];
      await manage(world, '-a', 'generate', '-s', slot, '-A', 'ECCP256', '-o', path);
      world.known.keyPairs.set(slot, readPublicKey(path));
    },
  },
  {
    name: 'yubico-piv-tool imports a certificate',
    isPossible: (world) => hasKeyPair(world) && is3Des(world),
    act: async (world) => void (await manage(world, '-a', 'import-certificate', '-s', CERTIFIED, '-i', certify(world).path)),
  },
  {
    name: 'yubico-piv-tool deletes a certificate',
    isPossible: (world) => is3Des(world) && world.known.certificates.size > 0,
    act: async (world) => {
      const slot = pick(world, [...world.known.certificates.keys()]);
      await manage(world, '-a', 'delete-certificate', '-s', slot);
      world.known.certificates.delete(slot);
    },
  },
  {
    name: 'yubico-piv-tool writes CHUID and CCC',
    isPossible: is3Des,
    act: async (world) => void (await manage(world, '-a', 'set-chuid', '-a', 'set-ccc')),
  },
  {
    name: 'yubico-piv-tool resets the key',
    isRare: true,
    // Unlike ykman it does not block PIN and PUK itself.
    act: async (world) => {
      const { shared, known } = world;
      for (; known.pin.left > 0; known.pin.left--) await shared.run('yubico-piv-tool', '-a', 'verify-pin', '-P', '000000');
      for (; known.puk.left > 0; known.puk.left--) await shared.run('yubico-piv-tool', '-a', 'change-puk', '-P', '000000', '-N', '111111');
      await world.shared.pivTool('-a', 'reset');
      afterReset(world);
    },
  },
];
