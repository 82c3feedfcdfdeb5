import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { AuthorityCandidate } from '../../core/ipc.ts';
import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { SecretInput } from '../secrets/secret-input.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import forms from '../ui/form.module.css';

interface EstServerProps {
  readonly onCandidate: (candidate: AuthorityCandidate) => void;
  readonly onBack: () => void;
}

const EMPTY = { address: '', label: '', user: '', password: '' };

/** Naming an EST server (RFC 7030) of whatever make. Who it is gets compared on the next screen, as of any CA. */
export function EstServer({ onCandidate, onBack }: EstServerProps) {
  const { authority } = useMessages();
  const texts = authority.est;
  const [typed, setTyped] = useState(EMPTY);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const inspect = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const answer = await call('authority.inspectEst', { ...typed, address: typed.address.trim(), label: typed.label.trim() });
    setBusy(false);
    if (answer.ok) onCandidate(answer.value);
    else setFailure(answer.failure);
  };
  const field = (name: keyof typeof EMPTY) => ({
    value: typed[name],
    size: 'md',
    autoComplete: 'off',
    spellCheck: false,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <Screen title={texts.title} lead={isBusy ? authority.looking : texts.lead} onBack={onBack}>
      <form
        className={forms.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.address.trim() !== '') void inspect();
        }}
      >
        <TextInput label={texts.address} placeholder={texts.addressPlaceholder} maxLength={2048} {...field('address')} />
        <TextInput label={texts.label} maxLength={200} {...field('label')} />
        <TextInput label={texts.user} maxLength={200} {...field('user')} />
        <SecretInput label={texts.password} description={texts.passwordHint} maxLength={1024} value={typed.password} onChange={(password) => setTyped((before) => ({ ...before, password }))} />
        {failure !== null && <ProblemPanel failure={failure} actions={{ retry: () => void inspect() }} />}
        <div className={forms.actions}>
          <Button type="submit" size="md" loading={isBusy} disabled={typed.address.trim() === ''}>
            {authority.look}
          </Button>
        </div>
      </form>
    </Screen>
  );
}
