/** From the text of the policy file to a policy, or to every mistake in it with its place. */
import { isNode, isPair, isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { failed, success, type Result } from '../../core/result.ts';
import { DEFAULT_POLICY, type NameRules, type Policy, type ProfilePolicy } from '../domain/policy.ts';
import { wholePattern } from './pattern.ts';
import { policyFile, type PolicyFile, type ProfileInFile } from './policy-schema.ts';

/** Characters; a list of 50,000 serial numbers fits. */
export const MAX_POLICY_FILE = 1_000_000;

/** `line` and `column` from 1. */
export interface PolicyMistake {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

type Path = readonly PropertyKey[];

/** Offset of the node at the path: of the key `name` inside it, or of the nearest node above that is there. */
function offsetOf(document: Document, path: Path, name?: string): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (!isNode(node)) continue;
    const pair = name !== undefined && depth === path.length && isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === name) : undefined;
    const at = isPair(pair) && isNode(pair.key) ? pair.key : node;
    return at.range?.[0] ?? 0;
  }
  return 0;
}

function placed(lines: LineCounter, offset: number, problem: string): PolicyMistake {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col), problem };
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Every name that the file may have, for "did you mean". */
const KNOWN_NAMES = [
  ...Object.keys(policyFile.shape),
  ...Object.keys(DEFAULT_POLICY.revocation),
  ...Object.keys(DEFAULT_POLICY.limits),
  ...Object.keys(DEFAULT_POLICY.invitations),
  ...[...DEFAULT_POLICY.profiles.values()].flatMap((profile) => Object.keys(profile)),
  ...['commonName', 'email', 'otherNames', 'maxOtherNames', 'upn', 'uri', 'dns', 'ip', 'burst', 'perSecond'],
];

function unknownName(name: string): string {
  const near = KNOWN_NAMES.map((known) => ({ known, far: distance(name.slice(0, 40).toLowerCase(), known.toLowerCase()) })).toSorted((a, b) => a.far - b.far)[0];
  const hint = near !== undefined && near.far <= 3 ? ` Did you mean ${near.known}?` : '';
  return `${JSON.stringify(name.slice(0, 40))} is no name that belongs here.${hint}`;
}

function mistakesOf(document: Document, lines: LineCounter, issues: readonly z.core.$ZodIssue[]): readonly PolicyMistake[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => placed(lines, offsetOf(document, issue.path, key), unknownName(key)));
    const where = issue.path.length === 0 ? 'The file' : issue.path.map(String).join('.');
    const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [placed(lines, offsetOf(document, issue.path), `${where}: ${message}`)];
  });
}

function namesOf(inFile: ProfileInFile['names'], base: NameRules): NameRules {
  const compiled = (source: string | null | undefined, otherwise: RegExp | null): RegExp | null => (source === undefined ? otherwise : source === null ? null : wholePattern(source));
  const others = inFile?.otherNames && Object.fromEntries(Object.entries(inFile.otherNames).map(([kind, source]) => [kind, compiled(source, null)]));
  return {
    commonName: compiled(inFile?.commonName, base.commonName),
    email: compiled(inFile?.email, base.email),
    otherNames: others ?? base.otherNames,
    maxOtherNames: inFile?.maxOtherNames ?? base.maxOtherNames,
  };
}

/** What is set replaces what it is without a file; undefined sets nothing. */
function over<T extends object>(base: T, more: { readonly [K in keyof T]?: T[K] | undefined } | undefined): T {
  const set = Object.entries(more ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(set) };
}

function profileOf(name: string, { names, ...rest }: ProfileInFile): ProfilePolicy {
  const base = DEFAULT_POLICY.profiles.get(rest.kind);
  if (base === undefined) throw new Error(`No profile of the kind ${rest.kind} is built in.`);
  return { ...over(base, rest), name, names: namesOf(names, base.names) };
}

function policyOf(file: PolicyFile): Policy {
  const { profiles, invitations, revocation, limits, ...rest } = file;
  const named = profiles && new Map(Object.entries(profiles).map(([name, profile]) => [name, profileOf(name, profile)]));
  return {
    ...over(DEFAULT_POLICY, rest),
    profiles: named ?? DEFAULT_POLICY.profiles,
    invitations: over(DEFAULT_POLICY.invitations, invitations),
    revocation: over(DEFAULT_POLICY.revocation, revocation),
    limits: over(DEFAULT_POLICY.limits, limits),
  };
}

/** What fits by itself and not together. */
function contradictions(policy: Policy): readonly { readonly path: Path; readonly problem: string }[] {
  const { crlHours, crlRenewHours } = policy.revocation;
  return [
    ...[...policy.profiles.values()].filter(({ validDays, maxValidDays }) => validDays > maxValidDays).map(({ name, validDays, maxValidDays }) => ({ path: ['profiles', name, 'validDays'], problem: `${validDays} days are more than the ceiling of this profile, ${maxValidDays}.` })),
    ...(policy.profiles.has(policy.defaultProfile) ? [] : [{ path: ['defaultProfile'], problem: `There is no profile ${policy.defaultProfile}, which requests get that name none.` }]),
    ...(crlRenewHours < crlHours ? [] : [{ path: ['revocation', 'crlRenewHours'], problem: 'A CRL has to be renewed before it ends: crlRenewHours is less than crlHours.' }]),
  ];
}

/** Reads the text. Fails with policy-invalid and every mistake that is there; `path` is only told. Never throws on a text. */
export function readPolicy(text: string, path: string): Result<Policy> {
  const invalid = (problems: readonly PolicyMistake[]) => failed({ kind: 'policy-invalid' as const, path, problems });
  if (text.length > MAX_POLICY_FILE) return invalid([{ line: 1, column: 1, problem: `The file has more than ${MAX_POLICY_FILE} characters.` }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, schema: 'core' });
  const broken = [...document.errors, ...document.warnings].map(({ pos, message }) => placed(lines, pos[0], message));
  if (broken.length > 0) return invalid(broken);
  let contents: unknown;
  try {
    contents = document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch {
    return invalid([{ line: 1, column: 1, problem: 'Anchors and aliases (& and *) are not taken: write it out.' }]);
  }
  const parsed = policyFile.safeParse(contents);
  if (!parsed.success) return invalid(mistakesOf(document, lines, parsed.error.issues));
  const policy = policyOf(parsed.data);
  const problems = contradictions(policy).map((found) => placed(lines, offsetOf(document, found.path), found.problem));
  return problems.length === 0 ? success(policy) : invalid(problems);
}
