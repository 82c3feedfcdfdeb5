import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresStore } from '../../../ca/storage/postgres-store.ts';
import { must } from '../running-authority.ts';
import { startPostgres, type PostgresServer } from '../../../scripts/private-postgres.ts';
import { storeContract } from './store-contract.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

describe('the store in PostgreSQL', () => {
  storeContract({
    create: async () => {
      const url = await server.database();
      return { open: async () => must(await openPostgresStore(url)), remove: async () => undefined };
    },
  });

  test('four processes that open an empty database at the same time make its tables once', async () => {
    const url = await server.database();
    const stores = await Promise.all(Array.from({ length: 4 }, async () => must(await openPostgresStore(url))));
    expect(server.sql(url, 'SELECT count(*) FROM schema_version')).toBe('1');
    await Promise.all(stores.map((store) => store.close()));
  });

  test('a newer database is refused, and left alone', async () => {
    const url = await server.database();
    await must(await openPostgresStore(url)).close();
    server.sql(url, 'UPDATE schema_version SET version = 99');
    expect(await openPostgresStore(url)).toMatchObject({ ok: false, failure: { kind: 'store-newer', version: 99 } });
  });

  test('a database that is not there is a failure that tells no password', async () => {
    const opened = await openPostgresStore('postgres://latchkey:secret-word@127.0.0.1:1/nowhere');
    expect(opened).toMatchObject({ ok: false, failure: { kind: 'store-unreachable', address: 'postgres://127.0.0.1:1/nowhere' } });
    expect(JSON.stringify(opened)).not.toContain('secret-word');
  });

  test('connections that are cut: the work under way fails whole, the next one connects anew', async () => {
    const url = await server.database();
    const store = must(await openPostgresStore(url));
    const cut = store.write(async (rows) => {
      await rows.setSetting('address', 'half');
      server.sql(url, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'latchkey' AND datname = current_database()`);
      await rows.setSetting('address', 'whole');
    });
    await expect(cut).rejects.toThrow();
    expect(await store.read((rows) => rows.setting('address'))).toBeUndefined();
    await store.write((rows) => rows.setSetting('address', 'again'));
    expect(await store.read((rows) => rows.setting('address'))).toBe('again');
    await store.close();
  });
});
