/** The panel's page: a list of virtual keys with what a hand can do to each. */
import type { HandBridge, PanelAction, PanelKey, PanelView } from './panel-messages.ts';
import { TEXTS } from './panel-texts.ts';

declare global {
  interface Window {
    readonly hand: HandBridge;
  }
}

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
};

function say(text: string): void {
  element('said').textContent = text;
}

function show(view: PanelView): void {
  const focused = document.activeElement?.id;
  element('keys').replaceChildren(...view.keys.map((key) => keyCard(key, view.isLost)));
  // The list is drawn anew at every change: the focus goes back to where it was.
  if (focused) document.getElementById(focused)?.focus();
  element('invitation').hidden = view.invitationLink === null;
  if (view.isLost) say(TEXTS.lost);
}

function keyCard(key: PanelKey, isLost: boolean): HTMLElement {
  const owner = TEXTS.owner[key.owner];
  const card = made('li', `key${key.isWaitingForTouch ? ' is-waiting' : ''}`);
  const state = key.isWaitingForTouch ? TEXTS.state.touch : key.isInserted ? TEXTS.state.in : TEXTS.state.out;
  const actions = made('div', 'actions');
  actions.append(
    button(key, key.isInserted ? 'remove' : 'insert', key.isInserted ? TEXTS.pull : TEXTS.plugIn, owner, isLost),
    button(key, 'touch', TEXTS.touch, owner, isLost || !key.isInserted),
  );
  card.append(made('h2', '', owner), made('p', '', TEXTS.keyFacts(key.serial, key.firmware)), made('p', 'key-state', state));
  if (key.pin !== null) {
    const pin = made('p', '', `${TEXTS.pin} `);
    pin.append(made('span', 'pin', key.pin));
    card.append(pin);
  }
  card.append(actions);
  return card;
}

function button(key: PanelKey, action: PanelAction, text: string, owner: string, isDisabled: boolean): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.id = `${action === 'touch' ? 'touch' : 'plug'}-${key.serial}`;
  made.className = action;
  made.textContent = text;
  made.setAttribute('aria-label', TEXTS.actionOn(text, owner));
  made.disabled = isDisabled;
  made.addEventListener('click', () => void window.hand.act(key.serial, action).catch(() => say(TEXTS.failed)));
  return made;
}

function made(tag: string, className: string, text = ''): HTMLElement {
  const created = document.createElement(tag);
  if (className) created.className = className;
  created.textContent = text;
  return created;
}

async function start(): Promise<void> {
  element('title').textContent = TEXTS.title;
  element('explanation').textContent = TEXTS.explanation;
  element('invitation-title').textContent = TEXTS.invitation;
  element('copy').textContent = TEXTS.copyInvitation;
  window.hand.onChange(show);
  const view = await window.hand.view();
  show(view);
  element('copy').addEventListener('click', () => {
    void navigator.clipboard.writeText(view.invitationLink ?? '').then(
      () => say(TEXTS.copied),
      () => say(TEXTS.failed),
    );
  });
}

await start();
