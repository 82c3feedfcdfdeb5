/** What the store and the CA's certificates say at the moment of asking. The same from every process of one database. */
import type { Context } from '../domain/context.ts';
import { crlNames, liveAuthorities } from '../domain/crl.ts';
import type { StoredCrl } from '../storage/store.ts';
import type { Labels, MetricFamily, Sample } from './exposition.ts';

type CrlDates = Pick<StoredCrl, 'number' | 'thisUpdate' | 'nextUpdate'>;

interface IssuerCrls {
  readonly issuerId: string;
  readonly made: readonly CrlDates[];
  readonly missing: number;
}

/** Issuers are told apart by the start of their fingerprint, as in the addresses of their CRLs. */
const labelsOf = (issuerId: string): Labels => ({ issuer: issuerId.slice(0, 16) });

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

/** The CRLs of each issuer; megabytes of them are read again only where one was made anew. */
function crlReader(context: Context): () => Promise<readonly IssuerCrls[]> {
  let revision: string | undefined;
  const known = new Map<string, CrlDates>();
  return async () => {
    const now = await context.store.read((rows) => rows.setting('crl-revision'));
    if (now !== revision) known.clear();
    revision = now;
    const byIssuer = new Map<string, { issuerId: string; made: CrlDates[]; missing: number }>();
    for (const { issuerId, partition } of await crlNames(context)) {
      const key = `${issuerId}/${partition}`;
      const crls = byIssuer.get(issuerId) ?? { issuerId, made: [], missing: 0 };
      byIssuer.set(issuerId, crls);
      const found = known.get(key) ?? (await context.store.read((rows) => rows.crl(issuerId, partition)));
      if (found === undefined) {
        crls.missing += 1;
        continue;
      }
      const dates = { number: found.number, thisUpdate: found.thisUpdate, nextUpdate: found.nextUpdate };
      known.set(key, dates);
      crls.made.push(dates);
    }
    return [...byIssuer.values()];
  };
}

function crlFamilies(issuers: readonly IssuerCrls[], nowMs: number): readonly MetricFamily[] {
  const withCrl = issuers.filter(({ made }) => made.length > 0);
  const of = (value: (made: readonly CrlDates[]) => number): readonly Sample[] => withCrl.map(({ issuerId, made }) => ({ labels: labelsOf(issuerId), value: value(made) }));
  return [
    gauge('latchkey_crl_age_seconds', 'Age of the oldest CRL of an issuer.', of((made) => (nowMs - Math.min(...made.map(({ thisUpdate }) => thisUpdate.getTime()))) / 1000)),
    gauge('latchkey_crl_remaining_seconds', 'Seconds until the first CRL of an issuer ends.', of((made) => (Math.min(...made.map(({ nextUpdate }) => nextUpdate.getTime())) - nowMs) / 1000)),
    gauge('latchkey_crl_number', 'Highest CRL number of an issuer.', of((made) => Math.max(...made.map(({ number }) => number)))),
    gauge('latchkey_crls_missing', 'CRLs of an issuer that are not made yet.', issuers.map(({ issuerId, missing }) => ({ labels: labelsOf(issuerId), value: missing }))),
  ];
}

/** Reads the families; where the store does not answer, `latchkey_store_up` is 0 and what hangs on it is left out. */
export function authorityMetrics(context: Context): () => Promise<readonly MetricFamily[]> {
  const crls = crlReader(context);
  return async () => {
    const nowMs = context.clock().getTime();
    const remaining = liveAuthorities(context).map(({ id, certificate }) => ({ labels: labelsOf(id), value: (certificate.notAfter.getTime() - nowMs) / 1000 }));
    const always = gauge('latchkey_issuer_remaining_seconds', 'Seconds until the certificate of an issuer ends.', remaining);
    const up = (value: number): MetricFamily => gauge('latchkey_store_up', 'Whether the database answers.', [{ value }]);
    try {
      const { pending, decided } = await context.store.read((rows) => rows.requestCounts());
      return [
        up(1),
        always,
        gauge('latchkey_requests_pending', 'Requests that wait for a decision.', [{ value: pending }]),
        gauge('latchkey_requests_decided', 'Requests that were decided, withdrawn or expired.', [{ value: decided }]),
        ...crlFamilies(await crls(), nowMs),
      ];
    } catch (error) {
      context.log('error', 'metrics-without-store', { error: String(error) });
      return [up(0), always];
    }
  };
}
