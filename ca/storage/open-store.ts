/** Where a CA's rows are: in its folder, or in a PostgreSQL database. */
import { join } from 'node:path';
import { failed, success, type Result } from '../../core/result.ts';
import { FOLDER } from '../folder.ts';
import { openPostgresStore } from './postgres-store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { StoreNewerError, type Store } from './store.ts';

export type StorePlace = { readonly folder: string } | { readonly url: string };

/** Opens the store, and brings it up to date. Fails with store-unreachable, store-newer. */
export async function openStore(place: StorePlace): Promise<Result<Store>> {
  if ('url' in place) return openPostgresStore(place.url);
  try {
    return success(openSqliteStore(join(place.folder, FOLDER.database)));
  } catch (error) {
    if (error instanceof StoreNewerError) return failed({ kind: 'store-newer', version: error.version, known: error.known });
    throw error;
  }
}
