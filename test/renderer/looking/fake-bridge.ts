/** `window.latchkey` for pictures: answers a situation's data; what changes is told by hand. Bundled and put into the page. */
import type { Answers, CallArguments, CallName, EventName, Events, LatchkeyBridge } from '../../../core/ipc.ts';
import type { Result } from '../../../core/result.ts';
import { SITUATIONS } from './situations.ts';

declare global {
  interface Window {
    latchkeySituation?: string;
    /** Tells the window an event, as main would. */
    latchkeyTell?: <Name extends EventName>(name: Name, event: Events[Name]) => void;
  }
}

const situation = SITUATIONS[window.latchkeySituation ?? ''];
if (situation === undefined) throw new Error(`no situation named ${window.latchkeySituation}`);

const events = new EventTarget();
const bridge: LatchkeyBridge = {
  call: <Name extends CallName>(name: Name, args: CallArguments<Name>) => {
    const prepared = situation.answers[name] as Result<Answers[Name]> | ((args: CallArguments<Name>) => Result<Answers[Name]>) | undefined;
    const answer = typeof prepared === 'function' ? prepared(args) : prepared;
    // A call that nobody prepared never answers: the screen shows how it waits.
    return answer === undefined ? new Promise<Result<Answers[Name]>>(() => undefined) : Promise.resolve(answer);
  },
  on: (name, listener) => {
    const hear = (event: Event): void => listener((event as CustomEvent<never>).detail);
    events.addEventListener(name, hear);
    return () => events.removeEventListener(name, hear);
  },
};
Object.assign(window, { latchkey: bridge });
window.latchkeyTell = (name, event) => events.dispatchEvent(new CustomEvent(name, { detail: event }));

if (situation.isFirstStart !== true) localStorage.setItem('latchkey-welcomed', 'yes');
if (situation.language !== undefined) localStorage.setItem('latchkey-language', situation.language);
