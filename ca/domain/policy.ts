/** What a CA allows, as data. Small for now: one policy for everybody. */

/** So many at once (`burst`), and then one more every `1 / perSecond`. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Policy {
  /** People without an invitation may ask too; so many of their requests wait at a time. */
  readonly maxPendingWithoutInvitation: number;
  /** How long an applicant waits before asking again. */
  readonly retryAfterSeconds: number;
  readonly challengeSeconds: number;
  readonly sessionHours: number;
  /** An approver's invitation that nobody uses ends. */
  readonly firstApproverInvitationDays: number;
  /** Each for one network address. */
  readonly limits: {
    readonly requests: RateLimit;
    readonly submissions: RateLimit;
    /** Wrong codes, challenges and tokens. Guessing 128 bits is hopeless; this keeps the log readable. */
    readonly wrongGuesses: RateLimit;
  };
}

export const DEFAULT_POLICY: Policy = {
  maxPendingWithoutInvitation: 500,
  retryAfterSeconds: 2,
  challengeSeconds: 120,
  sessionHours: 8,
  firstApproverInvitationDays: 7,
  limits: {
    requests: { burst: 1000, perSecond: 100 },
    submissions: { burst: 200, perSecond: 10 },
    wrongGuesses: { burst: 30, perSecond: 0.5 },
  },
};
