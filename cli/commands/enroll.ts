import { writePem } from '../../core/x509/pem.ts';
import { type EstCredentials, keyTypeWantedByEst } from '../../authorities/est.ts';
import { connectAuthority } from '../../authorities/connect.ts';
import type { PinnedAuthority } from '../../core/certificate-authority.ts';
import { createEnrollment, type Enrollment } from '../../core/enrollment/run.ts';
import type { EnrollmentState } from '../../core/enrollment/state.ts';
import { systemClock } from '../../core/enrollment/system-clock.ts';
import type { Failure } from '../../core/failures.ts';
import { unreachable } from '../../core/result.ts';
import type { SecurityKey, SecurityKeyFacts, SecurityKeys } from '../../core/security-key.ts';
import { certificateAwaited, openCertificate } from '../by-hand.ts';
import { chooseAuthority, type ChosenAuthority } from '../choose-authority.ts';
import { chooseKey } from '../choose-key.ts';
import type { CommandContext } from '../command.ts';
import { decisionNoticed } from '../decision.ts';
import { EnrollmentInterview } from '../enrollment-answers.ts';
import { createFileRecords } from '../enrollment-records.ts';
import type { Outcome } from '../failures.ts';
import { foldersOf, requestsFolder, type Folders } from '../folders.ts';
import { describeFailure } from '../messages/en.ts';
import { reportBug } from '../output.ts';
import type { EnrollOptions } from '../program.ts';
import { withSecurityKeys } from '../security-keys.ts';
import { StepReport } from '../step-report.ts';

type WaitingState = Extract<EnrollmentState, { kind: 'waiting-for-approval' }>;

/** Everything one run of the command works with. */
interface EnrollmentRun {
  readonly context: CommandContext;
  readonly options: EnrollOptions;
  readonly facts: SecurityKeyFacts;
  readonly securityKey: SecurityKey;
  readonly chosen: ChosenAuthority;
  readonly enrollment: Enrollment;
  readonly report: StepReport;
  readonly folders: Folders;
}

/** `latchkey enroll`: does what is left to do for this key at this CA, and says what that comes to. */
export async function enroll(context: CommandContext, options: EnrollOptions): Promise<Outcome> {
  const folders = foldersOf(process.env);
  return withSecurityKeys(options, async (keys) => {
    const facts = await chooseKey(context, keys, options);
    const chosen = await chooseAuthority(context, folders, options);
    context.output.progress(`${facts.model}${facts.serial === null ? '' : `, serial ${facts.serial}`}, at ${chosen.authority.name}`);
    if (options.certificate !== undefined) await openCertificate(options.certificate, chosen.authority, facts, folders);
    const run = prepare(context, await withWantedKeyType(context, options, chosen.authority), { keys, facts, chosen, folders });
    const stopListening = run.enrollment.onChange((state) => run.report.hear(state));
    try {
      return await goOn(run);
    } finally {
      stopListening();
      run.enrollment.leave();
    }
  });
}

function prepare(
  context: CommandContext,
  options: EnrollOptions,
  { keys, facts, chosen, folders }: { readonly keys: SecurityKeys; readonly facts: SecurityKeyFacts; readonly chosen: ChosenAuthority; readonly folders: Folders },
): EnrollmentRun {
  const securityKey = keys.at(facts.readerName);
  const enrollment = createEnrollment({
    securityKey,
    authority: chosen.authority,
    certificateAuthority: connectAuthority(chosen.authority, { requestsFolder: requestsFolder(folders), estCredentials: () => estCredentials(context, options) }),
    invitationCode: chosen.invitationCode,
    records: createFileRecords(folders),
    clock: systemClock,
    reportBug,
  });
  return { context, options, facts, securityKey, chosen, enrollment, report: new StepReport(context.output.progress), folders };
}

/** What an EST server asks for counts where the person does not say another type of key. */
async function withWantedKeyType({ output }: CommandContext, options: EnrollOptions, authority: PinnedAuthority): Promise<EnrollOptions> {
  if (authority.protocol !== 'est' || options.keyType !== undefined) return options;
  const keyType = await keyTypeWantedByEst(authority, null);
  if (keyType === null) return options;
  output.progress(`The EST server asks for a key of the type ${keyType}.`);
  return { ...options, keyType };
}

/** null: nobody gave a user name, and many servers want none. */
async function estCredentials({ secrets }: CommandContext, { estUser }: EnrollOptions): Promise<EstCredentials | null> {
  return estUser === undefined ? null : { user: estUser, password: await secrets.get('est-password', `Password of ${estUser} for the EST server: `) };
}

/** From one resting state to the next, until nothing is left that this run can do. */
async function goOn(run: EnrollmentRun): Promise<Outcome> {
  const { context, enrollment, options } = run;
  const interview = new EnrollmentInterview(context, options, run.facts, run.chosen.spentInvitation);
  let state = await enrollment.begin({ renews: options.renew === true });
  for (;;) {
    switch (state.kind) {
      case 'asking':
        if (state.problem !== null) reportProblem(context, state.problem);
        if (state.problem !== null && !canAskAgain(context, state.problem)) return { ok: false, failure: state.problem, json: stepsOf(run) };
        state = await enrollment.answer(await interview.answers(state.questions));
        break;
      case 'waiting-for-approval': {
        // By hand nobody else can decide while this command waits.
        const decided = options.wait === true && run.chosen.authority.protocol !== 'by-hand' ? await approvalOf(run, state) : null;
        if (decided === null) return pending(run, state);
        state = decided;
        break;
      }
      case 'done':
        return finished(run, state);
      case 'stopped':
        return { ok: false, failure: state.failure, json: stepsOf(run) };
      case 'denied':
        return { ok: false, failure: { kind: 'request-denied', reason: state.reason }, json: stepsOf(run) };
      case 'reading':
      case 'working':
        throw new Error(`The enrollment came to rest in ${state.kind}.`);
      default:
        return unreachable(state);
    }
  }
}

/** A wrong PIN from a file stays wrong: another try would only cost another attempt. A person may correct it. */
function canAskAgain({ terminal, secrets }: CommandContext, problem: Failure): boolean {
  const isAboutSecrets = problem.kind === 'pin-wrong' || problem.kind === 'pin-invalid' || problem.kind === 'puk-wrong';
  return isAboutSecrets && terminal.isThere && !(['pin', 'new-pin', 'puk', 'new-puk'] as const).some((name) => secrets.isGiven(name));
}

function reportProblem({ output, terminal }: CommandContext, problem: Failure): void {
  if (!terminal.isThere) return;
  const { happened, toDo } = describeFailure(problem);
  output.progress(`${happened} ${toDo}`);
}

/** null: Ctrl-C ended the wait, and everything stays as it is. */
async function approvalOf({ context, enrollment, chosen }: EnrollmentRun, waiting: WaitingState): Promise<EnrollmentState | null> {
  const { progress } = context.output;
  let onInterrupt: () => void = () => undefined;
  const interrupted = new Promise<null>((resolve) => process.once('SIGINT', (onInterrupt = () => resolve(null))));
  progress(`  … ${describeFailure(pendingFailure(waiting, chosen.authority)).happened}`);
  try {
    return await Promise.race([interrupted, decisionNoticed(enrollment, (failure) => progress(`  … ${describeFailure(failure).happened} Trying again.`))]);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

function pendingFailure({ request }: WaitingState, authority: PinnedAuthority) {
  return { kind: 'pending', requestId: request.id, words: request.words, authority: authority.name } as const;
}

async function pending(run: EnrollmentRun, state: WaitingState): Promise<Outcome> {
  const { id, words, submittedAt } = state.request;
  const { authority } = run.chosen;
  const isByHand = authority.protocol === 'by-hand';
  const failure = isByHand ? await certificateAwaited(authority, id, run.options, run.folders) : pendingFailure(state, authority);
  return { ok: false, failure, json: { status: 'pending', request: { id, words, submittedAt }, ...stepsOf(run) } };
}

async function finished(run: EnrollmentRun, state: Extract<EnrollmentState, { kind: 'done' }>): Promise<Outcome> {
  const { certificate, proof } = state;
  const now = await run.securityKey.facts();
  if (!now.ok) return now;
  const der = now.value.authentication.certificate;
  return {
    ok: true,
    json: {
      status: 'enrolled',
      serial: run.facts.serial,
      certificate,
      certificatePem: der === null ? null : writePem(der, 'CERTIFICATE'),
      proof,
      ...stepsOf(run),
    },
    text: [
      `Enrolled: ${certificate.name}${certificate.email === null ? '' : ` <${certificate.email}>`}, by ${certificate.authorityName}.`,
      `The certificate is valid until ${certificate.validTo.toISOString().slice(0, 10)} (serial number ${certificate.serialNumber}).`,
      ...(proof === null ? [] : [proof.module === null ? 'It has signed a challenge (no PKCS#11 module is installed).' : `It has signed a challenge through ${proof.module.path}.`]),
    ].join('\n'),
  };
}

function stepsOf({ report }: EnrollmentRun): { readonly steps: readonly { readonly id: string; readonly ms: number }[] } {
  return { steps: report.measures.map(({ id, ms }) => ({ id, ms })) };
}
