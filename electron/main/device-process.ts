/** Starts the device process as an Electron utility process. */
import { utilityProcess } from 'electron';
import type { ModuleChoice } from '../../core/security-key.ts';
import type { FromDevice } from '../device/messages.ts';
import type { DeviceProcess } from './device-client.ts';
import type { Log } from './log.ts';

/** `entry` is device.js; the PKCS#11 module to begin with is its argument. What vendor libraries print on standard error goes to the log, a line at a time, cut short. */
export function startDeviceProcess(entry: string, moduleChoice: ModuleChoice, log: Log): DeviceProcess {
  const child = utilityProcess.fork(entry, [moduleChoice], { serviceName: 'Latchkey security keys', stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').split('\n').slice(0, 50)) {
      if (line.trim() !== '') log.note(`device process: ${line.slice(0, 500)}`);
    }
  });
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message: FromDevice) => listener(message)),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
  };
}
