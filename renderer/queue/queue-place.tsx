/** Who waits for me, and can I believe it? Only for approvers, who sign in with their own key. */
import '../forms.css';
import { useEffect, useRef, useState } from 'react';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { currentAuthority, queueView, useLive } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Screen } from '../ui/screen.tsx';
import { Audit } from './audit.tsx';
import { Certificates } from './certificates.tsx';
import type { Invitee } from './invitation-form.tsx';
import { Invitations } from './invitations.tsx';
import { People } from './people.tsx';
import { QueueList } from './queue-list.tsx';
import { RequestPage } from './request-page.tsx';
import { Sections, type Section } from './sections.tsx';
import { SignIn } from './sign-in.tsx';
import { takeExpectedSignOut } from './sign-out.ts';
import type { QueueTab } from './use-requests.ts';

export function QueuePlace({ onNameAuthority }: { readonly onNameAuthority: () => void }) {
  const { queue, rail } = useMessages();
  const view = useLive(queueView);
  const authority = useLive(currentAuthority);
  const [open, setOpen] = useState<CertificateRequest | null>(null);
  const [tab, setTab] = useState<QueueTab>('pending');
  const [section, setSection] = useState<Section>('requests');
  const [invitee, setInvitee] = useState<Invitee | null>(null);
  const hasEnded = useHasEnded(view?.kind);
  const pending = view?.kind === 'signed-in' ? view.counts.pending : null;

  const isFirst = useRef(true);
  useEffect(() => {
    if (pending === null) return;
    if (!isFirst.current && pending > 0) announce(rail.pending(pending));
    isFirst.current = false;
  }, [pending, rail]);

  if (view === undefined || authority === undefined) return <Screen title={queue.title} />;
  if (view.kind === 'signed-out') return <SignIn authority={authority} hasEnded={hasEnded} onNameAuthority={onNameAuthority} />;
  if (open !== null) return <RequestPage opened={open} view={view} onBack={() => setOpen(null)} />;
  const navigation = <Sections section={section} onSection={setSection} />;
  const invite = (wanted: Invitee): void => {
    setInvitee(wanted);
    setSection('invitations');
  };
  switch (section) {
    case 'requests':
      return <QueueList view={view} tab={tab} onTab={setTab} onOpen={setOpen} navigation={navigation} />;
    case 'certificates':
      return <Certificates approver={view.approver} navigation={navigation} onInvite={invite} />;
    case 'invitations':
      return <Invitations invitee={invitee} onInvited={() => setInvitee(null)} approver={view.approver} navigation={navigation} />;
    case 'people':
      return <People approver={view.approver} navigation={navigation} onInvite={invite} />;
    case 'audit':
      return <Audit navigation={navigation} />;
  }
}

/** Whether the sign-in ended without the person asking for it. */
function useHasEnded(kind: 'signed-in' | 'signed-out' | undefined): boolean {
  const [hasEnded, setEnded] = useState(false);
  const last = useRef(kind);
  useEffect(() => {
    if (last.current === 'signed-in' && kind === 'signed-out') setEnded(!takeExpectedSignOut());
    if (kind === 'signed-in') setEnded(false);
    last.current = kind;
  }, [kind]);
  return hasEnded;
}
