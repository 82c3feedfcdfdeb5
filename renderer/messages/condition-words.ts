/** From a condition of a key to what the window says of it, how loudly, and what each way out of it loses. */
import type { KeyCondition, NamedCertificate } from '../../core/key-care/conditions.ts';
import type { Loss, WayOut } from '../../core/key-care/ways-out.ts';
import type { CareMessages } from './care-en.ts';
import type { Formats } from './formats.ts';

export interface ConditionWords {
  readonly title: string;
  readonly text?: string | undefined;
}

export function wordCondition(condition: KeyCondition, texts: CareMessages, formats: Formats): ConditionWords {
  const { conditions } = texts;
  switch (condition.kind) {
    case 'reset-unfinished': {
      const { title, text } = conditions[condition.kind];
      return { title, text: text(formats.relative(condition.startedAt)) };
    }
    case 'pin-attempts-lost':
      return { title: conditions[condition.kind].title(String(condition.left), String(condition.total)) };
    case 'certificate-expired':
    case 'certificate-expires-soon': {
      const { title, text } = conditions[condition.kind];
      const { expiresAt } = condition.certificate;
      return { title: title(nameCertificate(condition.certificate, texts)), text: expiresAt === null ? undefined : text(formats.date(expiresAt), formats.relative(expiresAt)) };
    }
    case 'certificate-without-key':
    case 'certificate-unfit': {
      const { title, text } = conditions[condition.kind];
      return { title: title(nameCertificate(condition.certificate, texts)), text };
    }
    case 'certificate-foreign':
      return { title: conditions[condition.kind].title(nameCertificate(condition.certificate, texts)) };
    default:
      return conditions[condition.kind];
  }
}

/** "The certificate for mail.example.org" */
export function nameCertificate({ subject }: Pick<NamedCertificate, 'subject'>, texts: CareMessages): string {
  return subject === null || subject === '' ? texts.certificateUnnamed : texts.certificateFor(subject);
}

/** What a way out of a condition loses, in words. */
export function wordLoss(loss: Loss, condition: KeyCondition, texts: CareMessages): string {
  const certificate = nameCertificate('certificate' in condition ? condition.certificate : { subject: null }, texts);
  switch (loss) {
    case 'nothing':
      return texts.losses.nothing;
    case 'management-key':
      return texts.losses.managementKey;
    case 'certificate':
      return texts.losses.certificate(certificate);
    case 'certificate-and-key':
      return condition.kind === 'enrollment-unfinished' ? texts.losses.key : texts.losses.certificateAndKey(certificate);
    case 'everything':
      return texts.losses.everything;
  }
}

/** The words of a way out; of a key whose reset was interrupted, entering the PIN is how it is kept. */
export function wordAct({ act }: WayOut, condition: KeyCondition, texts: CareMessages): string {
  if (condition.kind === 'reset-unfinished' && act === 'enter-pin') return texts.keepByPin;
  if (condition.kind === 'reset-unfinished' && act === 'unblock-pin') return texts.keepByPuk;
  if (act === 'unblock-pin' && condition.kind !== 'pin-blocked') return texts.newPinWithPuk;
  return texts.acts[act];
}

/**
 * 'loss': what is there cannot be saved. 'pressing': the key does not work, or not for long, and the way out is what to
 * do now. 'remark': it works; a line says it.
 */
export type Urgency = 'loss' | 'pressing' | 'remark';

export function urgencyOf(condition: KeyCondition): Urgency {
  switch (condition.kind) {
    case 'pin-and-puk-blocked':
      return 'loss';
    case 'reset-unfinished':
    case 'pin-blocked':
    case 'retries-unfinished':
    case 'pin-last-attempt':
    case 'management-key-unfinished':
    case 'retire-unfinished':
    case 'certificate-unfit':
    case 'certificate-without-key':
    case 'certificate-unreadable':
    case 'certificate-expired':
    case 'enrollment-unfinished':
    case 'pin-factory':
    case 'puk-factory':
      return 'pressing';
    case 'certificate-expires-soon':
      return condition.isPressing ? 'pressing' : 'remark';
    case 'certificate-foreign':
    case 'puk-blocked':
    case 'pin-attempts-lost':
    case 'management-key-unknown':
    case 'management-key-derived':
      return 'remark';
  }
}
