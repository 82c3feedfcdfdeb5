/** `npm run virtual-yubikey -- --firmware 5.4.3 --serial 5210001`: serves one virtual YubiKey until it is ended. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { serveControl } from '../native/virtual-yubikey/control-server.ts';
import { isListening } from '../native/virtual-yubikey/listening.ts';
import { startPrivatePcscd } from '../native/virtual-yubikey/private-pcscd.ts';
import { VirtualYubiKey } from '../native/virtual-yubikey/virtual-yubikey.ts';
import { insertIntoVpcd } from '../native/virtual-yubikey/vpcd.ts';
import type { VpcdInsertion } from '../native/virtual-yubikey/vpcd.ts';

const USAGE = `Serves a virtual YubiKey to pcscd until it is ended. For tests and demos: it protects nothing.

  --firmware VERSION   5.4.3 unless told; 4.3.7, 5.2.4, 5.7.1, …
  --serial NUMBER      5210001 unless told
  --fips               a FIPS key
  --state FILE         remembers the key from run to run
  --touch auto|ask     ask: a touch is a line "touch" on standard input (default: auto)
  --control SOCKET     lets other programs plug, pull and touch it

On standard input: insert, remove, touch.`;

/** Port of the vpcd driver as distributions configure it (vsmartcard: 0x8C7B). */
const SYSTEM_VPCD_PORT = 0x8c7b;

const { values: options } = parseArgs({
  options: {
    firmware: { type: 'string', default: '5.4.3' },
    serial: { type: 'string', default: '5210001' },
    fips: { type: 'boolean', default: false },
    state: { type: 'string' },
    touch: { type: 'string', default: 'auto' },
    control: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const serial = Number(options.serial);
  if (!Number.isInteger(serial) || serial < 1 || serial > 0xffffffff || !['auto', 'ask'].includes(options.touch)) {
    say(USAGE);
    return 2;
  }
  const key = new VirtualYubiKey({
    firmware: options.firmware,
    serial,
    fips: options.fips,
    autoTouch: options.touch === 'auto',
    ...(options.state === undefined ? {} : { statePath: options.state }),
  });
  const pcscd = (await isListening(SYSTEM_VPCD_PORT)) ? undefined : await startPrivatePcscd({ readers: 1 });
  const insertion = await insertIntoVpcd(key, { port: pcscd?.ports[0] ?? SYSTEM_VPCD_PORT });
  const control = options.control === undefined ? undefined : await serveControl(options.control, [{ label: 'user', key, insertion }]);
  say(`Virtual YubiKey ${serial}, firmware ${options.firmware}, is plugged in. PIN 123456, PUK 12345678 until they are changed.`);
  say(pcscd ? `Clients reach it with PCSCLITE_CSOCK_NAME=${pcscd.socketPath}` : "Clients reach it through the system's pcscd.");
  obeyStandardInput(key, insertion);
  key.watch(({ isWaitingForTouch }) => isWaitingForTouch && say('It blinks: type touch'));
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
  await control?.close();
  await insertion.close();
  await pcscd?.close();
  return 0;
}

function obeyStandardInput(key: VirtualYubiKey, insertion: VpcdInsertion): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const word = line.trim();
    if (word === 'insert') void insertion.insert().then(() => say('Plugged in.'));
    else if (word === 'remove') void insertion.remove().then(() => say('Pulled.'));
    else if (word === 'touch') say(key.touch() ? 'Touched.' : 'It is not waiting for a touch.');
    else if (word !== '') say('insert, remove or touch');
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exit(await main());
