/** The policy as it is now: read anew when its file changes, without a restart. A file with a mistake changes nothing. */
import { readFile, stat } from 'node:fs/promises';
import type { Failure } from '../../core/failures.ts';
import { failed, success, type Result } from '../../core/result.ts';
import { errorCode } from '../folder.ts';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import { MAX_POLICY_FILE, readPolicy } from './read-policy.ts';

/** Name of the file in the CA's folder. */
export const POLICY_FILE = 'policy.yaml';

const CHECK_MS = 2000;

/** Reads the file; without one it is {@link DEFAULT_POLICY}. Fails with policy-invalid and file-unreadable. */
export async function loadPolicy(path: string): Promise<Result<Policy>> {
  try {
    const { size } = await stat(path);
    // Four bytes a character at most: such a file is not even read.
    const text = size > 4 * MAX_POLICY_FILE ? ' '.repeat(MAX_POLICY_FILE + 1) : await readFile(path, 'utf8');
    return readPolicy(text, path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return success(DEFAULT_POLICY);
    return failed({ kind: 'file-unreadable', path, ...(code === undefined ? {} : { detail: code }) });
  }
}

export interface PolicySource {
  /** As it is now; take it once in an operation. */
  readonly current: Policy;
  /** Looks at the file now, changed or not: for SIGHUP. */
  reload(): Promise<Result<Policy>>;
  close(): void;
}

export interface PolicyEvents {
  /** The file was read anew. */
  readonly onLoaded: (policy: Policy) => void;
  /** It has a mistake, and the policy before it goes on. */
  readonly onRefused: (failure: Failure) => void;
}

/** What changes with the file, also where an editor puts another in its place; '' where there is none. */
async function marks(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    return errorCode(error) ?? 'unknown';
  }
}

/** Opens the file and looks at it every `checkMs` milliseconds. Fails like {@link loadPolicy}: a CA does not start with a mistake. */
export async function openPolicySource(path: string, events: PolicyEvents, checkMs = CHECK_MS): Promise<Result<PolicySource>> {
  let seen = await marks(path);
  const first = await loadPolicy(path);
  if (!first.ok) return first;
  let current = first.value;
  async function reload(): Promise<Result<Policy>> {
    seen = await marks(path);
    const next = await loadPolicy(path);
    if (!next.ok) {
      events.onRefused(next.failure);
      return next;
    }
    current = next.value;
    events.onLoaded(current);
    return next;
  }
  let isLooking = false;
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      if ((await marks(path)) !== seen) await reload();
    } finally {
      isLooking = false;
    }
  }
  const timer = setInterval(() => void look(), checkMs);
  timer.unref();
  return success({
    get current() {
      return current;
    },
    reload,
    close: () => clearInterval(timer),
  });
}
