import { Button, Radio, TextInput } from '@mantine/core';
import type { EnrollmentQuestions } from '../../core/enrollment/state.ts';
import type { TouchPolicy } from '../../core/security-key.ts';
import { useMessages } from '../messages/language.tsx';
import { Facts } from '../ui/facts.tsx';
import { Notice } from '../ui/notice.tsx';
import type { EnrollmentDraft } from './draft.ts';
import { keyTypeWarning } from './key-type-advice.ts';
import type { PageProps } from './questions.tsx';
import forms from '../ui/form.module.css';

const TOUCH_POLICIES: readonly TouchPolicy[] = ['never', 'always', 'cached'];

/** Good enough to notice a slip; the CA decides. */
function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}

export function isIdentityComplete({ identity }: EnrollmentQuestions, draft: EnrollmentDraft): boolean {
  if (identity === null) return true;
  const email = (draft.email ?? identity.email).trim();
  return (draft.name ?? identity.name).trim() !== '' && looksLikeEmail(email);
}

export function IdentityPage({ questions, draft, change, isTried }: PageProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.identity;
  const { identity, keyPair } = questions;
  const name = draft.name ?? identity?.name ?? '';
  const email = draft.email ?? identity?.email ?? '';
  return (
    <>
      {identity !== null && identity.isFixed && (
        <Facts
          facts={[
            { name: texts.name, value: identity.name },
            { name: texts.email, value: identity.email },
          ]}
        />
      )}
      {identity !== null && !identity.isFixed && (
        <>
          <TextInput
            label={texts.name}
            value={name}
            maxLength={200}
            size="md"
            autoComplete="off"
            error={isTried && name.trim() === '' ? texts.nameMissing : undefined}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <TextInput
            label={texts.email}
            type="email"
            value={email}
            maxLength={320}
            size="md"
            autoComplete="off"
            error={isTried && !looksLikeEmail(email.trim()) ? texts.emailInvalid : undefined}
            onChange={(event) => change({ email: event.currentTarget.value })}
          />
        </>
      )}
      {keyPair !== null && <CurveAdvisory keyPair={keyPair} draft={draft} change={change} />}
      {keyPair !== null && <MoreOptions keyPair={keyPair} draft={draft} change={change} />}
    </>
  );
}

interface MoreOptionsProps extends Pick<PageProps, 'draft' | 'change'> {
  readonly keyPair: NonNullable<EnrollmentQuestions['keyPair']>;
}

/** Curves on firmware before 5.7 (YSA-2024-03), where RSA can take their place; said before anything is made. */
function CurveAdvisory({ keyPair, draft, change }: MoreOptionsProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.identity;
  if (keyTypeWarning('ECCP256', keyPair.firmware) !== 'eucleak') return null;
  const isCurve = keyTypeWarning(draft.keyType, keyPair.firmware) === 'eucleak';
  return (
    <Notice tone={isCurve ? 'brass' : 'good'}>
      <p>{isCurve ? enrollment.keyTypeWarnings.eucleak : texts.chosenRsa}</p>
      {keyPair.offered.includes('RSA2048') && (
        <div className={forms.actions}>
          <Button variant="light" onClick={() => change({ keyType: isCurve ? 'RSA2048' : 'ECCP256' })}>
            {isCurve ? texts.chooseRsa : texts.chooseCurve}
          </Button>
        </div>
      )}
    </Notice>
  );
}

/** Folded, because the first of each is right for nearly everybody. */
function MoreOptions({ keyPair, draft, change }: MoreOptionsProps) {
  const { enrollment } = useMessages();
  const texts = enrollment.identity;
  const warning = keyTypeWarning(draft.keyType, keyPair.firmware);
  return (
    <details className={forms.more}>
      <summary>{texts.more}</summary>
      <div className={forms.options}>
        <Radio.Group
          label={texts.keyType}
          value={draft.keyType}
          onChange={(value) => {
            const keyType = keyPair.offered.find((offered) => offered === value);
            if (keyType !== undefined) change({ keyType });
          }}
        >
          <div className={forms.radios}>
            {keyPair.offered.map((keyType) => (
              <Radio key={keyType} value={keyType} label={enrollment.keyTypes[keyType].name} description={enrollment.keyTypes[keyType].hint} />
            ))}
          </div>
        </Radio.Group>
        {warning !== null && warning !== 'eucleak' && <Notice tone="brass">{enrollment.keyTypeWarnings[warning]}</Notice>}
        <Radio.Group
          label={texts.pinPolicy}
          value={draft.pinPolicy}
          onChange={(value) => {
            const pinPolicy = keyPair.offeredPinPolicies.find((policy) => policy === value);
            if (pinPolicy !== undefined) change({ pinPolicy });
          }}
        >
          <div className={forms.radios}>
            {keyPair.offeredPinPolicies.map((policy) => (
              <Radio key={policy} value={policy} label={enrollment.pinPolicies[policy].name} description={enrollment.pinPolicies[policy].hint} />
            ))}
          </div>
        </Radio.Group>
        <Radio.Group
          label={texts.touch}
          description={texts.touchHint}
          value={draft.touchPolicy}
          onChange={(value) => {
            const touchPolicy = TOUCH_POLICIES.find((policy) => policy === value);
            if (touchPolicy !== undefined) change({ touchPolicy });
          }}
        >
          <div className={forms.radios}>
            {TOUCH_POLICIES.map((policy) => (
              <Radio key={policy} value={policy} label={enrollment.touchPolicies[policy].name} description={enrollment.touchPolicies[policy].hint} />
            ))}
          </div>
        </Radio.Group>
        <TextInput
          label={texts.otherNames}
          description={texts.otherNamesHint}
          value={draft.otherNames}
          maxLength={2000}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => change({ otherNames: event.currentTarget.value })}
        />
      </div>
    </details>
  );
}
