import { useCallback, useEffect, useRef, useState } from 'react';
import type { QueuePage } from '../../core/certificate-authority.ts';
import type { Failure } from '../../core/failures.ts';
import type { QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { call } from '../bridge.ts';

export type QueueTab = 'pending' | 'decided';

/** As many as are asked for at a time. */
const PAGE = 100;

export interface ListedRequests {
  /** undefined: the first page is on its way. */
  readonly requests: readonly CertificateRequest[] | undefined;
  readonly hasMore: boolean;
  readonly failure: Failure | null;
  readonly showMore: () => void;
}

/**
 * The part of the queue that is looked at. What main keeps up to date anyway (pending, not searched) is there at once;
 * everything else is asked for, and anew when the queue changes.
 */
export function useRequests(view: Extract<QueueView, { readonly kind: 'signed-in' }>, tab: QueueTab, search: string): ListedRequests {
  const [pages, setPages] = useState<readonly QueuePage[]>([]);
  const [failure, setFailure] = useState<Failure | null>(null);
  const asked = useRef(0);
  const isKept = tab === 'pending' && search === '';
  const first = isKept ? view.pending : pages[0];
  const further = pages.slice(1);
  const last = further.at(-1) ?? first;

  const ask = useCallback(
    async (after: string | null): Promise<void> => {
      const number = ++asked.current;
      const answer = await call('queue.requests', { list: tab, limit: PAGE, ...(search === '' ? {} : { search }), ...(after === null ? {} : { after }) });
      // A later question is already on its way.
      if (number !== asked.current) return;
      setFailure(answer.ok ? null : answer.failure);
      if (answer.ok) setPages((before) => (after === null ? [answer.value] : [...(before.length === 0 ? [answer.value] : before), answer.value]));
    },
    [tab, search],
  );
  useEffect(() => {
    setPages([]);
    if (!isKept) void ask(null);
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another revision: what was answered is out of date
  }, [ask, isKept, view.revision]);

  return {
    requests: first && [...first.requests, ...further.flatMap((page) => page.requests)],
    hasMore: last?.next != null,
    failure,
    showMore: () => void ask(last?.next ?? null),
  };
}
