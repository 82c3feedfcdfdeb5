import type { KeyConditionKind } from '../../core/key-care/conditions.ts';
import { ConditionNotice } from '../key/condition-notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import type { CareRoom } from './care-room.ts';

export type SecretName = 'PIN' | 'PUK';

const BLOCKED: Readonly<Record<SecretName, readonly KeyConditionKind[]>> = {
  PIN: ['pin-and-puk-blocked', 'pin-blocked'],
  PUK: ['pin-and-puk-blocked', 'puk-blocked'],
};

interface BlockedSecretProps {
  readonly title: string;
  readonly which: SecretName;
  readonly room: CareRoom;
  readonly onBack?: () => void;
}

/** No attempt is left, so none is asked for: the way out takes the place of the form. */
export function BlockedSecret({ title, which, room, onBack = room.acts.onBack }: BlockedSecretProps) {
  const view = room.conditions.find(({ condition }) => BLOCKED[which].includes(condition.kind));
  return (
    <Screen title={title} onBack={onBack}>
      {view === undefined ? (
        <ProblemPanel failure={{ kind: which === 'PIN' ? 'pin-blocked' : 'puk-blocked' }} actions={room.acts.problemActions} />
      ) : (
        <ConditionNotice view={view} onAct={room.acts.onWay} />
      )}
    </Screen>
  );
}
