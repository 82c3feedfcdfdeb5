import { fromHex } from '../../../../core/bytes.ts';
import type { ManagementAccess, TouchPolicy } from '../../../../core/security-key.ts';
import { afterProtecting, afterReset, certify, hasKeyPair, knowsPin, managementKey, newSecret, pick, right, setPin, setPuk, type Act, type World } from './world.ts';

const TOUCH_POLICIES: readonly TouchPolicy[] = ['never', 'always', 'cached'];

/** How we come in: with what the person types. */
function ourAccess(world: World): ManagementAccess {
  return { pin: right(world), ...(world.known.managementKey === 'given' ? { managementKey: fromHex(managementKey(world)) } : {}) };
}

export const OUR_ACTS: readonly Act[] = [
  {
    name: 'we change the PIN',
    isPossible: knowsPin,
    act: async (world) => {
      const [pin, next] = [right(world), newSecret(world)];
      await world.shared.weDo((key) => key.changePin(pin, next));
      setPin(world, next);
    },
  },
  {
    name: 'we enter a wrong PIN, until it is blocked or not quite',
    isPossible: knowsPin,
    act: async ({ shared, known, random }) => {
      for (let times = 1 + random(known.pin.left); times > 0; times--) {
        await shared.ours((key) => key.verifyPin('000000'));
        known.pin.left -= 1;
      }
    },
  },
  {
    name: 'we unblock the PIN',
    act: async (world) => {
      const next = newSecret(world);
      await world.shared.weDo((key) => key.unblockPin(world.known.puk.value, next));
      setPin(world, next);
      setPuk(world, world.known.puk.value);
    },
  },
  {
    name: 'we change the PUK',
    act: async (world) => {
      const next = newSecret(world);
      await world.shared.weDo((key) => key.changePuk(world.known.puk.value, next));
      setPuk(world, next);
    },
  },
  {
    name: 'we protect the management key',
    isPossible: (world) => knowsPin(world) && world.known.managementKey === 'kept',
    act: async (world) => {
      await world.shared.weDo((key) => key.protectManagementKey(right(world)));
      afterProtecting(world);
    },
  },
  {
    name: 'we rotate the management key',
    isPossible: knowsPin,
    act: async (world) => {
      const [access, before] = [ourAccess(world), managementKey(world)];
      await world.shared.weDo((key) => key.rotateManagementKey(access));
      if (managementKey(world) === before) throw new Error('The management key is still the same');
      afterProtecting(world);
    },
  },
  {
    name: 'we set the attempts',
    isPossible: knowsPin,
    act: async (world) => {
      const wanted = { pinAttempts: 3 + world.random(13), pukAttempts: 3 + world.random(13), newPin: newSecret(world), newPuk: newSecret(world) };
      await world.shared.weDo((key) => key.setRetries({ ...ourAccess(world), ...wanted }));
      world.known.pin = { value: wanted.newPin, left: wanted.pinAttempts, total: wanted.pinAttempts };
      world.known.puk = { value: wanted.newPuk, left: wanted.pukAttempts, total: wanted.pukAttempts };
    },
  },
  {
    name: 'we generate a key pair',
    isPossible: (world) => knowsPin(world) && world.known.managementKey === 'kept',
    act: async (world) => {
      const touchPolicy = pick(world, TOUCH_POLICIES);
      world.known.keyPairs.set('9a', await world.shared.weDo((key) => key.generateKey({ pin: right(world), keyType: 'ECCP256', pinPolicy: 'once', touchPolicy })));
    },
  },
  {
    name: 'we write a certificate',
    isPossible: (world) => knowsPin(world) && hasKeyPair(world) && world.known.managementKey === 'kept',
    act: async (world) => {
      const { certificate } = certify(world);
      await world.shared.weDo((key) => key.writeCertificate(right(world), certificate));
    },
  },
  {
    name: 'we delete a certificate',
    isPossible: (world) => knowsPin(world) && world.known.certificates.size > 0,
    act: async (world) => {
      const slot = pick(world, [...world.known.certificates.keys()]);
      await world.shared.weDo((key) => key.deleteCertificate(slot, ourAccess(world)));
      world.known.certificates.delete(slot);
    },
  },
  {
    name: 'we retire the key',
    isPossible: (world) => world.firmware === '5.7.1' && knowsPin(world) && hasKeyPair(world),
    act: async (world) => {
      const { keyPairs, certificates } = world.known;
      const slot = await world.shared.weDo((key) => key.retireKey(ourAccess(world)));
      const [publicKey, certificate] = [keyPairs.get('9a'), certificates.get('9a')];
      if (publicKey) keyPairs.set(slot, publicKey);
      if (certificate) certificates.set(slot, certificate);
      keyPairs.delete('9a');
      certificates.delete('9a');
    },
  },
  {
    name: 'we reset the key',
    isRare: true,
    act: async (world) => {
      await world.shared.weDo((key) => key.reset(world.shared.key.serial));
      afterReset(world);
    },
  },
];

