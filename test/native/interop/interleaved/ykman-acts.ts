import { FACTORY_PIN, FACTORY_PUK } from '../../../../core/key-care/pin-rules.ts';
import { afterProtecting, afterReset, CERTIFIED, certify, hasKeyPair, knowsPin, managementKey, newManagementKey, newSecret, pick, readPublicKey, right, setPin, setPuk, SLOTS, type Act, type World } from './world.ts';

/** ykman compares the management key with the stored one wherever it wants the PIN too. */
const isStale = ({ known }: World): boolean => known.isMarkedStored && known.managementKey === 'given';

/** How ykman comes in: with the PIN where that is enough for it, else with the key. */
function ykmanAccess(world: World): readonly string[] {
  const { known } = world;
  return known.managementKey === 'kept' && known.isMarkedStored ? ['-P', right(world)] : ['-m', managementKey(world)];
}

/** For what ykman wants both for. */
function ykmanAccessWithPin(world: World): readonly string[] {
  return [...new Set([...ykmanAccess(world), '-P', right(world)])];
}

export const YKMAN_ACTS: readonly Act[] = [
  {
    name: 'ykman changes the PIN',
    isPossible: knowsPin,
    act: async (world) => {
      const [pin, next] = [right(world), newSecret(world)];
      await world.shared.ykman('piv', 'access', 'change-pin', '-P', pin, '-n', next);
      setPin(world, next);
    },
  },
  {
    name: 'ykman enters a wrong PIN',
    isPossible: knowsPin,
    act: async ({ shared, known }) => {
      await shared.run('ykman', '--reader', shared.readerName, 'piv', 'access', 'change-pin', '-P', '000000', '-n', '111111');
      known.pin.left -= 1;
    },
  },
  {
    name: 'ykman changes the PUK',
    act: async (world) => {
      const next = newSecret(world);
      await world.shared.ykman('piv', 'access', 'change-puk', '-p', world.known.puk.value, '-n', next);
      setPuk(world, next);
    },
  },
  {
    name: 'ykman enters a wrong PUK',
    isPossible: ({ known }) => known.puk.left > 1,
    act: async ({ shared, known }) => {
      await shared.run('ykman', '--reader', shared.readerName, 'piv', 'access', 'change-puk', '-p', '000000', '-n', '111111');
      known.puk.left -= 1;
    },
  },
  {
    name: 'ykman unblocks the PIN',
    act: async (world) => {
      const next = newSecret(world);
      await world.shared.ykman('piv', 'access', 'unblock-pin', '-p', world.known.puk.value, '-n', next);
      setPin(world, next);
      setPuk(world, world.known.puk.value);
    },
  },
  {
    name: 'ykman sets the attempts',
    isPossible: (world) => knowsPin(world) && !isStale(world),
    act: async (world) => {
      const [pinAttempts, pukAttempts] = [3 + world.random(13), 3 + world.random(13)];
      await world.shared.ykman('piv', 'access', 'set-retries', ...ykmanAccessWithPin(world), '-f', String(pinAttempts), String(pukAttempts));
      world.known.pin = { value: FACTORY_PIN, left: pinAttempts, total: pinAttempts };
      world.known.puk = { value: FACTORY_PUK, left: pukAttempts, total: pukAttempts };
    },
  },
  {
    name: 'ykman protects the management key',
    isPossible: (world) => knowsPin(world) && !isStale(world),
    act: async (world) => {
      const algorithm = pick(world, world.firmware === '4.3.7' ? ['TDES'] : ['TDES', 'AES128', 'AES192', 'AES256']);
      await world.shared.ykman('piv', 'access', 'change-management-key', ...ykmanAccessWithPin(world), '-f', '--protect', '-a', algorithm);
      afterProtecting(world);
    },
  },
  {
    name: 'ykman sets a management key and keeps it nowhere',
    isPossible: (world) => knowsPin(world) && !isStale(world),
    act: async (world) => {
      await world.shared.ykman('piv', 'access', 'change-management-key', ...ykmanAccess(world), '-f', '-a', 'TDES', '-n', newManagementKey(world));
      world.known.managementKey = 'given';
      world.known.isMarkedStored = false;
    },
  },
  {
    name: 'ykman generates a key pair',
    isPossible: knowsPin,
    act: async (world) => {
      const [slot, path] = [pick(world, SLOTS), world.shared.path('generated.pem')];
      await world.shared.ykman('piv', 'keys', 'generate', ...ykmanAccess(world), '-a', 'ECCP256', '--pin-policy', 'ONCE', slot, path);
      world.known.keyPairs.set(slot, readPublicKey(path));
    },
  },
  {
    name: 'ykman imports a certificate',
    isPossible: (world) => knowsPin(world) && hasKeyPair(world),
    act: async (world) => world.shared.ykman('piv', 'certificates', 'import', ...ykmanAccess(world), CERTIFIED, certify(world).path).then(() => undefined),
  },
  {
    name: 'ykman deletes a certificate',
    isPossible: (world) => knowsPin(world) && world.known.certificates.size > 0,
    act: async (world) => {
      const slot = pick(world, [...world.known.certificates.keys()]);
      await world.shared.ykman('piv', 'certificates', 'delete', ...ykmanAccess(world), slot);
      world.known.certificates.delete(slot);
    },
  },
  {
    name: 'ykman resets the key',
    isRare: true,
    act: async (world) => {
      await world.shared.ykman('piv', 'reset', '-f');
      afterReset(world);
    },
  },
];
