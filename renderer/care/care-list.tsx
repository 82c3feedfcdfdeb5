/** Everything that can be done with a key beside enrolling it, in groups with plain names. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { canRetireKey } from '../../core/key-care/ways-out.ts';
import type { ReferenceDataFacts, SecurityKeyFacts } from '../../core/security-key.ts';
import { KeyAway } from '../key/key-away.tsx';
import { useMessages } from '../messages/language.tsx';
import { Screen } from '../ui/screen.tsx';
import type { CareRoom } from './care-room.ts';
import type { CareScreen } from './care-screen.ts';
import { lockForm } from './lock-form.ts';
import styles from './care.module.css';

export function CareList({ room }: { readonly room: CareRoom }) {
  const { care, key } = useMessages();
  const { facts, acts, securityKey } = room;
  const texts = care.list;
  const secretState = useSecretState();
  const go = (screen: CareScreen) => (): void => acts.onScreen(screen);
  const canMove = canRetireKey(facts) && (facts.authentication.keyPair !== null || facts.movedTo !== null);
  return (
    <Screen title={texts.title} lead={facts.serial === null ? facts.model : `${facts.model}, ${key.serial} ${facts.serial}`} onBack={acts.onBack}>
      <KeyAway securityKey={securityKey} />
      <ul className={styles.groups}>
        <Group name={texts.pin} state={secretState(facts.pin)} hint={texts.pinHint}>
          <Act label={texts.change} full={care.acts['change-pin']} onAct={go({ kind: 'change-pin' })} />
          <Act label={texts.check} full={care.pin.check.title} onAct={go({ kind: 'check-pin' })} />
          {facts.pin.attemptsLeft === 0 ? (
            <Act label={texts.unblock} full={care.acts['unblock-pin']} onAct={go({ kind: 'unblock-pin' })} />
          ) : (
            <Act label={texts.forgot} full={`${texts.forgot} ${care.newPinWithPuk}`} onAct={go({ kind: 'unblock-pin' })} />
          )}
        </Group>
        <Group name={texts.puk} explained={texts.pukExplained} state={secretState(facts.puk)} hint={texts.pukHint}>
          <Act label={texts.change} full={care.acts['change-puk']} onAct={go({ kind: 'change-puk' })} />
        </Group>
        <Group name={texts.lock} hint={care.lock.forms[lockForm(facts.managementKey)].state}>
          <Act label={texts.renew} full={care.acts['rotate-management-key']} onAct={go({ kind: 'lock' })} />
        </Group>
        <Group name={texts.retries} hint={attemptsHint(facts, texts)}>
          <Act label={texts.set} full={care.acts['set-retries']} onAct={go({ kind: 'retries' })} />
        </Group>
        <Group name={texts.inventory} hint={texts.inventoryHint}>
          <Act label={texts.look} full={`${texts.look}: ${texts.inventory}`} onAct={go({ kind: 'inventory' })} />
        </Group>
        {canMove && (
          <Group name={texts.oldKey} hint={texts.oldKeyHint}>
            <Act label={texts.move} full={`${texts.move}: ${texts.oldKey}`} onAct={go({ kind: 'retire' })} />
          </Group>
        )}
        <Group name={texts.reset} hint={texts.resetHint}>
          <Act label={texts.startOver} full={`${texts.startOver} ${texts.reset}`} isLoss onAct={go({ kind: 'reset' })} />
        </Group>
      </ul>
    </Screen>
  );
}

/** "Your own, 3 attempts left" */
function useSecretState(): (facts: ReferenceDataFacts) => string {
  const { key } = useMessages();
  return ({ isFactory, attemptsLeft }) => {
    if (attemptsLeft === 0) return key.blocked;
    const whose = isFactory === null ? null : isFactory ? key.factory : key.own;
    const left = attemptsLeft === null ? null : `${attemptsLeft} ${key.attemptWord(attemptsLeft)}`;
    return [whose, left].filter((part) => part !== null).join(', ');
  };
}

function attemptsHint({ pin, puk }: SecurityKeyFacts, texts: { readonly retriesHint: (pin: string, puk: string) => string; readonly retriesUnknown: string }): string {
  return pin.attemptsTotal === null || puk.attemptsTotal === null ? texts.retriesUnknown : texts.retriesHint(String(pin.attemptsTotal), String(puk.attemptsTotal));
}

interface GroupProps {
  readonly name: string;
  readonly explained?: string;
  readonly state?: string;
  readonly hint: string;
  readonly children: ReactNode;
}

function Group({ name, explained, state = '', hint, children }: GroupProps) {
  return (
    <li className={styles.group}>
      <div className={styles.groupText}>
        <h2 className={styles.groupName}>
          {name}
          {explained !== undefined && <span className={styles.explained}> {explained}</span>}
        </h2>
        <p className={styles.soft}>{state === '' ? hint : state}</p>
      </div>
      <div className={styles.groupActs}>{children}</div>
    </li>
  );
}

interface ActProps {
  readonly label: string;
  /** What it does, for those who hear the button alone; begins with the label. */
  readonly full: string;
  readonly isLoss?: boolean;
  readonly onAct: () => void;
}

function Act({ label, full, isLoss = false, onAct }: ActProps) {
  return (
    <Button variant={isLoss ? 'subtle' : 'light'} {...(isLoss ? { color: 'red' } : {})} aria-label={full} onClick={onAct}>
      {label}
    </Button>
  );
}
