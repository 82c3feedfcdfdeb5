import { useCallback, useState } from 'react';
import type { CertificateRequest } from '../../core/requests/certificate-request.ts';
import { MAX_DECISIONS } from '../../core/requests/decision.ts';
import { ofSameCsr } from './same-csr.ts';

export interface Selection {
  /** As they were when they were chosen, in the order they were chosen. */
  readonly chosen: readonly CertificateRequest[];
  /** As many are chosen as can be decided at once. */
  readonly isFull: boolean;
  readonly isChosen: (request: CertificateRequest) => boolean;
  /** Chooses it, or leaves it out again. */
  readonly choose: (request: CertificateRequest) => void;
  /** Leaves out all but these. */
  readonly keep: (ids: readonly string[]) => void;
}

/** Requests chosen from a list. What the list shows no more, or shows with another CSR, is not chosen any more. */
export function useSelection(listed: readonly CertificateRequest[] | undefined): Selection {
  const [all, setAll] = useState<ReadonlyMap<string, CertificateRequest>>(new Map());
  const chosen = stillListed(all, listed ?? []);
  const choose = useCallback((request: CertificateRequest): void => {
    setAll((before) => {
      const next = new Map(before);
      if (!next.delete(request.id)) next.set(request.id, request);
      return next;
    });
  }, []);
  return {
    chosen,
    isFull: chosen.length >= MAX_DECISIONS,
    isChosen: ({ id }) => chosen.some((each) => each.id === id),
    choose,
    keep: (ids) => setAll(new Map(chosen.filter(({ id }) => ids.includes(id)).map((request) => [request.id, request]))),
  };
}

function stillListed(all: ReadonlyMap<string, CertificateRequest>, listed: readonly CertificateRequest[]): readonly CertificateRequest[] {
  if (all.size === 0) return [];
  const byId = new Map(listed.map((request) => [request.id, request]));
  return [...all.values()].filter((request) => {
    const now = byId.get(request.id);
    return now?.status === 'pending' && ofSameCsr(now, request) === now;
  });
}
