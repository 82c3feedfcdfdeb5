/**
 * Patterns of the operator. They are regular expressions of a safe subset, so that no name that a stranger asks for can
 * keep the server busy: no quantifier on a group, no back references, no lookaround, and at most three quantifiers and
 * groups together. With values of at most 256 characters (ca/domain/policy-check.ts) a match ends within milliseconds.
 */
const MAX_PATTERN = 200;
const MAX_PARTS = 3;

const TOKEN = /\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?[\s\S]?|[()]|[*+?]\??|\{\d+\}|\{\d+,\d*\}\??|[\s\S]/gu;

/** Why a pattern is not taken, as a sentence; undefined: it is. */
export function patternProblem(source: string): string | undefined {
  if (source.length === 0 || source.length > MAX_PATTERN) return `A pattern has 1 to ${MAX_PATTERN} characters.`;
  let parts = 0;
  let before = '';
  for (const [token] of source.matchAll(TOKEN)) {
    const isCount = /^\{\d+\}$/.test(token);
    const isQuantifier = isCount || /^(?:[*+?]\??|\{\d+,\d*\}\??)$/.test(token);
    if (/^\\[1-9k]$/.test(token)) return 'A pattern may not refer back to a part of itself.';
    if (token.startsWith('(?') && token !== '(?:') return 'A pattern may have (…) and (?:…), but no other groups.';
    if (isQuantifier && before === ')') return 'A group may not be repeated or left out: write its alternatives out.';
    if ((isQuantifier && !isCount) || token === '(' || token === '(?:') parts += 1;
    before = token;
  }
  if (parts > MAX_PARTS) return `A pattern has at most ${MAX_PARTS} repetitions and groups.`;
  return compiled(source) === undefined ? 'This is no regular expression.' : undefined;
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source})$`, 'u');
  } catch {
    return undefined;
  }
}

/** A pattern for the whole value. Throws on one that {@link patternProblem} refuses. */
export function wholePattern(source: string): RegExp {
  const problem = patternProblem(source);
  const pattern = compiled(source);
  if (problem !== undefined || pattern === undefined) throw new Error(problem ?? 'no regular expression');
  return pattern;
}
