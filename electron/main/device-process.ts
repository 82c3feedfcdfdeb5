/** Starts the device process, and the processes of PKCS#11 modules that it wants, as Electron utility processes. */
import { utilityProcess } from 'electron';
import { join } from 'node:path';
import type { ModuleChoice } from '../../core/security-key.ts';
import { moduleEnvironment, type ModuleSight } from '../../native/pkcs11/module-host.ts';
import type { FromDevice, FromModules, ToModules } from '../device/messages.ts';
import type { DeviceProcess } from './device-client.ts';
import type { Log } from './log.ts';
import { ModuleProcesses, type ModuleProcess } from './module-processes.ts';

/** Where scripts/build.ts puts the entry points, in the folder of the device process. */
const [DEVICE, MODULE_WORKER] = ['device.js', 'module-worker.js'];

/** The PKCS#11 module to begin with is its argument. What drivers print on standard error goes to the log, a line at a time, cut short. */
export function startDeviceProcess(folder: string, moduleChoice: ModuleChoice, log: Log): DeviceProcess {
  const child = utilityProcess.fork(join(folder, DEVICE), [moduleChoice], { serviceName: 'Latchkey security keys', stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').split('\n').slice(0, 50)) {
      if (line.trim() !== '') log.note(`device process: ${line.slice(0, 500)}`);
    }
  });
  let isThere = true;
  const tell = (message: FromModules): void => void (isThere && child.postMessage(message));
  const modules = new ModuleProcesses({ start: (sight) => startModuleProcess(folder, sight), tell, log });
  child.once('exit', () => {
    isThere = false;
    modules.endAll();
  });
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message: FromDevice | ToModules) => (isForModules(message) ? modules.hear(message) : listener(message))),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
  };
}

function isForModules(message: FromDevice | ToModules): message is ToModules {
  return 'host' in message;
}

/** A library's own chatter goes nowhere: a debugging build may print PINs. */
function startModuleProcess(folder: string, sight: ModuleSight): ModuleProcess {
  const child = utilityProcess.fork(join(folder, MODULE_WORKER), [], { serviceName: 'Latchkey PKCS#11 module', stdio: 'ignore', env: moduleEnvironment(sight) });
  return {
    send: (message) => child.postMessage(message),
    onReply: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
    // UtilityProcess.kill asks by SIGTERM; a process that does not run yet has nothing to hang in.
    kill: () => void (child.pid === undefined ? child.kill() : process.kill(child.pid, 'SIGKILL')),
  };
}
