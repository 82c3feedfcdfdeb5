/** One card transaction: connect SHARED, begin, work, end, disconnect. Nothing is held afterwards. */
import { setTimeout as wait } from 'node:timers/promises';
import { CardDisposition, CardMode, type Card, type Reader, type Transaction } from 'pcsc-mini';
import { awakeTimeout } from '../../core/awake-timeout.ts';
import type { Failure } from '../../core/failures.ts';
import { failed, type Result } from '../../core/result.ts';
import { CardConnectionError, type CardConnection } from '../piv/connection.ts';
import { connectionFailure } from '../piv/session.ts';
import { connectionProblem, pcscCode, serviceFailure } from './errors.ts';
import { findHolder } from './holder.ts';

/** Limits in milliseconds; time asleep does not count. */
export interface ConnectionLimits {
  /** Until the card is ours: pcscd 1.9.9 refuses an unpowered card for about 1500 ms, and other programs have their turn. */
  readonly connectMilliseconds: number;
  /** For one command: RSA-4096 may take a minute to generate, a touch is waited for 15 seconds. */
  readonly commandMilliseconds: number;
}

export const DEFAULT_LIMITS: ConnectionLimits = { connectMilliseconds: 5000, commandMilliseconds: 180_000 };
const RETRY_MILLISECONDS = 50;
/** How long pcscd may take to notice that a card is gone. */
const REMOVAL_MILLISECONDS = 1000;
const STATUS_WORD_LENGTH = 2;

/** How the card is left. A verified PIN outlives LEAVE, for any program; RESET ends it. */
export type Afterwards = 'leave' | 'reset';

/**
 * Runs `work` in one transaction with the card in `reader`. Fails with security-key-removed, -busy, -unresponsive and
 * the service's failures, or as `work` does.
 */
export async function withCard<T>(
  reader: Reader,
  afterwards: Afterwards,
  work: (connection: CardConnection) => Promise<Result<T>>,
  limits: ConnectionLimits = DEFAULT_LIMITS,
): Promise<Result<T>> {
  let held: HeldCard;
  try {
    held = await within(limits.connectMilliseconds, take(reader), release);
  } catch (error) {
    return failed(await failureOf(error));
  }
  const connection = new PcscConnection(held.card, limits.commandMilliseconds);
  try {
    return await work(connection);
  } finally {
    const disposition = afterwards === 'reset' ? CardDisposition.RESET : CardDisposition.LEAVE;
    // A command that never ends keeps the handle busy: it is let go when it does end.
    const released = connection.pending.then(() => release(held, disposition));
    if (!connection.isStuck) await released;
  }
}

interface HeldCard {
  readonly card: Card;
  readonly transaction: Transaction;
}

/** How long what stands in the way may last, before it is taken for lasting. */
const PATIENCE_MILLISECONDS: Readonly<Partial<Record<string, number>>> = {
  reset: 3000, // pcscd 1.9.9 refuses an unpowered card for about 1500
  'sharing-violation': 1000, // another program's exclusive use
};

/** Connects and begins the transaction, again and again while the card is unpowered, was reset, or is another's. */
async function take(reader: Reader): Promise<HeldCard> {
  for (let waited = 0; ; waited += RETRY_MILLISECONDS) {
    try {
      return await takeOnce(reader);
    } catch (error) {
      const patience = PATIENCE_MILLISECONDS[connectionProblem(pcscCode(error) ?? '')] ?? 0;
      if (waited >= patience) throw error;
    }
    await wait(RETRY_MILLISECONDS);
  }
}

async function takeOnce(reader: Reader): Promise<HeldCard> {
  const card = await reader.connect(CardMode.SHARED);
  try {
    return { card, transaction: await begin(card) };
  } catch (error) {
    await quietly(card.disconnect(CardDisposition.LEAVE));
    throw error;
  }
}

/** The card may have been reset since we connected (SCARD_W_RESET_CARD): the handle must acknowledge that first. */
async function begin(card: Card): Promise<Transaction> {
  try {
    return await card.transaction();
  } catch (error) {
    if (connectionProblem(pcscCode(error) ?? '') !== 'reset') throw error;
    await card.reconnect(CardMode.SHARED, CardDisposition.RESET);
    return card.transaction();
  }
}

async function release(held: HeldCard, disposition: CardDisposition = CardDisposition.LEAVE): Promise<void> {
  await quietly(held.transaction.end(CardDisposition.LEAVE));
  await quietly(held.card.disconnect(disposition));
}

/** The card may be gone by now, and then there is nothing to let go. */
async function quietly(ending: Promise<void>): Promise<void> {
  try {
    await ending;
  } catch (error) {
    if (pcscCode(error) === undefined) throw error;
  }
}

/** Rejects after `milliseconds`; what comes later goes to `late`. */
function within<T>(milliseconds: number, promise: Promise<T>, late: (value: T) => Promise<void>): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const stop = awakeTimeout(milliseconds, () => {
      isOver = true;
      reject(new CardConnectionError('sharing-violation', 'another program does not let the card go'));
    });
    promise.then(
      (value) => (isOver ? void late(value) : resolve(value)),
      (error: unknown) => (isOver ? undefined : reject(error as Error)),
    ).finally(stop);
  });
}

/** CardConnection over a card in a transaction. */
class PcscConnection implements CardConnection {
  readonly #card: Card;
  readonly #limitMilliseconds: number;
  #hasSent = false;
  /** Settles with the last command. */
  pending: Promise<void> = Promise.resolve();
  isStuck = false;

  constructor(card: Card, limitMilliseconds: number) {
    this.#card = card;
    this.#limitMilliseconds = limitMilliseconds;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const answer = this.#send(command);
    this.pending = answer.then(nothing, nothing);
    let stop: (() => void) | undefined;
    const limit = new Promise<never>((_, reject) => {
      stop = awakeTimeout(this.#limitMilliseconds, () => {
        this.isStuck = true;
        reject(new CardConnectionError('unresponsive', `no answer within ${this.#limitMilliseconds} ms`));
      });
    });
    try {
      const response = await Promise.race([answer, limit]);
      if (response.length >= STATUS_WORD_LENGTH) return response;
    } catch (error) {
      const code = pcscCode(error);
      if (code === undefined || error instanceof CardConnectionError) throw error;
      const problem = connectionProblem(code);
      if (problem === 'removed' || problem === 'reset') throw new CardConnectionError(problem, code);
      throw await this.#diagnose(code);
    } finally {
      stop?.();
    }
    throw await this.#diagnose('an answer without a status word');
  }

  /**
   * A reset by another program that is under way while we connect makes pcscd forget the protocol of the card, also for us
   * (pcscd 1.9.9, measured). It says so at our first command, before it sends anything.
   */
  async #send(command: Uint8Array): Promise<Uint8Array> {
    const isFirst = !this.#hasSent;
    this.#hasSent = true;
    try {
      return await this.#card.transmit(command);
    } catch (error) {
      if (!isFirst || pcscCode(error) !== 'ProtoMismatch') throw error;
      await this.#card.reconnect(CardMode.SHARED, CardDisposition.LEAVE);
      return this.#card.transmit(command);
    }
  }

  /**
   * What broke a transmission. A key pulled in the middle of a command gives no answer, an empty one, or a communication
   * error, depending on reader and driver; pcscd notices up to half a second later that it is gone.
   */
  async #diagnose(detail: string): Promise<CardConnectionError> {
    for (let waited = 0; waited < REMOVAL_MILLISECONDS; waited += RETRY_MILLISECONDS) {
      try {
        await this.#card.state();
      } catch (error) {
        const problem = connectionProblem(pcscCode(error) ?? '');
        return new CardConnectionError(problem === 'access-denied' ? 'service-stopped' : problem, `${detail}, then ${pcscCode(error)}`);
      }
      await wait(RETRY_MILLISECONDS);
    }
    return new CardConnectionError('unresponsive', detail);
  }
}

function nothing(): void {}

async function failureOf(error: unknown): Promise<Failure> {
  const code = error instanceof CardConnectionError ? undefined : pcscCode(error);
  const problem = error instanceof CardConnectionError ? error.problem : connectionProblem(code ?? '');
  if (code === undefined && !(error instanceof CardConnectionError)) throw error;
  if (problem === 'sharing-violation') {
    const holder = await findHolder();
    return holder === undefined ? { kind: 'security-key-busy' } : { kind: 'security-key-busy', holder: holder.name, ...(holder.isReleasable && { isReleasable: true }) };
  }
  if (code !== undefined && (problem === 'access-denied' || problem === 'service-stopped')) return serviceFailure(code);
  return connectionFailure(new CardConnectionError(problem === 'access-denied' ? 'service-stopped' : problem, code ?? String(error)));
}
