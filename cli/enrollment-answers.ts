import { FACTORY_PIN } from '../core/key-care/pin-rules.ts';
import { canRetireKey } from '../core/key-care/ways-out.ts';
import type { EnrollmentAnswers, EnrollmentQuestions } from '../core/enrollment/state.ts';
import type { Failure } from '../core/failures.ts';
import { formatFirmware, type SecurityKeyFacts } from '../core/security-key.ts';
import type { CommandContext } from './command.ts';
import { CommandStopped } from './failures.ts';
import { shownPuk } from './key-secrets.ts';
import type { EnrollOptions } from './program.ts';

/**
 * Asks for what the next steps need, by options first. Within one command it remembers what is no secret, so that a PIN
 * that has to be entered again is all that is asked again.
 */
export class EnrollmentInterview {
  /** The new PIN is on the key already: from now on it is the PIN. */
  private isPinChosen = false;
  private identityGiven: EnrollmentAnswers | undefined;
  /** What the person agreed to at the terminal. */
  private replacing: EnrollmentAnswers | undefined;

  constructor(
    private readonly context: CommandContext,
    private readonly options: EnrollOptions,
    private readonly facts: SecurityKeyFacts,
    private readonly spentInvitation: Failure | null,
  ) {}

  async answers(questions: EnrollmentQuestions): Promise<EnrollmentAnswers> {
    const identity = questions.identity === null ? {} : { ...(await this.identity(questions.identity)), otherNames: this.options.otherName };
    const keyPair = questions.keyPair === null ? {} : this.keyPair(questions.keyPair);
    const replace = questions.replaces === null ? {} : await this.agreeToReplace(questions.replaces);
    const pin = await this.pin(questions);
    const puk = questions.puk === null ? {} : await this.puk(questions.puk);
    return { ...identity, ...keyPair, ...replace, ...pin, ...puk };
  }

  private async identity(identity: NonNullable<EnrollmentQuestions['identity']>): Promise<EnrollmentAnswers> {
    if (identity.isFixed) return {};
    // Without its invitation the CA would not take the request: better said before anything is done to the key.
    if (this.spentInvitation !== null) throw new CommandStopped(this.spentInvitation);
    if (this.identityGiven !== undefined) return this.identityGiven;
    const name = this.options.name ?? (await this.ask('name', 'Your name', identity.name));
    const email = this.options.email ?? (await this.ask('email', 'Your e-mail address', identity.email));
    this.identityGiven = { name, email };
    return this.identityGiven;
  }

  private keyPair({ offered, offeredPinPolicies, firmware }: NonNullable<EnrollmentQuestions['keyPair']>): EnrollmentAnswers {
    const { keyType, pinPolicy, touchPolicy } = this.options;
    if (keyType !== undefined && !offered.includes(keyType)) {
      throw new CommandStopped({ kind: 'key-type-unsupported', keyType, firmware: formatFirmware(firmware) });
    }
    if (pinPolicy !== undefined && !offeredPinPolicies.includes(pinPolicy)) throw new CommandStopped({ kind: 'policy-refused', problem: 'pin-never-on-fips' });
    return { keyType, pinPolicy, touchPolicy };
  }

  /** What would be lost is named, and the confirming act is to type the serial, never a second Enter. */
  private async agreeToReplace(replaces: NonNullable<EnrollmentQuestions['replaces']>): Promise<EnrollmentAnswers> {
    if (this.options.keepOldKey === true) return this.keepOldKey(replaces);
    if (this.options.replace === true || this.replacing !== undefined) return this.replacing ?? { replace: true };
    const { certificateSubject, certificateExpiresAt, canKeep } = replaces;
    const { terminal, output } = this.context;
    const what = certificateSubject === null ? 'a key pair' : `the certificate "${certificateSubject}"`;
    const until = certificateExpiresAt === null ? '' : `, valid until ${certificateExpiresAt.toISOString().slice(0, 10)}`;
    if (!terminal.isThere) throw new CommandStopped({ kind: 'answer-missing', what: `Your agreement to replace ${what} on the key`, option: canKeep ? 'replace, or keep it with --keep-old-key' : 'replace' });
    output.progress(`On the key is ${what}${until}. It would be lost for good${canKeep ? ', unless it is kept in a retired slot' : ''}.`);
    const wanted = this.facts.serial === null ? 'replace' : String(this.facts.serial);
    const typed = await terminal.ask(`To replace it, type ${wanted}${canKeep ? '; to keep it, type keep' : ''}: `);
    if (typed === wanted) this.replacing = { replace: true };
    else if (canKeep && typed === 'keep') this.replacing = { keepOldKey: true };
    else throw new CommandStopped({ kind: 'cancelled' });
    return this.replacing;
  }

  /** A certificate without its key pair is nothing that could be kept. */
  private keepOldKey({ canKeep }: NonNullable<EnrollmentQuestions['replaces']>): EnrollmentAnswers {
    if (canKeep) return { keepOldKey: true };
    if (canRetireKey(this.facts)) throw new CommandStopped({ kind: 'nothing-in-slot', slot: '9a', wanted: 'key-pair' });
    throw new CommandStopped({ kind: 'move-unsupported', firmware: formatFirmware(this.facts.firmware) });
  }

  private async pin({ pin, pinAttemptsLeft }: EnrollmentQuestions): Promise<EnrollmentAnswers> {
    const { secrets } = this.context;
    const left = pinAttemptsLeft === null ? '' : ` (${pinAttemptsLeft} attempts left)`;
    switch (pin) {
      case 'choose':
        this.isPinChosen = true;
        return { newPin: await secrets.getNew('new-pin', 'Choose a PIN of 6 to 8 characters: ') };
      case 'enter':
        return { currentPin: await this.ownPin(`PIN${left}: `) };
      case 'enter-or-change': {
        // Nobody knows whether it is the factory one, so the person says it: a guess would cost an attempt.
        const currentPin = await secrets.get('pin', `PIN (a new key has ${FACTORY_PIN})${left}: `);
        if (currentPin !== FACTORY_PIN) return { currentPin };
        this.isPinChosen = true;
        return { currentPin, newPin: await secrets.getNew('new-pin', 'This is the PIN every new key has. Choose another one: ') };
      }
    }
  }

  /** The key's own PIN. A script that is run again gives the same options, and what was the new PIN has become it. */
  private async ownPin(question: string): Promise<string> {
    const { secrets } = this.context;
    const given = secrets.given('pin');
    const isNewPinMeant = secrets.isGiven('new-pin') && (this.isPinChosen || given === undefined || given === FACTORY_PIN);
    return isNewPinMeant ? secrets.get('new-pin', question) : (given ?? secrets.get('pin', question));
  }

  private async puk(question: NonNullable<EnrollmentQuestions['puk']>): Promise<EnrollmentAnswers> {
    const { secrets, terminal } = this.context;
    if (question === 'enter-or-keep') {
      // The firmware does not tell whether it is the factory one, and finding out would cost an attempt.
      if (!secrets.isGiven('puk') && !terminal.isThere) return {};
      const currentPuk = await secrets.get('puk', 'PUK, if you want to change it (otherwise just Enter): ');
      return currentPuk === '' ? {} : { currentPuk, newPuk: await this.newPuk() };
    }
    return { newPuk: await this.newPuk() };
  }

  private async newPuk(): Promise<string> {
    const { secrets } = this.context;
    const chosen = await secrets.getNew('new-puk', 'Choose a PUK (PIN reset code) of 6 to 8 characters, or just Enter to have one made: ');
    return chosen === '' && !secrets.isGiven('new-puk') ? shownPuk(this.context) : chosen;
  }

  private async ask(option: 'name' | 'email', what: string, suggestion: string): Promise<string> {
    const { terminal } = this.context;
    if (!terminal.isThere) {
      if (suggestion !== '') return suggestion;
      throw new CommandStopped({ kind: 'answer-missing', what, option });
    }
    const answer = await terminal.ask(suggestion === '' ? `${what}: ` : `${what} [${suggestion}]: `);
    return answer === '' ? suggestion : answer;
  }
}
