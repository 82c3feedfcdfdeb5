/** A line of the CA's audit log, as owners, approvers and auditors read it. */
export interface AuditEvent {
  /** 1, 2, 3 …, without gaps. */
  readonly sequence: number;
  readonly at: Date;
  /** A fixed kebab-case word: ca/domain/audit.ts lists them. */
  readonly event: string;
  /** Who: a name; 'CA' for what it does by itself. */
  readonly actor: string;
  /** Serial number of the certificate that signed in, where somebody did. */
  readonly actorSerialNumber: string | null;
  /** Network address; '' for what happens on the machine. */
  readonly from: string;
  /** Of the HTTP request (header X-Request-Id of its answer); '' otherwise. */
  readonly httpRequestId: string;
  /** What it is about: id of a queue entry or invitation, serial number, e-mail address. */
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  /** SHA-256 over this line and the hash before it, lower-case hex. */
  readonly hash: string;
}
