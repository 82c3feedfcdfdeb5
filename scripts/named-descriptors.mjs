// npm closes all descriptors but the first three for what it starts; `--pin-fd 3` would not reach the command through it.
import { constants, openSync, readFileSync } from 'node:fs';

/** The npm that started this, where it did: its command line says so. */
function npmProcess() {
  let pid = process.ppid;
  for (let steps = 0; steps < 4 && pid > 1; steps++) {
    if (/^npm\b|npm-cli\.js/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '))) return pid;
    pid = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  }
  return undefined;
}

/**
 * Descriptors that an argument names (`--pin-fd 3`). npm closes all but the first three for what it starts, but still has
 * them itself: they are opened again from there. Only those that are open for reading alone, as `3<FILE` and pipes are.
 */
function namedDescriptors(args) {
  const named = args.flatMap((argument, index) => (/^--[a-z-]+-fd$/.test(argument) ? [Number(args[index + 1])] : /^--[a-z-]+-fd=/.test(argument) ? [Number(argument.split('=')[1])] : []));
  const wanted = [...new Set(named)].filter((descriptor) => Number.isInteger(descriptor) && descriptor > 2 && descriptor < 1024);
  const pid = wanted.length > 0 ? (npmProcess() ?? process.pid) : process.pid;
  const found = new Map();
  for (const descriptor of wanted) {
    try {
      const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))?.[1] ?? '', 8);
      if ((flags & 3) === constants.O_RDONLY) found.set(descriptor, openSync(`/proc/${pid}/fd/${descriptor}`, constants.O_RDONLY));
    } catch {
      // Not open there, or not a file or pipe: the command itself says so.
    }
  }
  return found;
}

/** Standard streams as they are, and the named descriptors at their own numbers. */
export function streamsFor(args) {
  const descriptors = namedDescriptors(args);
  const last = Math.max(2, ...descriptors.keys());
  return Array.from({ length: last + 1 }, (_, number) => (number < 3 ? 'inherit' : (descriptors.get(number) ?? 'ignore')));
}
