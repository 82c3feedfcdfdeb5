import type { PresentSecurityKey, SecurityKeyFacts, SecurityKeys, SecurityKeysSituation } from '../../../core/security-key.ts';

/** The first situation from now on that is as wanted. */
export function nextSituation(keys: SecurityKeys, isWanted: (situation: SecurityKeysSituation) => boolean): Promise<SecurityKeysSituation> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    let isFound = false;
    stop = keys.watch((situation) => {
      if (isFound || !isWanted(situation)) return;
      isFound = true;
      stop?.();
      resolve(situation);
    });
    if (isFound) stop();
  });
}

/** What is in the readers; undefined while that cannot be told. */
export function presentKeys(situation: SecurityKeysSituation): readonly PresentSecurityKey[] | undefined {
  return situation.kind === 'present' ? situation.keys : undefined;
}

/** The facts of the key with this serial, as soon as they are known and as wanted. */
export async function keyWithSerial(keys: SecurityKeys, serial: number, isWanted: (facts: SecurityKeyFacts) => boolean = () => true): Promise<SecurityKeyFacts> {
  const find = (situation: SecurityKeysSituation): SecurityKeyFacts | undefined =>
    presentKeys(situation)
      ?.map((key) => (key.kind === 'ready' ? key.facts : undefined))
      .find((facts) => facts?.serial === serial && isWanted(facts));
  const facts = find(await nextSituation(keys, (situation) => find(situation) !== undefined));
  if (!facts) throw new Error('The situation changed while it was looked at.');
  return facts;
}
