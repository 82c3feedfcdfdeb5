/** The rows that revocation needs, in memory. */
import type { Store, StoredAuditEvent, StoredCertificate, StoredCrl, StoreWriter } from '../../../ca/storage/store.ts';

export function memoryStore(): Store {
  const settings = new Map<string, string>();
  const certificates = new Map<string, StoredCertificate>();
  const crls = new Map<string, StoredCrl>();
  const audit: StoredAuditEvent[] = [];
  const rows: Partial<StoreWriter> = {
    setting: async (name) => settings.get(name),
    setSetting: async (name, value) => void settings.set(name, value),
    certificate: async (serialNumber) => certificates.get(serialNumber),
    addCertificate: async (certificate) => void certificates.set(certificate.serialNumber, certificate),
    setCertificate: async (serialNumber, certificate) => {
      certificates.set(serialNumber, { ...(certificates.get(serialNumber) as StoredCertificate), certificate });
      return true;
    },
    changeCertificateStatus: async (serialNumber, from, status, revokedAt, revocationReason) => {
      const found = certificates.get(serialNumber);
      if (found?.status !== from) return false;
      certificates.set(serialNumber, { ...found, status, revokedAt, revocationReason });
      return true;
    },
    officers: async (now) => [...certificates.values()].filter(({ role, status, expiresAt }) => role !== null && role !== 'user' && status === 'good' && expiresAt > now),
    revoked: async (issuerId, partition, expiredAfter) =>
      [...certificates.values()]
        .filter((row) => row.issuerId === issuerId && row.crlPartition === partition && row.status !== 'good' && row.expiresAt >= expiredAfter)
        .map((row) => ({ serialNumber: row.serialNumber, revokedAt: row.revokedAt as Date, reason: row.revocationReason })),
    crl: async (issuerId, partition) => crls.get(`${issuerId}/${partition}`),
    putCrl: async (crl) => void crls.set(`${crl.issuerId}/${crl.partition}`, crl),
    crlPartitions: async (issuerId) => [...new Set([0, ...[...certificates.values()].filter((row) => row.issuerId === issuerId).map((row) => row.crlPartition)])].toSorted((a, b) => a - b),
    removeSessionsOf: async () => undefined,
    lastAuditEvent: async () => audit.at(-1),
    addAuditEvent: async (event) => void audit.push(event),
    auditEventsFrom: async (sequence) => audit.filter((event) => event.sequence >= sequence),
  };
  return { read: (work) => work(rows as StoreWriter), write: (work) => work(rows as StoreWriter), close: async () => undefined };
}
