import { useCallback, useEffect, useRef } from 'react';
import type { QueueView } from '../../core/ipc.ts';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { success } from '../../core/result.ts';
import { call } from '../bridge.ts';
import { PAGE_ROWS, usePages, type Pages } from './use-pages.ts';

export type QueueTab = 'pending' | 'decided';

export const idOf = ({ id }: CertificateRequest): string => id;

/**
 * The part of the queue that is looked at, kept as the queue changes. What main keeps up to date anyway (the first page of
 * what waits) is there at once, before the first answer.
 */
export function useRequests(view: Extract<QueueView, { readonly kind: 'signed-in' }>, tab: QueueTab, search: string): Pages<CertificateRequest> {
  const ask = useCallback(
    async (after: string | null) => {
      const answer = await call('queue.requests', { list: tab, limit: PAGE_ROWS, ...(search === '' ? {} : { search }), ...(after === null ? {} : { after }) });
      return answer.ok ? success({ rows: answer.value.requests, next: answer.value.next }) : answer;
    },
    [tab, search],
  );
  const pages = usePages(ask, idOf);
  const { reload } = pages;
  const seen = useRef(view.revision);
  useEffect(() => {
    if (seen.current === view.revision) return;
    seen.current = view.revision;
    reload();
  }, [reload, view.revision]);
  const kept = tab === 'pending' && search === '' ? view.pending : undefined;
  return pages.rows === undefined && kept !== undefined ? { ...pages, rows: kept.requests, hasMore: false } : pages;
}
