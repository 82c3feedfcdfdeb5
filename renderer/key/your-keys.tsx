/** A person's key and its backups together, also while one of them lies in a drawer. */
import { UnstyledButton } from '@mantine/core';
import type { KnownKey } from '../../core/key-care/known-keys.ts';
import { keysOfSamePerson } from '../../core/key-care/persons-keys.ts';
import { call, keysSituation, knownKeys, useLive } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import styles from './your-keys.module.css';

/** The keys of whoever has this one, the first enrolled first; none for a key that was not enrolled from this computer. */
export function usePersonsKeys(serial: number | null): readonly KnownKey[] {
  const known = useLive(knownKeys);
  return serial === null || known === undefined ? [] : keysOfSamePerson(known, serial);
}

interface YourKeysProps {
  readonly keys: readonly KnownKey[];
  /** The one that the screen is about. */
  readonly serial: number | null;
}

export function YourKeys({ keys, serial }: YourKeysProps) {
  const { care } = useMessages();
  return (
    <section className={styles.keys}>
      <h2 className={styles.title}>{care.keys.title}</h2>
      <ul className={styles.list}>
        {keys.map((key) => (
          <YourKey key={key.serial} known={key} isMain={key === keys[0]} isThis={key.serial === serial} />
        ))}
      </ul>
    </section>
  );
}

interface YourKeyProps {
  readonly known: KnownKey;
  readonly isMain: boolean;
  readonly isThis: boolean;
}

function YourKey({ known, isMain, isThis }: YourKeyProps) {
  const { care, key } = useMessages();
  const formats = useFormats();
  const situation = useLive(keysSituation);
  const isPluggedIn = isThis || (situation?.kind === 'present' && situation.keys.some((each) => each.kind === 'ready' && each.facts.serial === known.serial));
  const isOver = known.expiresAt.getTime() < Date.now();
  const until = (isOver ? care.keys.expired : care.keys.validUntil)(formats.date(known.expiresAt), formats.relative(known.expiresAt));
  const forget = async (): Promise<void> => {
    const answer = await call('knownKeys.forget', { serial: known.serial });
    if (answer.ok) announce(care.keys.forgotten);
  };
  return (
    <li className={styles.key} data-away={!isPluggedIn || undefined}>
      <div className={styles.head}>
        <KeyDrawing form={known.formFactor} size="small" />
        {!isPluggedIn && (
          <UnstyledButton className={styles.forget} aria-label={care.keys.forgetNamed(String(known.serial))} onClick={() => void forget()}>
            {care.keys.forget}
          </UnstyledButton>
        )}
      </div>
      <p>
        <strong>{isMain ? care.keys.main : care.keys.backup}</strong>, {isPluggedIn ? care.keys.pluggedIn : care.keys.away}
      </p>
      <p className={styles.soft}>
        {known.model} · {key.serial} {known.serial}
      </p>
      <p className={styles.soft} data-over={isOver || undefined}>
        {until}
      </p>
    </li>
  );
}

interface BackupOfferProps {
  readonly first: KnownKey;
  readonly onBackup: (first: KnownKey) => void;
}

/** For whoever has one key only. */
export function BackupOffer({ first, onBackup }: BackupOfferProps) {
  const { care } = useMessages();
  return (
    <section className={styles.offer}>
      <p>{care.keys.offer}</p>
      <UnstyledButton className={styles.enroll} onClick={() => onBackup(first)}>
        {care.keys.enroll}
      </UnstyledButton>
    </section>
  );
}
