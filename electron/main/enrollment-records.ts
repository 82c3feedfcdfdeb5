import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRecord, parseRecord, type EnrollmentRecords } from '../../core/enrollment/record.ts';
import { writeWholeFile } from './whole-file.ts';

/** Records of unfinished enrollments, one file each in `folder`. Their ids are made by recordId and safe as file names. */
export function enrollmentRecordsIn(folder: string): EnrollmentRecords {
  const pathOf = (id: string): string => join(folder, `${id}.json`);
  return {
    read: async (id) => {
      const text = await readFile(pathOf(id), 'utf8').catch(() => null);
      return text === null ? null : parseRecord(text);
    },
    write: (record) => writeWholeFile(pathOf(record.id), formatRecord(record)),
    remove: (id) => rm(pathOf(id), { force: true }),
  };
}
