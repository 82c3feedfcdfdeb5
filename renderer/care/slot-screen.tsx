/** One place of the key: its secret, and its certificate opened. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Failure } from '../../core/failures.ts';
import type { AttestationVerdict, CertificateView, SlotView } from '../../core/key-care/inventory-view.ts';
import type { PivSlot } from '../../core/piv-slots.ts';
import { call } from '../bridge.ts';
import type { CareMessages } from '../messages/care-en.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { subjectName } from '../messages/subject-name.ts';
import { announce } from '../ui/announcer.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Facts } from '../ui/facts.tsx';
import { Fingerprint } from '../ui/fingerprint.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import type { CareRoom } from './care-room.ts';
import { InventoryMissing } from './inventory-screen.tsx';
import type { Inventory } from './use-inventory.ts';
import { placeName, usesOf } from './words-of-place.ts';
import forms from '../ui/form.module.css';
import styles from './care.module.css';

interface SlotScreenProps {
  readonly room: CareRoom;
  readonly inventory: Inventory;
  readonly slot: PivSlot;
}

export function SlotScreen({ room, inventory, slot }: SlotScreenProps) {
  const { care } = useMessages();
  const { acts } = room;
  const title = placeName(slot, care.inventory);
  if (inventory.slots === null) return <InventoryMissing title={title} room={room} inventory={inventory} />;
  const view = inventory.slots.find((each) => each.slot === slot);
  return (
    <Screen title={title} onBack={acts.onBack}>
      {view === undefined ? (
        <p className={forms.soft}>{care.slot.gone}</p>
      ) : (
        <>
          <SecretFacts view={view} />
          {view.certificate === null ? <p className={forms.soft}>{care.inventory.noCertificate}</p> : <CertificatePart view={view} room={room} />}
          <SlotDetails view={view} />
        </>
      )}
    </Screen>
  );
}

function SecretFacts({ view }: { readonly view: SlotView }) {
  const { care, keyTypes, pinPolicies, touchPolicies } = useMessages();
  const texts = care.slot;
  const { keyPair } = view;
  return (
    <section className={styles.part}>
      <h2 className={forms.section}>{texts.secret}</h2>
      {keyPair === null ? (
        <p className={forms.soft}>{care.inventory.noSecret}</p>
      ) : (
        <Facts
          facts={[
            { name: texts.kind, value: `${keyTypes[keyPair.keyType]}, ${care.inventory.origin[keyPair.origin ?? 'unknown']}` },
            ...(keyPair.pinPolicy === null ? [] : [{ name: texts.pin, value: pinPolicies[keyPair.pinPolicy] }]),
            ...(keyPair.touchPolicy === null ? [] : [{ name: texts.touch, value: touchPolicies[keyPair.touchPolicy] }]),
            { name: texts.proof, value: <span data-tone={TONES[view.attestation.kind]}>{proofWords(view.attestation, texts)}</span> },
          ]}
        />
      )}
    </section>
  );
}

const TONES: Readonly<Record<AttestationVerdict['kind'], 'good' | 'brass' | undefined>> = { genuine: 'good', none: undefined, 'unknown-issuer': 'brass', false: 'brass' };

function proofWords(verdict: AttestationVerdict, { proofs }: CareMessages['slot']): string {
  return verdict.kind === 'unknown-issuer' ? proofs['unknown-issuer'](verdict.issuer) : proofs[verdict.kind];
}

function CertificatePart({ view, room }: { readonly view: SlotView; readonly room: CareRoom }) {
  const { care } = useMessages();
  const texts = care.slot;
  const { certificate, slot } = view;
  return (
    <section className={styles.part}>
      <h2 className={forms.section}>{texts.certificate}</h2>
      {certificate === null || certificate === 'unreadable' ? <Notice tone="brass">{care.inventory.unreadable}</Notice> : <CertificateFields certificate={certificate} view={view} room={room} />}
      <div className={forms.actions}>
        <Button variant="subtle" color="red" onClick={() => room.acts.onScreen({ kind: 'delete', slot })}>
          {texts.delete}
        </Button>
      </div>
    </section>
  );
}

function CertificateFields({ certificate, view, room }: { readonly certificate: CertificateView; readonly view: SlotView; readonly room: CareRoom }) {
  const { care, app } = useMessages();
  const formats = useFormats();
  const texts = care.slot;
  const uses = usesOf(certificate, texts);
  const isOver = certificate.validTo.getTime() < Date.now();
  return (
    <>
      {view.fits === false && (
        <Notice tone="brass" title={care.inventory.unfit}>
          <p>{texts.doesNotFit}</p>
        </Notice>
      )}
      <Facts
        facts={[
          { name: texts.subject, value: subjectName(certificate.subject) },
          { name: texts.issuer, value: subjectName(certificate.issuer) },
          { name: texts.validFrom, value: formats.date(certificate.validFrom) },
          { name: texts.validTo, value: <span data-tone={isOver ? 'red' : undefined}>{`${formats.date(certificate.validTo)} (${formats.relative(certificate.validTo)})`}</span> },
          ...(view.fits === true ? [{ name: texts.fits, value: app.yes }] : []),
          ...(certificate.otherNames.length === 0 ? [] : [{ name: texts.otherNames, value: certificate.otherNames.join(', ') }]),
          ...(uses.length === 0 ? [] : [{ name: texts.uses, value: uses.join(', ') }]),
          { name: texts.number, value: certificate.serialNumber, isCode: true },
          { name: texts.fingerprint, value: <Fingerprint fingerprint={certificate.sha256} /> },
        ]}
      />
      <Chain chain={view.chain} />
      <details className={styles.fold}>
        <summary>{texts.text}</summary>
        <pre className={styles.pem} tabIndex={0}>
          {certificate.pem}
        </pre>
        <CopyButton text={certificate.pem} />
      </details>
      <ExportButtons slot={view.slot} room={room} />
    </>
  );
}

/** Who signed it, and who signed that, as far as this computer knows. */
function Chain({ chain }: { readonly chain: readonly CertificateView[] }) {
  const { care } = useMessages();
  const formats = useFormats();
  if (chain.length === 0) return null;
  return (
    <details className={styles.fold}>
      <summary>{care.slot.chain}</summary>
      <ol className={styles.chain}>
        {chain.map((certificate) => (
          <li key={certificate.sha256}>
            {subjectName(certificate.subject)}, <span className={forms.soft}>{care.inventory.until(formats.date(certificate.validTo), formats.relative(certificate.validTo))}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function ExportButtons({ slot, room }: { readonly slot: PivSlot; readonly room: CareRoom }) {
  const { care } = useMessages();
  const [saved, setSaved] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const save = async (format: 'pem' | 'der'): Promise<void> => {
    const answer = await call('care.exportCertificate', { readerName: room.facts.readerName, slot, format });
    setFailure(answer.ok ? null : answer.failure);
    if (!answer.ok || answer.value === null) return;
    setSaved(answer.value);
    announce(care.slot.saved(answer.value));
  };
  return (
    <>
      <div className={forms.actions}>
        <Button variant="light" onClick={() => void save('pem')}>
          {care.slot.savePem}
        </Button>
        <Button variant="light" onClick={() => void save('der')}>
          {care.slot.saveDer}
        </Button>
      </div>
      {saved !== null && <p className={styles.saved}>{care.slot.saved(saved)}</p>}
      {failure !== null && <ProblemPanel failure={failure} actions={room.acts.problemActions} />}
    </>
  );
}

/** For the curious: names and places as the standards write them. */
function SlotDetails({ view }: { readonly view: SlotView }) {
  const { care, app } = useMessages();
  const texts = care.slot;
  const { certificate } = view;
  const isReadable = certificate !== null && certificate !== 'unreadable';
  return (
    <details className={styles.fold}>
      <summary>{app.details}</summary>
      <Facts
        facts={[
          { name: texts.place, value: view.slot, isCode: true },
          ...(isReadable
            ? [
                { name: texts.subject, value: certificate.subject, isCode: true },
                { name: texts.issuer, value: certificate.issuer, isCode: true },
                { name: texts.uses, value: [...certificate.purposes, ...certificate.keyUsage].join(', '), isCode: true },
              ]
            : []),
        ]}
      />
    </details>
  );
}
