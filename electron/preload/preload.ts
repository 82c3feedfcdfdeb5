/** All that the window gets from outside: one way to ask and one to listen. Main parses and checks everything. */
import { contextBridge, ipcRenderer } from 'electron';
import type { EventName, Events, LatchkeyBridge } from '../../core/ipc.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from '../channels.ts';

const bridge: LatchkeyBridge = {
  call: (name, args) => ipcRenderer.invoke(CALL_CHANNEL, name, args),
  on: <Name extends EventName>(name: Name, listener: (event: Events[Name]) => void) => {
    const hear = (_: unknown, told: EventName, event: Events[Name]): void => {
      if (told === name) listener(event);
    };
    ipcRenderer.on(EVENT_CHANNEL, hear);
    return () => void ipcRenderer.off(EVENT_CHANNEL, hear);
  },
};

contextBridge.exposeInMainWorld('latchkey', bridge);
