import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRecord, parseRecord, type EnrollmentRecords } from '../core/enrollment/record.ts';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';
import type { Folders } from './folders.ts';

/** Records of unfinished enrollments, a file each. Their ids are digits, hex and hyphens (record.ts), so they are file names. */
export function createFileRecords(folders: Folders): EnrollmentRecords {
  const pathOf = (id: string): string => join(folders.state, 'enrollments', `${id}.json`);
  return {
    read: async (id) => {
      const text = await readFileIfThere(pathOf(id));
      return text === null ? null : parseRecord(text);
    },
    write: (record) => writeFileAtomically(pathOf(record.id), `${formatRecord(record)}\n`),
    remove: (id) => rm(pathOf(id), { force: true }),
  };
}
