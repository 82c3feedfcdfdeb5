/** `window.latchkey` for pictures: answers a situation's data, and nothing ever changes. Bundled and put into the page. */
import type { Answers, CallName, LatchkeyBridge } from '../../../core/ipc.ts';
import type { Result } from '../../../core/result.ts';
import { SITUATIONS } from './situations.ts';

declare global {
  interface Window {
    latchkeySituation?: string;
  }
}

const situation = SITUATIONS[window.latchkeySituation ?? ''];
if (situation === undefined) throw new Error(`no situation named ${window.latchkeySituation}`);

const bridge: LatchkeyBridge = {
  call: <Name extends CallName>(name: Name) => {
    const answer = situation.answers[name] as Result<Answers[Name]> | undefined;
    // A call that nobody prepared never answers: the screen shows how it waits.
    return answer === undefined ? new Promise<Result<Answers[Name]>>(() => undefined) : Promise.resolve(answer);
  },
  on: () => () => undefined,
};
Object.assign(window, { latchkey: bridge });

if (situation.isFirstStart !== true) localStorage.setItem('latchkey-welcomed', 'yes');
if (situation.language !== undefined) localStorage.setItem('latchkey-language', situation.language);
