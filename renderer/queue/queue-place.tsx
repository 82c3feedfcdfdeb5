/** Who waits for me, and can I believe it? Only for approvers, who sign in with their own key. */
import '../forms.css';
import { useEffect, useRef, useState } from 'react';
import { currentAuthority, queueView, useLive } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { announce } from '../ui/announcer.tsx';
import { Screen } from '../ui/screen.tsx';
import { QueueList, type QueueTab } from './queue-list.tsx';
import { RequestPage } from './request-page.tsx';
import { SignIn } from './sign-in.tsx';
import { takeExpectedSignOut } from './sign-out.ts';

export function QueuePlace({ onNameAuthority }: { readonly onNameAuthority: () => void }) {
  const { queue, rail } = useMessages();
  const view = useLive(queueView);
  const authority = useLive(currentAuthority);
  const [openId, setOpenId] = useState<string | null>(null);
  const [tab, setTab] = useState<QueueTab>('pending');
  const hasEnded = useHasEnded(view?.kind);
  const pending = view?.kind === 'signed-in' ? view.requests.filter((request) => request.status === 'pending').length : null;

  const isFirst = useRef(true);
  useEffect(() => {
    if (pending === null) return;
    if (!isFirst.current && pending > 0) announce(rail.pending(pending));
    isFirst.current = false;
  }, [pending, rail]);

  if (view === undefined || authority === undefined) return <Screen title={queue.title} />;
  if (view.kind === 'signed-out') return <SignIn authority={authority} hasEnded={hasEnded} onNameAuthority={onNameAuthority} />;
  if (openId !== null) {
    return <RequestPage request={view.requests.find(({ id }) => id === openId)} isOffline={view.offline} onBack={() => setOpenId(null)} />;
  }
  return <QueueList view={view} tab={tab} onTab={setTab} onOpen={setOpenId} />;
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
