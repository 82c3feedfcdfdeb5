import { Radio } from '@mantine/core';
import type { ReactNode } from 'react';

interface RadioChoicesProps {
  /** Read out; for those who see, a heading or the screen's title says it. */
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

/** A group of choices without a label of its own. Mantine names the group by its label alone, an `aria-label` never reaches it. */
export function RadioChoices({ name, value, onChange, children }: RadioChoicesProps) {
  return (
    <Radio.Group label={name} labelProps={{ className: 'visually-hidden' }} value={value} onChange={onChange}>
      {children}
    </Radio.Group>
  );
}
