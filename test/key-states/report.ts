/** Writes the table that was run for a person to read: .build/test-reports/key-states*.md, which scripts/test.ts empties first. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MODELS, type Model } from '../native/piv/direct-access.ts';
import { ACTIONS } from './actions.ts';
import type { CellResult } from './cell.ts';
import { STATE_NAMES, type StateName } from './states.ts';

const FOLDER = fileURLToPath(new URL('../../.build/test-reports/', import.meta.url));
/** The model whose table is shown whole; of the others what differs. */
const SHOWN: Model = '5.7.1';
const LOOK = 'look';

export class TableReport {
  readonly #cells = new Map<string, CellResult>();

  note(model: Model, state: StateName, action: string, result: CellResult): void {
    this.#cells.set(keyOf(model, state, action), result);
  }

  /** `suffix` goes into the file's name; `way`: how the key was reached. */
  write(suffix: string, way: string): void {
    mkdirSync(FOLDER, { recursive: true });
    const parts = [`# States of a key × actions, ${way}`, `${this.#cells.size} cells were run, on ${MODELS.join(', ')}.`, this.#conditions(), this.#outcomes(), this.#differences()];
    writeFileSync(`${FOLDER}key-states${suffix}.md`, `${parts.filter((part) => part !== '').join('\n\n')}\n`);
  }

  #conditions(): string {
    const rows = STATE_NAMES.flatMap((state) => {
      const looked = this.#cells.get(keyOf(SHOWN, state, LOOK));
      return looked ? [[state, looked.conditions.join('<br>') || 'nothing to tell']] : [];
    });
    return rows.length === 0 ? '' : `## What a person is told, and the ways out in their order (${SHOWN})\n\n${table(['state', 'conditions'], rows)}`;
  }

  #outcomes(): string {
    const names = ACTIONS.map(({ name }) => name);
    const rows = STATE_NAMES.map((state) => [state, ...names.map((name) => this.#cells.get(keyOf(SHOWN, state, name))?.outcome ?? '–')]);
    return `## What comes of each action (${SHOWN})\n\n${table(['state', ...names], rows)}`;
  }

  #differences(): string {
    const rows = MODELS.filter((model) => model !== SHOWN).flatMap((model) => STATE_NAMES.flatMap((state) => ACTIONS.flatMap(({ name }) => this.#difference(model, state, name))));
    return rows.length === 0 ? '' : `## Where other models differ\n\n${table(['model', 'state', 'action', 'here', SHOWN], rows)}`;
  }

  #difference(model: Model, state: StateName, action: string): readonly (readonly string[])[] {
    const [here, shown] = [model, SHOWN].map((each) => this.#cells.get(keyOf(each, state, action)));
    if (!here || !shown) return [];
    const words = ({ outcome, conditions }: CellResult): string => (action === LOOK ? conditions.join('<br>') || 'nothing to tell' : outcome);
    return words(here) === words(shown) ? [] : [[model, state, action, words(here), words(shown)]];
  }
}

function keyOf(model: Model, state: StateName, action: string): string {
  return [model, state, action].join('|');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
