/** The CA's log: one JSON object a line, of facts that are never secret (no code, token, passphrase, PIN or challenge). */

export type LogLevel = 'info' | 'warning' | 'error';
export type LogFacts = Readonly<Record<string, string | number | boolean | null>>;

/** Takes one event. `event` is a fixed kebab-case word; everything that varies is in `facts`. */
export type Log = (level: LogLevel, event: string, facts?: LogFacts) => void;

/** A log that writes JSON lines, such as to standard error. */
export function jsonLines(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  return (level, event, facts = {}) => write(`${JSON.stringify({ time: now().toISOString(), level, event, ...facts })}\n`);
}

/** A log that keeps nothing. */
export const silent: Log = () => undefined;
