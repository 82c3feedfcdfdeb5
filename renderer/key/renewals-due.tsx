/** Reminders for keys that are in a drawer: their certificates end. */
import type { KnownKey } from '../../core/key-care/known-keys.ts';
import { renewalTime } from '../../core/key-care/renewal-time.ts';
import { knownKeys, useLive } from '../bridge.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';

export function RenewalsDue() {
  const { keys } = useMessages().care;
  const formats = useFormats();
  const now = new Date();
  const due = (useLive(knownKeys) ?? []).map((key) => ({ key, time: renewalTime({ validFrom: key.validFrom, validTo: key.expiresAt }, now) })).filter(({ time }) => time !== 'not-yet');
  const textOf = ({ expiresAt }: KnownKey): string => (expiresAt < now ? keys.expired : keys.validUntil)(formats.date(expiresAt), formats.relative(expiresAt));
  return due.map(({ key, time }) => (
    <Notice key={key.serial} tone={time === 'soon' ? 'brass' : 'red'} title={(time === 'over' ? keys.ended : keys.due)(key.name, String(key.serial))}>
      <p>
        {textOf(key)}. {keys.renew}
      </p>
    </Notice>
  ));
}
