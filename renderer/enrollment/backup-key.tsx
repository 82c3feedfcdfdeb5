/** The second key of a person: whichever other key is plugged in goes through the same enrollment, with the same name. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { KnownKey } from '../../core/key-care/known-keys.ts';
import type { PresentSecurityKey } from '../../core/security-key.ts';
import { keysSituation, useLive } from '../bridge.ts';
import { KeyChoices } from '../key/choose-key.tsx';
import { keyIdentity } from '../key/key-identity.ts';
import { useMessages } from '../messages/language.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import { Stage } from '../ui/stage.tsx';
import { keepDraft, keptDraft } from './draft.ts';
import forms from '../ui/form.module.css';

type ReadyKey = Extract<PresentSecurityKey, { readonly kind: 'ready' }>;

interface BackupKeyProps {
  readonly first: KnownKey;
  readonly onEnroll: (identity: string) => void;
  readonly onBack: () => void;
}

export function BackupKey({ first, onEnroll, onBack }: BackupKeyProps) {
  const { care, drawing, key } = useMessages();
  const texts = care.backup;
  const situation = useLive(keysSituation);
  const [chosen, setChosen] = useState<string | null>(null);
  const present = situation?.kind === 'present' ? situation.keys : [];
  const others = present.filter((each): each is ReadyKey => each.kind === 'ready' && each.facts.serial !== first.serial);
  const second = others.find((each) => keyIdentity(each) === chosen) ?? (others.length === 1 ? others[0] : undefined);
  const begin = (identity: string): void => {
    keepDraft(identity, { ...keptDraft(identity), name: first.name, email: first.email });
    onEnroll(identity);
  };

  if (second === undefined && others.length > 1) {
    return (
      <Screen title={texts.choose} lead={texts.lead(first.name)} onBack={onBack}>
        <KeyChoices keys={others} onChoose={setChosen} />
      </Screen>
    );
  }
  return (
    <Screen
      title={texts.title}
      lead={texts.lead(first.name)}
      onBack={onBack}
      actions={
        second === undefined ? undefined : (
          <Button size="md" onClick={() => begin(keyIdentity(second))}>
            {texts.begin}
          </Button>
        )
      }
    >
      <Stage>
        <KeyDrawing form={second?.facts.formFactor ?? first.formFactor} isUnplugged={second === undefined} label={second === undefined ? drawing.empty : drawing.key(second.facts.model)} />
      </Stage>
      {second === undefined ? (
        <Notice tone="brass" icon="person" title={texts.plugIn}>
          <p>{texts.firstMayStay}</p>
        </Notice>
      ) : (
        <Notice tone="good" title={texts.found}>
          <p>
            {second.facts.model}
            {second.facts.serial !== null && `, ${key.serial} ${second.facts.serial}`}
          </p>
        </Notice>
      )}
      <p className={forms.soft}>{texts.invitation}</p>
    </Screen>
  );
}
