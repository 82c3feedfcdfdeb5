/** Rows as tests need them. */
import type { StoredCertificate, StoredInvitation, StoredRequest, StoredStatement } from '../../../ca/storage/store.ts';

export const AT = new Date('2026-03-01T12:00:00.123Z');
export const LATER = new Date('2027-03-01T12:00:00.000Z');

export function request(id: string, more: Partial<StoredRequest> = {}): StoredRequest {
  return {
    id,
    csr: Uint8Array.of(1, 2, 3),
    csrSha256: `csr of ${id}`,
    publicKeySha256: 'key',
    status: 'pending',
    profile: 'person',
    submittedAt: AT,
    submittedFrom: '127.0.0.1',
    expiresAt: LATER,
    verified: { keyType: 'ECCP256', attestation: null, attestationProblem: 'missing' },
    claimed: { name: 'Añá', email: null, otherNames: ['uri:x:y'], invitedAs: null },
    words: ['a', 'b', 'c', 'd'],
    role: 'user',
    approvalsNeeded: 1,
    invitationId: null,
    renewsSerialNumber: null,
    decision: null,
    ...more,
  };
}

export function certificate(serialNumber: string, more: Partial<StoredCertificate> = {}): StoredCertificate {
  return {
    serialNumber,
    requestId: null,
    profile: 'person',
    issuerId: 'issuer',
    crlPartition: 0,
    role: 'user',
    name: 'Añá',
    email: null,
    keySerial: null,
    publicKeySha256: 'key',
    tbs: Uint8Array.of(4),
    certificate: null,
    madeAt: AT,
    expiresAt: LATER,
    status: 'good',
    revokedAt: null,
    revocationReason: null,
    ...more,
  };
}

export function invitation(id: string, more: Partial<StoredInvitation> = {}): StoredInvitation {
  return {
    id,
    codeSha256: `code of ${id}`,
    name: 'Ana Example',
    email: 'ana@example.org',
    role: 'user',
    profile: 'person',
    approval: 'by-approver',
    createdBy: 'Bo',
    createdAt: AT,
    expiresAt: LATER,
    maxUses: 1,
    uses: 0,
    endedAt: null,
    renewsSerialNumber: null,
    ...more,
  };
}

export function statement(id: string, subject: string, more: Partial<StoredStatement> = {}): StoredStatement {
  return { id, kind: 'approve', subject, by: 'Bo', serialNumber: '0b', at: AT, statement: 'a.b.c', ...more };
}
