import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCareRecord, parseCareRecord, type CareRecords } from '../../core/key-care/care-record.ts';
import { writeWholeFile } from './whole-file.ts';

/** Records of actions on keys that are not finished, one file a serial in `folder`. */
export function careRecordsIn(folder: string): CareRecords {
  const pathOf = (serial: number): string => join(folder, `${serial}.json`);
  return {
    read: async (serial) => {
      const text = await readFile(pathOf(serial), 'utf8').catch(() => null);
      return text === null ? null : parseCareRecord(text);
    },
    write: (record) => writeWholeFile(pathOf(record.serial), formatCareRecord(record)),
    remove: (serial) => rm(pathOf(serial), { force: true }),
  };
}
