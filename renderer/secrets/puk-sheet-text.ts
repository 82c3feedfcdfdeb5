import type { Messages } from '../messages/en.ts';

interface SheetFacts {
  readonly puk: string;
  readonly model: string;
  readonly serial: string;
  readonly date: string;
}

/** The same sheet as plain text, for a file of the person's choice. */
export function pukSheetText(facts: SheetFacts, texts: Messages['pukSheet']): string {
  const lines = [`${texts.key}: ${facts.model}`, `${texts.serial}: ${facts.serial}`, `${texts.made}: ${facts.date}`];
  return [texts.title, '', facts.puk, '', ...lines, '', texts.use, texts.keep, ''].join('\n');
}
