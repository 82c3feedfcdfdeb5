import { Button } from '@mantine/core';
import { useState } from 'react';
import { brokenLengthRule } from '../../core/key-care/pin-rules.ts';
import type { Failure } from '../../core/failures.ts';
import type { AuthorityView } from '../../core/ipc.ts';
import type { PresentSecurityKey } from '../../core/security-key.ts';
import { call, keysSituation, queueView, useLive } from '../bridge.ts';
import { KeyChoices } from '../key/choose-key.tsx';
import { keyIdentity } from '../key/key-identity.ts';
import { useMessages } from '../messages/language.tsx';
import { PresentSecret } from '../secrets/present-secret.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import styles from './queue.module.css';

type ReadyKey = Extract<PresentSecurityKey, { readonly kind: 'ready' }>;

interface SignInProps {
  readonly authority: AuthorityView | null;
  /** The last sign-in ended by itself. */
  readonly hasEnded: boolean;
  readonly onNameAuthority: () => void;
}

export function SignIn({ authority, hasEnded, onNameAuthority }: SignInProps) {
  const { queue, key } = useMessages();
  const texts = queue.signIn;
  const situation = useLive(keysSituation);
  const [chosen, setChosen] = useState<string | null>(null);
  const present = situation?.kind === 'present' ? situation.keys : [];
  const enrolled = present.filter((each): each is ReadyKey => each.kind === 'ready' && each.facts.authentication.certificate !== null);
  const own = enrolled.find((each) => keyIdentity(each) === chosen) ?? (enrolled.length === 1 ? enrolled[0] : undefined);

  if (authority === null) {
    return (
      <Screen title={texts.title} lead={texts.noAuthority} isCentered actions={<Button size="md" onClick={onNameAuthority}>{texts.nameAuthority}</Button>} />
    );
  }
  if (situation?.kind === 'unavailable') {
    return (
      <Screen title={texts.title} isCentered>
        <ProblemPanel failure={situation.failure} actions={{ restart: () => void call('keys.restart', {}) }} />
      </Screen>
    );
  }
  if (own === undefined) {
    return (
      <Screen title={enrolled.length > 1 ? key.choose.title : texts.title} lead={enrolled.length > 1 ? texts.lead : present.length > 0 ? texts.notEnrolled : texts.noKey} isCentered>
        {hasEnded && <Notice tone="brass">{queue.ended}</Notice>}
        {enrolled.length > 1 ? <KeyChoices keys={enrolled} onChoose={setChosen} /> : <KeyDrawing form={null} isUnplugged />}
      </Screen>
    );
  }
  return (
    <PinForm
      key={keyIdentity(own)}
      securityKey={own}
      authority={authority}
      hasEnded={hasEnded}
      onOther={enrolled.length > 1 ? () => setChosen(null) : undefined}
      onNameAuthority={onNameAuthority}
    />
  );
}

interface PinFormProps extends Omit<SignInProps, 'authority'> {
  readonly securityKey: ReadyKey;
  readonly authority: AuthorityView;
  readonly onOther: (() => void) | undefined;
}

function PinForm({ securityKey, authority, hasEnded, onOther, onNameAuthority }: PinFormProps) {
  const { queue, key } = useMessages();
  const texts = queue.signIn;
  const { facts, readerName } = securityKey;
  const [pin, setPin] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isTried, setTried] = useState(false);
  const rule = brokenLengthRule(pin);
  const attemptsLeft = failure?.kind === 'pin-wrong' ? failure.attemptsLeft : facts.pin.attemptsLeft;

  const signIn = async (): Promise<void> => {
    if (rule !== null) {
      setTried(true);
      return;
    }
    setBusy(true);
    setFailure(null);
    const answer = await call('queue.signIn', { readerName, pin });
    setPin('');
    setTried(false);
    if (answer.ok) {
      const view = await call('queue.view', {});
      if (view.ok) queueView.set(view.value);
    } else {
      setFailure(answer.failure);
    }
    setBusy(false);
  };

  return (
    <Screen title={texts.title} lead={texts.lead} onBack={onOther} backLabel={key.choose.other} isCentered>
      {hasEnded && failure === null && <Notice tone="brass">{queue.ended}</Notice>}
      <div className={styles.who}>
        <KeyDrawing form={facts.formFactor} light={isBusy ? 'blinking' : 'off'} size="small" />
        <div>
          <strong>{facts.model}</strong>
          <p className={styles.soft}>
            {facts.serial !== null && `${key.serial} ${facts.serial} · `}
            {texts.at(authority.name)}
          </p>
        </div>
      </div>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <PresentSecret
          which="PIN"
          label={texts.pin}
          value={pin}
          onChange={setPin}
          attempts={{ attemptsLeft, attemptsTotal: facts.pin.attemptsTotal, isWarned: failure?.kind === 'pin-wrong' }}
          isTried={isTried}
          isDisabled={isBusy}
        />
        {failure !== null && <ProblemPanel failure={failure} actions={{ 'name-authority': onNameAuthority }} />}
        <div className={styles.actions}>
          <Button type="submit" size="md" loading={isBusy}>
            {texts.button}
          </Button>
          {isBusy && <span className={styles.soft}>{texts.touch}</span>}
        </div>
      </form>
    </Screen>
  );
}
