import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { Screen } from '../ui/screen.tsx';
import type { CareActs } from './care-room.ts';

interface CareDoneProps {
  readonly title: string;
  readonly hint: string;
  readonly acts: CareActs;
  /** What comes next; nothing but going back unless told. */
  readonly next?: { readonly label: string; readonly onNext: () => void } | undefined;
  readonly children?: ReactNode;
}

/** How an act of care ended well. */
export function CareDone({ title, hint, acts, next, children }: CareDoneProps) {
  const { care } = useMessages();
  return (
    <Screen
      title={title}
      onBack={acts.onBack}
      actions={
        <>
          <Button size="md" onClick={next?.onNext ?? acts.onBack}>
            {next?.label ?? care.done}
          </Button>
          {next !== undefined && (
            <Button size="md" variant="subtle" onClick={acts.onBack}>
              {care.later}
            </Button>
          )}
        </>
      }
    >
      <Notice tone="good">{hint}</Notice>
      {children}
    </Screen>
  );
}
