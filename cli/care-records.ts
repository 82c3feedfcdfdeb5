import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCareRecord, parseCareRecord, type CareRecords } from '../core/key-care/care-record.ts';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';
import type { Folders } from './folders.ts';

/** Records of unfinished actions on keys, a file each, named by the serial. */
export function createCareRecords(folders: Folders): CareRecords {
  const pathOf = (serial: number): string => join(folders.state, 'key-care', `${serial}.json`);
  return {
    read: async (serial) => {
      const text = await readFileIfThere(pathOf(serial));
      return text === null ? null : parseCareRecord(text);
    },
    write: (record) => writeFileAtomically(pathOf(record.serial), `${formatCareRecord(record)}\n`),
    remove: (serial) => rm(pathOf(serial), { force: true }),
  };
}
