/**
 * Reading DER element by element (X.690): for messages of strangers and for lists of a million entries. Nothing is copied,
 * nothing recurses, and no length is believed before it was compared with what is there.
 */

/** The bytes are not what their standard says. Parsers catch it: it is the sender's mistake. */
export class DerProblem extends Error {}

/** Tags of X.680, section 8.4, as DER writes them. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** Tag of `[number]`, of something that has parts. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag and length too. */
  readonly whole: Uint8Array;
}

/** Elements that follow each other. Everything throws {@link DerProblem} on what is not there or not DER. */
export class DerReader {
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  /** Tag of the next element; undefined at the end. */
  get nextTag(): number | undefined {
    return this.bytes[this.offset];
  }

  private length(at: number): { readonly length: number; readonly start: number } {
    const first = this.bytes[at];
    if (first === undefined) throw new DerProblem('cut off');
    if (first < 0x80) return { length: first, start: at + 1 };
    const count = first & 0x7f;
    // 0x80 alone is BER's indefinite length; more than four bytes is more than any message here.
    if (count === 0 || count > 4 || at + 1 + count > this.bytes.length) throw new DerProblem('length');
    let length = 0;
    for (let index = 1; index <= count; index += 1) length = length * 256 + (this.bytes[at + index] as number);
    return { length, start: at + 1 + count };
  }

  /** The next element, which has this tag. */
  next(tag: number): DerElement {
    if (this.bytes[this.offset] !== tag) throw new DerProblem(`tag ${tag.toString(16)} is wanted`);
    const { length, start } = this.length(this.offset + 1);
    if (start + length > this.bytes.length) throw new DerProblem('cut off');
    const whole = this.bytes.subarray(this.offset, start + length);
    this.offset = start + length;
    return { tag, whole, content: this.bytes.subarray(start, start + length) };
  }

  /** The next element where it has this tag. */
  optional(tag: number): DerElement | undefined {
    return this.bytes[this.offset] === tag ? this.next(tag) : undefined;
  }

  /** What is inside the next element, which has this tag. */
  enter(tag: number): DerReader {
    return new DerReader(this.next(tag).content);
  }

  /** Nothing follows. */
  end(): void {
    if (!this.isAtEnd) throw new DerProblem('something follows the end');
  }
}

/** The one element that the bytes are; nothing follows it. */
export function onlyElement(bytes: Uint8Array, tag: number): DerElement {
  const reader = new DerReader(bytes);
  const element = reader.next(tag);
  reader.end();
  return element;
}

/** OBJECT IDENTIFIER as "1.2.840…" (X.690, section 8.19). */
export function readObjectIdentifier(content: Uint8Array): string {
  if (content.length === 0 || content.length > 64) throw new DerProblem('object identifier');
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 128) throw new DerProblem('object identifier');
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  if (parts.length === 0 || ((content.at(-1) as number) & 0x80) !== 0) throw new DerProblem('object identifier');
  const [first = 0, ...rest] = parts;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

/** UTCTime or GeneralizedTime in the one form that certificates and CRLs may use (RFC 5280, section 4.1.2.5). */
export function readTime(element: DerElement): Date {
  const text = String.fromCharCode(...element.content.subarray(0, 16));
  const match = element.tag === TAG.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null || element.content.length > 15) throw new DerProblem('time');
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number);
  const fullYear = element.tag === TAG.generalizedTime ? year : year < 50 ? 2000 + year : 1900 + year;
  return new Date(Date.UTC(fullYear, month - 1, day, hours, minutes, seconds));
}

/** The next element, a time. */
export function nextTime(reader: DerReader): Date {
  return readTime(reader.next(reader.nextTag === TAG.utcTime ? TAG.utcTime : TAG.generalizedTime));
}
