/** What is in my hand, is it fine, what can I do with it? Enrolling lives here too, and survives a look at other places. */
import { lazy, useState } from 'react';
import type { PresentSecurityKey, SecurityKeysSituation } from '../../core/security-key.ts';
import { call, currentAuthority, keysSituation, openedLink, useLive } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { ChooseKey } from './choose-key.tsx';
import { keyIdentity } from './key-identity.ts';
import { KeyOverview } from './key-overview.tsx';
import { NoKey } from './no-key.tsx';
import { isWelcomed, rememberWelcome, Welcome } from './welcome.tsx';

const EnrollmentRoom = lazy(async () => ({ default: (await import('../enrollment/enrollment-room.tsx')).EnrollmentRoom }));
const NameAuthority = lazy(async () => ({ default: (await import('../enrollment/name-authority.tsx')).NameAuthority }));

export type AuthorityEntry = 'invitation' | 'address' | 'either';

/** Where in this place the person is; kept while another place is on the screen. */
export type KeyView =
  | { readonly kind: 'overview' }
  | { readonly kind: 'authority'; readonly entry: AuthorityEntry; readonly thenEnroll: boolean }
  | { readonly kind: 'enroll'; readonly identity: string };

interface KeyPlaceProps {
  readonly view: KeyView;
  readonly onView: (view: KeyView) => void;
  readonly chosen: string | null;
  readonly onChoose: (identity: string | null) => void;
}

export function KeyPlace({ view, onView, chosen, onChoose }: KeyPlaceProps) {
  const situation = useLive(keysSituation);
  const authority = useLive(currentAuthority);
  const link = useLive(openedLink) ?? null;
  const [welcomed, setWelcomed] = useState(isWelcomed);
  const present = chosenKey(situation, chosen);
  const overview = (): void => onView({ kind: 'overview' });

  const leaveWelcome = (next: KeyView): void => {
    rememberWelcome();
    setWelcomed(true);
    onView(next);
  };

  if (link !== null || view.kind === 'authority') {
    const thenEnroll = view.kind === 'authority' ? view.thenEnroll : view.kind === 'enroll';
    const close = (): void => {
      openedLink.set(null);
      overview();
    };
    const trusted = (): void => {
      openedLink.set(null);
      rememberWelcome();
      setWelcomed(true);
      onView(thenEnroll && present?.kind === 'ready' ? { kind: 'enroll', identity: keyIdentity(present) } : { kind: 'overview' });
    };
    return <NameAuthority entry={view.kind === 'authority' ? view.entry : 'invitation'} link={link} onBack={close} onTrusted={trusted} />;
  }
  if (view.kind === 'enroll' && authority !== null) {
    return <EnrollmentRoom key={view.identity} identity={view.identity} onLeave={overview} onNameAuthority={() => onView({ kind: 'authority', entry: 'either', thenEnroll: true })} />;
  }
  if (authority === undefined) return null;
  if (authority === null && !welcomed) {
    return (
      <Welcome
        onInvitation={() => leaveWelcome({ kind: 'authority', entry: 'invitation', thenEnroll: false })}
        onAddress={() => leaveWelcome({ kind: 'authority', entry: 'address', thenEnroll: false })}
        onLook={() => leaveWelcome({ kind: 'overview' })}
      />
    );
  }
  return <KeyInHand situation={situation} chosen={chosen} onChoose={onChoose} onView={onView} hasAuthority={authority !== null} />;
}

/** The key the person chose, or the only one there is. */
function chosenKey(situation: SecurityKeysSituation | undefined, chosen: string | null): PresentSecurityKey | undefined {
  if (situation?.kind !== 'present') return undefined;
  return situation.keys.find((key) => keyIdentity(key) === chosen) ?? (situation.keys.length === 1 ? situation.keys[0] : undefined);
}

interface KeyInHandProps {
  readonly situation: SecurityKeysSituation | undefined;
  readonly chosen: string | null;
  readonly onChoose: (identity: string | null) => void;
  readonly onView: (view: KeyView) => void;
  readonly hasAuthority: boolean;
}

function KeyInHand({ situation, chosen, onChoose, onView, hasAuthority }: KeyInHandProps) {
  const { key } = useMessages();
  if (situation === undefined || situation.kind === 'starting') {
    return (
      <Screen title={key.title} lead={key.starting} isCentered>
        <KeyDrawing form={null} />
      </Screen>
    );
  }
  if (situation.kind === 'unavailable') {
    return (
      <Screen title={key.title} isCentered>
        <ProblemPanel failure={situation.failure} actions={{ restart: () => void call('keys.restart', {}) }}>
          {situation.failure.kind !== 'device-process-ended' && <p>{key.recovers}</p>}
        </ProblemPanel>
      </Screen>
    );
  }
  if (situation.keys.length === 0) return <NoKey />;
  const present = chosenKey(situation, chosen);
  if (present === undefined) return <ChooseKey keys={situation.keys} onChoose={onChoose} />;
  return (
    <KeyOverview
      present={present}
      hasAuthority={hasAuthority}
      onOther={situation.keys.length > 1 ? () => onChoose(null) : undefined}
      onEnroll={(identity) => {
        onChoose(identity);
        onView(hasAuthority ? { kind: 'enroll', identity } : { kind: 'authority', entry: 'either', thenEnroll: true });
      }}
    />
  );
}
