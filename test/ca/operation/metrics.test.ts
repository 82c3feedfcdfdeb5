/** What Prometheus is told, read strictly; that the figures are true; and that nothing in it is anybody's secret. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { record } from '../../../ca/domain/audit.ts';
import { AUTHORITY_ACTOR } from '../../../ca/domain/context.ts';
import { DEFAULT_POLICY } from '../../../ca/domain/policy.ts';
import { exposition } from '../../../ca/metrics/exposition.ts';
import { Counter } from '../../../ca/metrics/instruments.ts';
import { openSqliteStore } from '../../../ca/storage/sqlite-store.ts';
import type { Store, StoreWriter } from '../../../ca/storage/store.ts';
import { tellingStore } from '../../../ca/storage/telling-store.ts';
import { API } from '../../../core/authority-api.ts';
import type { AuditEventName } from '../../../core/requests/audit-event.ts';
import { firstApprover, must, person, startTestAuthority, type TestAuthority } from '../running-authority.ts';
import { readExposition, type ReadFamily } from './exposition-reader.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };
const LIMITED = { ...DEFAULT_POLICY, limits: { ...DEFAULT_POLICY.limits, submissions: { burst: 3, perSecond: 0.001 } } };
let authority: TestAuthority;
beforeAll(async () => {
  authority = await startTestAuthority({ statusListen: LOCAL, metricsListen: LOCAL, policy: LIMITED });
});
afterAll(() => authority.close());

async function text(): Promise<string> {
  const answer = await fetch(`${authority.server.metricsAddress}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return answer.text();
}

/** The sum of the series that have these labels; undefined: there is none. */
function valueOf(families: ReadonlyMap<string, ReadFamily>, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = [...families.values()].flatMap(({ samples }) => samples).filter((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

async function value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
  return valueOf(readExposition(await text()), name, labels);
}

describe('of a CA at work', () => {
  const secrets: string[] = [];

  test('requests, certificates and refusals are counted, each once', async () => {
    expect(await value('latchkey_audit_events_total', { event: 'certificate-issued' })).toBe(0);
    const approver = await firstApprover(authority);
    const [ana, di] = [await person(), await person({ name: 'Di Example', email: 'di@example.org' })];
    const [first, second] = [must(await authority.client.submit(ana.csr)), must(await authority.client.submit(di.csr))];
    expect(await value('latchkey_requests_pending')).toBe(2);
    const issued = must(await approver.approve(first.id));
    must(await approver.deny(second.id, 'no'));
    expect(await authority.client.submit((await person()).csr)).toMatchObject({ failure: { kind: 'too-many-requests' } });
    const serialNumber = issued.certificateSerialNumber ?? '';
    must(await approver.decideOne({ decision: 'revoke', serialNumber, reason: 'keyCompromise' }));
    secrets.push(first.id, second.id, serialNumber, 'Ana', 'example.org', authority.firstCode, '127.0.0.1');
    const families = readExposition(await text());
    const events = (event: string) => valueOf(families, 'latchkey_audit_events_total', { event });
    // The approver's own and Ana's; those of the server and its responders are events of their own.
    expect([events('certificate-issued'), events('request-denied'), events('certificate-revoked'), events('request-submitted')]).toEqual([2, 1, 1, 3]);
    expect(valueOf(families, 'latchkey_requests_pending')).toBe(0);
    expect(valueOf(families, 'latchkey_requests_decided')).toBe(3);
    expect(valueOf(families, 'latchkey_http_requests_limited_total', { listener: 'https' })).toBe(1);
    expect(valueOf(families, 'latchkey_http_requests_total', { route: API.requests, method: 'POST', status: '429' })).toBe(1);
    expect(valueOf(families, 'latchkey_http_requests_total', { route: API.requests, method: 'POST', status: '202' })).toBe(2);
    expect(valueOf(families, 'latchkey_http_request_duration_seconds_count', { route: API.requests, method: 'POST' })).toBe(4);
  });

  test('CRL, OCSP, certificates and connections', async () => {
    const status = authority.server.statusAddress ?? '';
    expect((await fetch(`${status}/ocsp/AAAA`)).status).toBe(200);
    expect((await fetch(`${status}/who/knows/what`)).status).toBe(404);
    const idle = connect(Number(new URL(status).port), '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const families = readExposition(await text());
    idle.destroy();
    expect(valueOf(families, 'latchkey_ocsp_answers_total', { status: 'malformedRequest' })).toBe(1);
    expect(valueOf(families, 'latchkey_http_requests_total', { listener: 'status', route: 'none', status: '404' })).toBe(1);
    expect(valueOf(families, 'latchkey_status_connections')).toBeGreaterThanOrEqual(1);
    expect(valueOf(families, 'latchkey_crl_number')).toBeGreaterThan(1_700_000_000);
    const { crlHours } = DEFAULT_POLICY.revocation;
    const left = valueOf(families, 'latchkey_crl_remaining_seconds') ?? 0;
    expect(left).toBeGreaterThan(crlHours * 3600 - 600);
    expect(left).toBeLessThanOrEqual(crlHours * 3600);
    // Backdated by five minutes.
    expect(valueOf(families, 'latchkey_crl_age_seconds')).toBeGreaterThanOrEqual(300);
    expect(valueOf(families, 'latchkey_crls_missing')).toBe(0);
    expect(valueOf(families, 'latchkey_issuer_remaining_seconds')).toBeGreaterThan(365 * 86_400);
    expect(valueOf(families, 'latchkey_server_certificate_remaining_seconds')).toBeGreaterThan(86_400);
    expect(valueOf(families, 'process_open_fds')).toBeGreaterThan(3);
    expect(valueOf(families, 'latchkey_background_work_total', { outcome: 'failed' })).toBe(0);
    expect(valueOf(families, 'latchkey_store_up')).toBe(1);
  });

  test('no name, code, serial number, id or address is in it', async () => {
    const all = await text();
    expect(secrets).toHaveLength(7);
    for (const secret of secrets) expect(all).not.toContain(secret);
  });

  test('it is on no other listener, and nothing else is on this one', async () => {
    expect((await authority.exchange({ method: 'GET', path: '/metrics' })).status).toBe(404);
    expect((await fetch(`${authority.server.statusAddress}/metrics`)).status).toBe(404);
    expect((await fetch(`${authority.server.metricsAddress}/crl/bundle.pem`)).status).toBe(404);
    expect((await fetch(`${authority.server.metricsAddress}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});

test('where the database does not answer, that is told, and what needs no database', async () => {
  let isDown = false;
  const openDown = (dir: string): Store => {
    const store = openSqliteStore(join(dir, 'latchkey.sqlite'));
    return { ...store, read: (work) => (isDown ? Promise.reject(new Error('It is down.')) : store.read(work)) };
  };
  const troubled = await startTestAuthority({ metricsListen: LOCAL, openStore: openDown });
  try {
    isDown = true;
    const families = readExposition(await (await fetch(`${troubled.server.metricsAddress}/metrics`)).text());
    expect(valueOf(families, 'latchkey_store_up')).toBe(0);
    expect(valueOf(families, 'latchkey_issuer_remaining_seconds')).toBeGreaterThan(0);
    expect(valueOf(families, 'latchkey_requests_pending')).toBeUndefined();
    expect((await troubled.exchange({ method: 'GET', path: '/readyz' })).status).toBe(503);
    isDown = false;
    expect(valueOf(readExposition(await (await fetch(`${troubled.server.metricsAddress}/metrics`)).text()), 'latchkey_store_up')).toBe(1);
  } finally {
    isDown = false;
    await troubled.close();
  }
});

test('a line of the audit log is told once its transaction is on disk, and never if it was undone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-told-'));
  const told: string[] = [];
  const store = tellingStore(openSqliteStore(join(folder, 'store.sqlite')), ({ event }) => void told.push(event));
  const line = (event: AuditEventName, rows: StoreWriter) => record(rows, { event, actor: AUTHORITY_ACTOR, at: new Date(), subject: '' });
  try {
    const undone = store.write(async (rows) => {
      await line('request-denied', rows);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await store.write(async (rows) => {
      await line('request-submitted', rows);
      await line('request-approved', rows);
      expect(told).toEqual([]);
    });
    expect(told).toEqual(['request-submitted', 'request-approved']);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});

describe('the text', () => {
  test('escapes what a label may hold', () => {
    const family = { name: 'x_total', help: 'a\\b\nc', type: 'counter', samples: [{ labels: { l: 'a"b\\c\nd' }, value: 1 }] } as const;
    expect(exposition([family])).toBe('# HELP x_total a\\\\b\\nc\n# TYPE x_total counter\nx_total{l="a\\"b\\\\c\\nd"} 1\n');
    expect(readExposition(exposition([family])).get('x_total')?.samples).toHaveLength(1);
  });

  test('has an end, however many label values somebody makes up', () => {
    const counter = new Counter('made_up_total', 'Made up.');
    for (let count = 0; count < 10_000; count += 1) counter.add({ method: `M${count}` });
    const { samples } = counter.family();
    expect(samples.length).toBeLessThan(2_100);
    expect(samples.reduce((sum, sample) => sum + sample.value, 0)).toBe(10_000);
  });

  test.each([
    ['a sample before its type', 'x 1\n'],
    ['a series twice', '# HELP x a\n# TYPE x gauge\nx 1\nx 2\n'],
    ['a label without quotes', '# HELP x a\n# TYPE x gauge\nx{a=1} 1\n'],
    ['buckets that fall', '# HELP x a\n# TYPE x histogram\nx_bucket{le="1"} 2\nx_bucket{le="+Inf"} 1\nx_sum 1\nx_count 1\n'],
    ['no end of line', '# HELP x a\n# TYPE x gauge\nx 1'],
  ])('the reader of these tests refuses %s', (_name, wrong) => {
    expect(() => readExposition(wrong)).toThrow();
  });
});
