import { connectControl, type ControlClient, type ControlledKey } from '../../native/virtual-yubikey/control.ts';
import type { DemoFile } from './demo-file.ts';
import type { Hand } from './panel-window.ts';
import type { PanelKey, PanelView } from './panel/panel-messages.ts';

/** The hand of the panel: the virtual keys behind the control socket, with what the demo's file says of them. */
export async function connectHand(file: DemoFile): Promise<Hand> {
  const control = await connectControl(file.controlSocket);
  const listeners = new Set<(view: PanelView) => void>();
  let isLost = false;
  const view = (): PanelView => ({ keys: control.keys.map((key) => panelKey(key, file)), invitationLink: file.invitationLink, isLost });
  const tell = (): void => {
    for (const listener of listeners) listener(view());
  };
  control.watch(tell);
  void control.closed.then(() => {
    isLost = true;
    tell();
  });
  return {
    get view() {
      return view();
    },
    act: (serial, action) => act(control, serial, action),
    onChange: (listener) => void listeners.add(listener),
  };
}

/** A touch that no key waits for is nothing, as in life. */
async function act(control: ControlClient, serial: number, action: Parameters<Hand['act']>[1]): Promise<void> {
  const key = control.keys.find((candidate) => candidate.serial === serial);
  if (action === 'touch' && key?.isWaitingForTouch === false) return;
  await control.act(serial, action);
}

function panelKey({ serial, firmware, isInserted, isWaitingForTouch }: ControlledKey, file: DemoFile): PanelKey {
  const told = file.keys.find((key) => key.serial === serial);
  return { serial, firmware, isInserted, isWaitingForTouch, owner: told?.owner ?? 'user', pin: told?.pin ?? null };
}
