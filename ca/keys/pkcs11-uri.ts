/** PKCS#11 URIs (RFC 7512): which module, which token, which key, and where the PIN is. */
import { basename, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failed, success, type Result } from '../../core/result.ts';
import type { KeyAttributes, TokenAttributes } from '../../native/pkcs11/operation.ts';

export interface TokenKeyUri {
  readonly token: TokenAttributes;
  readonly key: KeyAttributes;
  /** Absolute path of the module; null: only its name is said. */
  readonly modulePath: string | null;
  /** Without "lib" and ".so"; null: only its path is said. */
  readonly moduleName: string | null;
  /** Path of a file whose first line is the PIN. */
  readonly pinFile: string | null;
}

/** Path attributes that choose a token or a key here (section 2.3). */
const TOKEN_NAMES = ['token', 'manufacturer', 'serial', 'model', 'slot-id'] as const;
const PATH_NAMES: ReadonlySet<string> = new Set([...TOKEN_NAMES, 'object', 'id', 'type']);
const QUERY_NAMES: ReadonlySet<string> = new Set(['module-path', 'module-name', 'pin-source', 'pin-value']);
/** What RFC 3986 lets stand for itself, and what section 2.3 adds in a value. */
const VALUE = /^(?:[A-Za-z0-9\-._~:[\]@!$'()*+,=&/?|]|%[0-9A-Fa-f]{2})*$/;

class UriProblem extends Error {}

/** Fails with token-key-unusable (uri). */
export function parseTokenKeyUri(uri: string): Result<TokenKeyUri> {
  try {
    return success(parse(uri));
  } catch (error) {
    if (!(error instanceof UriProblem)) throw error;
    return failed({ kind: 'token-key-unusable', problem: 'uri', detail: error.message });
  }
}

function parse(uri: string): TokenKeyUri {
  const match = /^pkcs11:([^?#]*)(?:\?([^#]*))?$/i.exec(uri);
  if (match === null) throw new UriProblem('it begins with pkcs11: and has no #');
  const path = attributes(match[1] ?? '', ';', PATH_NAMES);
  const query = attributes(match[2] ?? '', '&', QUERY_NAMES);
  if (query.has('pin-value')) throw new UriProblem('pin-value would be a secret in clear; use pin-source=file:PATH, or be asked');
  const type = path.get('type');
  if (type !== undefined && text(type) !== 'private') throw new UriProblem('type is private, for it is a private key');
  const token = tokenAttributes(path);
  const [id, label] = [path.get('id'), path.get('object')];
  if (Object.keys(token).length === 0) throw new UriProblem(`it says no token: one of ${TOKEN_NAMES.join(', ')}`);
  if (id === undefined && label === undefined) throw new UriProblem('it says no key: id or object');
  return { token, key: { ...(id === undefined ? {} : { id }), ...(label === undefined ? {} : { label: text(label) }) }, ...modulePlace(query), pinFile: pinFile(query) };
}

function attributes(part: string, separator: ';' | '&', known: ReadonlySet<string>): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const attribute of part === '' ? [] : part.split(separator)) {
    const equals = attribute.indexOf('=');
    const name = attribute.slice(0, Math.max(equals, 0));
    if (!known.has(name)) throw new UriProblem(`${JSON.stringify(name === '' ? attribute : name)} is not known here`);
    if (found.has(name)) throw new UriProblem(`${name} stands twice`);
    found.set(name, decoded(name, attribute.slice(equals + 1)));
  }
  return found;
}

/** Bytes, because an id is no text. */
function decoded(name: string, value: string): Uint8Array {
  if (!VALUE.test(value)) throw new UriProblem(`${name} has a character that has to be percent-encoded`);
  return Uint8Array.from((value.match(/%..|./g) ?? []).map((part) => (part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0))));
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UriProblem('a value is not UTF-8');
  }
}

function tokenAttributes(path: ReadonlyMap<string, Uint8Array>): TokenAttributes {
  const value = (name: string): string | undefined => (path.has(name) ? text(path.get(name) ?? new Uint8Array()) : undefined);
  const [label, manufacturer, serial, model, slot] = [value('token'), value('manufacturer'), value('serial'), value('model'), value('slot-id')];
  if (slot !== undefined && !/^\d{1,14}$/.test(slot)) throw new UriProblem('slot-id is a number');
  return {
    ...(label === undefined ? {} : { label }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(serial === undefined ? {} : { serial }),
    ...(model === undefined ? {} : { model }),
    ...(slot === undefined ? {} : { slotId: Number(slot) }),
  };
}

function modulePlace(query: ReadonlyMap<string, Uint8Array>): Pick<TokenKeyUri, 'modulePath' | 'moduleName'> {
  const [path, name] = [query.get('module-path'), query.get('module-name')].map((bytes) => (bytes === undefined ? null : text(bytes)));
  if (path != null && !isAbsolute(path)) throw new UriProblem('module-path is an absolute path');
  if (name != null && (name === '' || basename(name) !== name)) throw new UriProblem('module-name is a name without folders');
  if (path == null && name == null) throw new UriProblem('it says no module: module-path or module-name');
  return { modulePath: path ?? null, moduleName: name ?? null };
}

/** Section 2.4: an absolute path or a file: URI. A command ("|…") is not run: whoever writes the URI would run as the CA. */
function pinFile(query: ReadonlyMap<string, Uint8Array>): string | null {
  const source = query.get('pin-source');
  if (source === undefined) return null;
  const place = text(source);
  if (place.startsWith('|')) throw new UriProblem('pin-source is a file, not a command');
  if (isAbsolute(place)) return place;
  try {
    if (place.startsWith('file:')) return place.startsWith('file:///') ? fileURLToPath(place) : fileURLToPath(`file://${place.slice('file:'.length)}`);
  } catch {
    // told below
  }
  throw new UriProblem('pin-source is file:/PATH or /PATH');
}
