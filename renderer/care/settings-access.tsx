/** What opens the settings of a key: the PIN, and the code where only a person has it. */
import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import { brokenLengthRule, FACTORY_PIN } from '../../core/key-care/pin-rules.ts';
import { useMessages } from '../messages/language.tsx';
import { PresentSecret } from '../secrets/present-secret.tsx';
import { SecretInput } from '../secrets/secret-input.tsx';
import { Notice } from '../ui/notice.tsx';
import type { CareRoom } from './care-room.ts';
import { keyInHand, type KeyInHand } from './key-in-hand.ts';
import { codeDigits, isCode, lockForm, normalizeCode } from './lock-form.ts';
import { useAttempts } from './use-attempts.ts';
import forms from '../ui/form.module.css';

/** A code of 64 digits, in pairs with colons between them. */
const MAX_TYPED = 191;

export interface SettingsAccess {
  readonly pin: string;
  readonly code: string;
  readonly needsCode: boolean;
  /** The key itself says that its PIN is the factory one: it is used, not tried, and not asked for. */
  readonly isPinKnown: boolean;
  readonly isComplete: boolean;
  readonly attempts: ReturnType<typeof useAttempts>;
  readonly change: (part: { readonly pin?: string; readonly code?: string }) => void;
  readonly clear: () => void;
  /** As the calls of care take it. */
  readonly args: KeyInHand & { readonly pin: string; readonly managementKey?: string };
}

/** 'typed': the PIN is also how the person agrees to a loss, so it is always typed. */
export function useSettingsAccess({ facts }: CareRoom, failure: Failure | null, pinIs: 'typed' | 'factory-pin-if-told'): SettingsAccess {
  const [{ pin, code }, setTyped] = useState({ pin: '', code: '' });
  // Firmware before 5.3 does not tell; there it is found out with the PIN, and from then on the code is asked for.
  const [isFoundUnknown, setFoundUnknown] = useState(false);
  if (failure?.kind === 'management-key-unknown' && !isFoundUnknown) setFoundUnknown(true);
  const attempts = useAttempts('pin', facts, failure);
  const needsCode = lockForm(facts.managementKey) === 'unknown' || isFoundUnknown;
  const isPinKnown = pinIs === 'factory-pin-if-told' && facts.pin.isFactory === true;
  return {
    pin,
    code,
    needsCode,
    isPinKnown,
    isComplete: (isPinKnown || brokenLengthRule(pin) === null) && (!needsCode || isCode(code, facts.managementKey)),
    attempts,
    change: (part) => setTyped({ pin, code, ...part }),
    clear: () => setTyped({ pin: '', code: '' }),
    args: { ...keyInHand(facts), pin: isPinKnown ? FACTORY_PIN : pin, ...(needsCode ? { managementKey: normalizeCode(code) } : {}) },
  };
}

interface SettingsAccessFieldsProps {
  readonly room: CareRoom;
  readonly access: SettingsAccess;
  readonly label: string;
  readonly isTried: boolean;
}

export function SettingsAccessFields({ room, access, label, isTried }: SettingsAccessFieldsProps) {
  const { care } = useMessages();
  const { managementKey } = room.facts;
  const digits = codeDigits(managementKey);
  return (
    <>
      {access.needsCode && (
        <div>
          <SecretInput
            label={care.lock.code}
            value={access.code}
            onChange={(code) => access.change({ code })}
            description={care.lock.codeHint(digits)}
            error={isTried && !isCode(access.code, managementKey) ? care.lock.codeWrong(digits) : undefined}
            maxLength={MAX_TYPED}
          />
          <p className={forms.small}>{care.lock.unknownAsk}</p>
        </div>
      )}
      {access.isPinKnown ? (
        <Notice tone="calm">{care.pin.change.factory}</Notice>
      ) : (
        <PresentSecret which="PIN" label={label} value={access.pin} onChange={(pin) => access.change({ pin })} attempts={access.attempts} isTried={isTried} />
      )}
    </>
  );
}
