/** What every store keeps to; run on SQLite and on PostgreSQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../ca/storage/store.ts';
import { AT, certificate, invitation, LATER, request, statement } from './stored-rows.ts';

export interface StorePlaces {
  /** A place with nothing in it. */
  readonly create: () => Promise<Place>;
}

export interface Place {
  /** Opens it once more: another process would do the same. */
  readonly open: () => Promise<Store>;
  readonly remove: () => Promise<void>;
}

export function storeContract(places: StorePlaces): void {
  let place: Place;
  let store: Store;
  beforeEach(async () => {
    place = await places.create();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  describe('requests', () => {
    test('come back as they went in, with certificate and approvals', async () => {
      const decided = request('one', { status: 'denied', decision: { by: 'Bo', at: AT, reason: 'no' } });
      const approval = statement('s', 'one');
      await store.write(async (rows) => {
        await rows.addRequest(decided);
        await rows.addCertificate(certificate('01', { requestId: 'one' }));
        await rows.addStatement(approval);
        await rows.addStatement(statement('t', 'one', { kind: 'deny' }));
      });
      const whole = { request: decided, certificate: certificate('01', { requestId: 'one' }), approvals: [approval] };
      expect(await store.read((rows) => rows.request('one'))).toEqual(whole);
      expect(await store.read((rows) => rows.requests({ list: 'decided', limit: 10 }))).toEqual({ rows: [whole], next: null });
      expect((await store.read((rows) => rows.statements('one'))).map(({ kind }) => kind)).toEqual(['approve', 'deny']);
      expect(await store.read((rows) => rows.request('two'))).toBeUndefined();
    });

    test('pages: pending the oldest first, decided the newest first, each once', async () => {
      await store.write(async (rows) => {
        for (let index = 0; index < 7; index++) await rows.addRequest(request(`p${index}`));
        for (let index = 0; index < 3; index++) await rows.addRequest(request(`d${index}`, { status: 'denied' }));
      });
      const seen: string[] = [];
      for (let after: string | undefined, page; ; after = page.next ?? undefined) {
        page = await store.read((rows) => rows.requests({ list: 'pending', limit: 3, after }));
        seen.push(...page.rows.map(({ request: { id } }) => id));
        if (page.next === null) break;
      }
      expect(seen).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
      const decided = await store.read((rows) => rows.requests({ list: 'decided', limit: 10 }));
      expect(decided.rows.map(({ request: { id } }) => id)).toEqual(['d2', 'd1', 'd0']);
      expect(await store.read((rows) => rows.requestCounts())).toEqual({ pending: 7, decided: 3 });
      expect(await store.read((rows) => rows.requests({ list: 'pending', limit: 3, after: 'x' }))).toEqual({ rows: [], next: null });
    });

    test('are found by name, e-mail and words, without case; % and _ are themselves', async () => {
      const claimed = { name: 'Zoë 100%', email: 'Zoe@Example.org', otherNames: [], invitedAs: null };
      await store.write(async (rows) => {
        await rows.addRequest(request('zoe', { claimed, words: ['apple', 'tree', 'b', 'c'] }));
        await rows.addRequest(request('other'));
      });
      const found = async (search: string): Promise<readonly string[]> => (await store.read((rows) => rows.requests({ list: 'pending', limit: 9, search }))).rows.map(({ request: { id } }) => id);
      expect(await found('zoe@example')).toEqual(['zoe']);
      expect(await found('APPLE TREE')).toEqual(['zoe']);
      expect(await found('100%')).toEqual(['zoe']);
      expect(await found('1_0')).toEqual([]);
      expect(await found("'; DROP TABLE requests; --")).toEqual([]);
    });

    test('a CSR waits or is issued once; denied, withdrawn and expired ones do not stand in its way', async () => {
      await store.write(async (rows) => {
        for (const status of ['denied', 'withdrawn', 'expired'] as const) await rows.addRequest(request(status, { csrSha256: 'same', status }));
      });
      expect((await store.read((rows) => rows.requestByCsr('same')))?.id).toBe('expired');
      await store.write((rows) => rows.addRequest(request('two', { csrSha256: 'same' })));
      await expect(store.write((rows) => rows.addRequest(request('three', { csrSha256: 'same' })))).rejects.toThrow(/unique/i);
      expect((await store.read((rows) => rows.requestByCsr('same')))?.id).toBe('two');
    });

    test('a status changes from what it is, and the counts follow', async () => {
      await store.write((rows) => rows.addRequest(request('one')));
      expect(await store.write((rows) => rows.changeStatus('one', 'approved', 'issued'))).toBe(false);
      expect(await store.write((rows) => rows.changeStatus('one', 'pending', 'approved', { by: 'Bo', at: AT, reason: null }))).toBe(true);
      expect(await store.read((rows) => rows.unissuedRequests())).toEqual(['one']);
      expect(await store.read((rows) => rows.requestCounts())).toEqual({ pending: 0, decided: 1 });
    });

    test('are over when their time is, the earliest first', async () => {
      await store.write(async (rows) => {
        await rows.addRequest(request('later', { expiresAt: new Date(AT.getTime() + 2) }));
        await rows.addRequest(request('early', { expiresAt: AT }));
        await rows.addRequest(request('never'));
      });
      expect(await store.read((rows) => rows.expiredRequests(new Date(AT.getTime() + 2), 10))).toEqual(['early', 'later']);
      expect(await store.read((rows) => rows.expiredRequests(AT, 10))).toEqual(['early']);
    });
  });

  describe('certificates', () => {
    test('a serial number is there once, and a request has one', async () => {
      await store.write((rows) => rows.addCertificate(certificate('01', { requestId: 'one' })));
      await expect(store.write((rows) => rows.addCertificate(certificate('01')))).rejects.toThrow(/unique/i);
      await expect(store.write((rows) => rows.addCertificate(certificate('02', { requestId: 'one' })))).rejects.toThrow(/unique/i);
    });

    test('one is set once', async () => {
      await store.write((rows) => rows.addCertificate(certificate('01')));
      expect(await store.write((rows) => rows.setCertificate('01', Uint8Array.of(1)))).toBe(true);
      expect(await store.write((rows) => rows.setCertificate('01', Uint8Array.of(2)))).toBe(false);
      expect((await store.read((rows) => rows.certificate('01')))?.certificate).toEqual(Uint8Array.of(1));
    });

    test('what belongs onto a CRL: by issuer and partition, held ones without a reason, expired ones not', async () => {
      const revoked = { status: 'revoked', revokedAt: AT } as const;
      await store.write(async (rows) => {
        await rows.addCertificate(certificate('03', { ...revoked, revocationReason: 'keyCompromise' }));
        await rows.addCertificate(certificate('01', { status: 'held', revokedAt: AT }));
        await rows.addCertificate(certificate('02'));
        await rows.addCertificate(certificate('04', { ...revoked, crlPartition: 1, revocationReason: 'superseded' }));
        await rows.addCertificate(certificate('05', { ...revoked, issuerId: 'other', revocationReason: 'superseded' }));
        await rows.addCertificate(certificate('06', { ...revoked, revocationReason: 'superseded', expiresAt: AT }));
      });
      expect(await store.read((rows) => rows.revoked('issuer', 0, AT))).toEqual([
        { serialNumber: '01', revokedAt: AT, reason: null },
        { serialNumber: '03', revokedAt: AT, reason: 'keyCompromise' },
      ]);
      expect(await store.read((rows) => rows.crlPartitions('issuer'))).toEqual([0, 1]);
    });

    test('a status changes from what it is; those of a person are found without case', async () => {
      await store.write((rows) => rows.addCertificate(certificate('01', { email: 'Ana@Example.org', certificate: Uint8Array.of(1) })));
      expect((await store.read((rows) => rows.certificatesOf('ana@example.ORG'))).length).toBe(1);
      expect(await store.write((rows) => rows.changeCertificateStatus('01', 'held', 'good', null, null))).toBe(false);
      expect(await store.write((rows) => rows.changeCertificateStatus('01', 'good', 'revoked', AT, 'superseded'))).toBe(true);
      expect(await store.read((rows) => rows.certificatesOf('ana@example.org'))).toEqual([]);
    });

    test('those of officers: good, in time, with a role', async () => {
      await store.write(async (rows) => {
        await rows.addCertificate(certificate('01', { role: 'owner' }));
        await rows.addCertificate(certificate('02', { role: 'approver', status: 'revoked' }));
        await rows.addCertificate(certificate('03', { role: 'auditor', expiresAt: AT }));
        await rows.addCertificate(certificate('04'));
      });
      const officers = async (): Promise<readonly string[]> => (await store.read((rows) => rows.officers(AT))).map(({ serialNumber }) => serialNumber);
      expect(await officers()).toEqual(['01']);
      await store.write((rows) => rows.setRole('04', 'auditor'));
      expect(await officers()).toEqual(['01', '04']);
    });

    test('lists have those of requests that are signed, by status', async () => {
      await store.write(async (rows) => {
        await rows.addCertificate(certificate('01', { requestId: 'one', certificate: Uint8Array.of(1) }));
        await rows.addCertificate(certificate('02', { requestId: 'two', certificate: Uint8Array.of(1), status: 'held', revokedAt: AT }));
        await rows.addCertificate(certificate('03', { requestId: 'three' }));
        await rows.addCertificate(certificate('04', { certificate: Uint8Array.of(1) }));
      });
      const serials = async (status?: 'held'): Promise<readonly string[]> => (await store.read((rows) => rows.certificates({ limit: 9, status }))).rows.map(({ serialNumber }) => serialNumber);
      expect(await serials()).toEqual(['02', '01']);
      expect(await serials('held')).toEqual(['02']);
    });
  });

  describe('invitations', () => {
    test('are used as often as they say, and not once they are ended', async () => {
      await store.write(async (rows) => {
        await rows.addRequest(request('one'));
        await rows.addInvitation(invitation('i', { maxUses: 2 }));
      });
      const use = (requestId: string): Promise<boolean> => store.write((rows) => rows.useInvitation('i', requestId));
      expect([await use('one'), await use('two'), await use('three')]).toEqual([true, true, false]);
      expect((await store.read((rows) => rows.requestsOfInvitation('i'))).map(({ id }) => id)).toEqual(['one']);
      await store.write((rows) => rows.addInvitation(invitation('j')));
      expect(await store.write((rows) => rows.endInvitation('j', AT))).toBe(true);
      expect(await store.write((rows) => rows.endInvitation('j', AT))).toBe(false);
      expect(await store.write((rows) => rows.useInvitation('j', 'four'))).toBe(false);
    });

    test('lists leave out those for a renewal', async () => {
      await store.write(async (rows) => {
        await rows.addInvitation(invitation('i'));
        await rows.addInvitation(invitation('r', { approval: 'renewal', renewsSerialNumber: '01' }));
      });
      expect((await store.read((rows) => rows.invitations({ limit: 9 }))).rows).toEqual([invitation('i')]);
    });
  });

  test('a challenge is taken once, and expires', async () => {
    const challenge = { id: 'c', challenge: Uint8Array.of(7), expiresAt: AT };
    await store.write((rows) => rows.addChallenge(challenge));
    expect(await store.write((rows) => rows.takeChallenge('c'))).toEqual(challenge);
    expect(await store.write((rows) => rows.takeChallenge('c'))).toBeUndefined();
    await store.write((rows) => rows.addChallenge(challenge));
    await store.write((rows) => rows.removeExpired(AT));
    expect(await store.write((rows) => rows.takeChallenge('c'))).toBeUndefined();
  });

  test('a CRL takes the place of the one before', async () => {
    const crl = { issuerId: 'issuer', partition: 3, number: 1, thisUpdate: AT, nextUpdate: LATER, crl: Uint8Array.of(1) };
    await store.write((rows) => rows.putCrl(crl));
    await store.write((rows) => rows.putCrl({ ...crl, number: 2 }));
    expect(await store.read((rows) => rows.crl('issuer', 3))).toEqual({ ...crl, number: 2 });
    expect(await store.read((rows) => rows.crlPartitions('issuer'))).toEqual([0, 3]);
  });

  test('a signing job is signed once', async () => {
    const job = { id: 'j', kind: 'crl', toBeSigned: Uint8Array.of(1), about: 'a', issuer: Uint8Array.of(2), requestId: null, createdAt: AT, signature: null, signedBy: null } as const;
    await store.write((rows) => rows.addSigningJob(job));
    expect(await store.read((rows) => rows.openSigningJobs())).toEqual([job]);
    expect(await store.write((rows) => rows.signSigningJob('j', Uint8Array.of(9), 'Bo'))).toBe(true);
    expect(await store.write((rows) => rows.signSigningJob('j', Uint8Array.of(8), 'Bo'))).toBe(false);
    expect(await store.read((rows) => rows.openSigningJobs())).toEqual([]);
  });

  describe('transactions', () => {
    test('a write that throws leaves nothing, and takes nothing along of those beside it', async () => {
      const failing = store.write(async (rows) => {
        await rows.addRequest(request('one'));
        throw new Error('on purpose');
      });
      const beside = Promise.all(['two', 'three'].map((id) => store.write((rows) => rows.addRequest(request(id)))));
      await expect(failing).rejects.toThrow('on purpose');
      await beside;
      expect((await store.read((rows) => rows.requests({ list: 'pending', limit: 9 }))).rows.map(({ request: { id } }) => id).toSorted()).toEqual(['three', 'two']);
      expect(await store.read((rows) => rows.requestCounts())).toEqual({ pending: 2, decided: 0 });
    });

    test('writes wait for each other, also across awaits and processes', async () => {
      const other = await place.open();
      const count = async (from: Store): Promise<void> =>
        from.write(async (rows) => {
          const before = Number((await rows.setting('address')) ?? '0');
          await new Promise((resolve) => setImmediate(resolve));
          await rows.setSetting('address', String(before + 1));
        });
      await Promise.all(Array.from({ length: 80 }, (_, index) => count(index % 2 === 0 ? store : other)));
      await other.close();
      expect(await store.read((rows) => rows.setting('address'))).toBe('80');
    });

    test('a look sees one state, whatever is written meanwhile', async () => {
      const seen = await store.read(async (rows) => {
        const before = await rows.setting('address');
        await store.write((writing) => writing.setSetting('address', 'new'));
        return [before, await rows.setting('address')];
      });
      expect(seen).toEqual([undefined, undefined]);
      expect(await store.read((rows) => rows.setting('address'))).toBe('new');
    });
  });

  test('closed, it refuses whatever comes, and is closed once', async () => {
    await store.close();
    await expect(store.read((rows) => rows.setting('address'))).rejects.toThrow(/closed/);
    await expect(store.write((rows) => rows.setSetting('address', 'x'))).rejects.toThrow(/closed/);
    await store.close();
  });

  test('a lease has one holder, who keeps it as long as he renews it, and is followed when he does not', async () => {
    const other = await place.open();
    const at = (seconds: number): Date => new Date(AT.getTime() + seconds * 1000);
    const take = (from: Store, holder: string, second: number): Promise<boolean> => from.write((rows) => rows.takeLease('work', holder, at(second), at(second + 30)));
    expect([await take(store, 'a', 0), await take(other, 'b', 1), await take(store, 'a', 20), await take(other, 'b', 40)]).toEqual([true, false, true, false]);
    expect([await take(other, 'b', 50), await take(store, 'a', 51)]).toEqual([true, false]);
    await other.write((rows) => rows.releaseLease('work', 'b'));
    expect(await take(store, 'a', 52)).toBe(true);
    await other.close();
  });
}
