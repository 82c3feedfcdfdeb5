/** What is in my hand, is it fine, what can I do with it? Enrolling lives here too, and survives a look at other places. */
import { lazy, useState } from 'react';
import type { KnownKey } from '../../core/key-care/known-keys.ts';
import type { PresentSecurityKey, SecurityKeysSituation } from '../../core/security-key.ts';
import { call, currentAuthority, keysSituation, openedLink, useLive } from '../bridge.ts';
import { screenBefore, type CareScreen } from '../care/care-screen.ts';
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
const CarePlace = lazy(async () => ({ default: (await import('../care/care-place.tsx')).CarePlace }));
const BackupKey = lazy(async () => ({ default: (await import('../enrollment/backup-key.tsx')).BackupKey }));
const NameAuthority = lazy(async () => ({ default: (await import('../enrollment/name-authority.tsx')).NameAuthority }));

export type AuthorityEntry = 'invitation' | 'address' | 'either';

/** Where in this place the person is; kept while another place is on the screen. */
export type KeyView =
  | { readonly kind: 'overview' }
  | { readonly kind: 'authority'; readonly entry: AuthorityEntry; readonly thenEnroll: boolean }
  | { readonly kind: 'enroll'; readonly identity: string }
  /** `origin`: where Back leads from this screen. */
  | { readonly kind: 'care'; readonly identity: string; readonly screen: CareScreen; readonly origin: 'overview' | 'care' | 'enroll' }
  | { readonly kind: 'backup'; readonly first: KnownKey };

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
  const enroll = (identity: string): void => {
    onChoose(identity);
    onView(authority === null ? { kind: 'authority', entry: 'either', thenEnroll: true } : { kind: 'enroll', identity });
  };
  if (view.kind === 'care') return <Care view={view} onView={onView} onEnroll={enroll} />;
  if (view.kind === 'backup') return <BackupKey first={view.first} onEnroll={enroll} onBack={overview} />;
  if (view.kind === 'enroll' && authority !== null) {
    return (
      <EnrollmentRoom
        key={view.identity}
        identity={view.identity}
        onLeave={overview}
        onNameAuthority={() => onView({ kind: 'authority', entry: 'either', thenEnroll: true })}
        onCare={(screen) => onView({ kind: 'care', identity: view.identity, screen, origin: 'enroll' })}
        onBackup={(first) => onView({ kind: 'backup', first })}
      />
    );
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
  return <KeyInHand situation={situation} chosen={chosen} onChoose={onChoose} onView={onView} onEnroll={enroll} hasAuthority={authority !== null} />;
}

interface CareProps {
  readonly view: Extract<KeyView, { readonly kind: 'care' }>;
  readonly onView: (view: KeyView) => void;
  readonly onEnroll: (identity: string) => void;
}

/** Care of one key, and the ways into it and out of it. */
function Care({ view, onView, onEnroll }: CareProps) {
  const { identity, screen, origin } = view;
  const before = origin === 'care' ? screenBefore(screen) : null;
  const leave: KeyView = origin === 'enroll' ? { kind: 'enroll', identity } : { kind: 'overview' };
  return (
    <CarePlace
      // What was typed for one key is not kept for another.
      key={identity}
      identity={identity}
      screen={screen}
      onScreen={(next) => onView({ ...view, screen: next })}
      onBack={() => onView(before === null ? leave : { ...view, screen: before })}
      onEnroll={() => onEnroll(identity)}
    />
  );
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
  readonly onEnroll: (identity: string) => void;
  readonly hasAuthority: boolean;
}

function KeyInHand({ situation, chosen, onChoose, onView, onEnroll, hasAuthority }: KeyInHandProps) {
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
      onEnroll={onEnroll}
      onCare={(identity, screen) => {
        onChoose(identity);
        onView({ kind: 'care', identity, screen, origin: screen.kind === 'list' ? 'care' : 'overview' });
      }}
      onBackup={(first) => onView({ kind: 'backup', first })}
    />
  );
}
