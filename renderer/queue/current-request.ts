import { useEffect, useState } from 'react';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { call } from '../bridge.ts';
import { ofSameCsr } from './same-csr.ts';

/** The request as it is now; 'gone': the CA knows it no more; 'exchanged': it shows another CSR under the same number. */
export type Current = CertificateRequest | 'gone' | 'exchanged';

/** Asked for again whenever the queue changes. What was opened and read is what stays on the screen: its CSR is never another one. */
export function useCurrent(opened: CertificateRequest, revision: number, decided: CertificateRequest | null): Current {
  const [current, setCurrent] = useState<Current>(opened);
  useEffect(() => {
    let isLeft = false;
    void call('queue.request', { requestId: opened.id }).then((answer) => {
      if (isLeft) return;
      if (answer.ok) setCurrent(ofSameCsr(answer.value, opened));
      else if (answer.failure.kind === 'request-unknown') setCurrent('gone');
    });
    return () => {
      isLeft = true;
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another revision: what was answered is out of date
  }, [opened, revision]);
  // The answer to a decision is newer than what was asked before it.
  return decided === null ? current : ofSameCsr(decided, opened);
}
