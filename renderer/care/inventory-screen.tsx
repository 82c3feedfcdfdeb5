import { UnstyledButton } from '@mantine/core';
import type { SlotView } from '../../core/key-care/inventory-view.ts';
import { KeyAway } from '../key/key-away.tsx';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Icon } from '../ui/icons.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import { Screen } from '../ui/screen.tsx';
import { Stage } from '../ui/stage.tsx';
import type { CareRoom } from './care-room.ts';
import type { Inventory } from './use-inventory.ts';
import { holderOf, placeName } from './words-of-place.ts';
import styles from './care.module.css';

interface InventoryScreenProps {
  readonly room: CareRoom;
  readonly inventory: Inventory;
}

/** What the key holds, by what it is for; each place opens. */
export function InventoryScreen({ room, inventory }: InventoryScreenProps) {
  const { care } = useMessages();
  const { acts } = room;
  const texts = care.inventory;
  if (inventory.slots === null) return <InventoryMissing title={texts.title} room={room} inventory={inventory} />;
  return (
    <Screen title={texts.title} lead={texts.lead} onBack={acts.onBack}>
      {inventory.slots.length === 0 ? (
        <Notice tone="calm" title={texts.empty}>
          <p>{texts.emptyHint}</p>
        </Notice>
      ) : (
        <ul className={styles.places}>
          {inventory.slots.map((view) => (
            <li key={view.slot}>
              <UnstyledButton className={styles.place} onClick={() => acts.onScreen({ kind: 'slot', slot: view.slot })}>
                <PlaceLines view={view} />
                <Icon name="forward" />
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </Screen>
  );
}

/** While it is read, and where it cannot be. */
export function InventoryMissing({ title, room, inventory }: InventoryScreenProps & { readonly title: string }) {
  const { care } = useMessages();
  const { acts, securityKey, facts } = room;
  const isReading = inventory.failure === null && securityKey.isPresent;
  return (
    <Screen title={title} lead={isReading ? care.inventory.reading : undefined} onBack={acts.onBack}>
      {isReading && (
        <Stage>
          <KeyDrawing form={facts.formFactor} light="on" />
        </Stage>
      )}
      <KeyAway securityKey={securityKey} />
      {inventory.failure !== null && securityKey.isPresent && <ProblemPanel failure={inventory.failure} actions={{ ...acts.problemActions, retry: inventory.reload }} />}
    </Screen>
  );
}

/** For what, for whom until when, and what the secret is. */
function PlaceLines({ view }: { readonly view: SlotView }) {
  const { care } = useMessages();
  const texts = care.inventory;
  const { kind } = view.attestation;
  return (
    <span className={styles.placeText}>
      <span className={styles.placeHead}>
        <strong>{placeName(view.slot, texts)}</strong>
        {view.keyPair !== null && (
          <span className={styles.verdict} data-verdict={kind}>
            {texts.verdicts[kind]}
          </span>
        )}
      </span>
      <CertificateLine view={view} />
      <SecretLine view={view} />
    </span>
  );
}

function CertificateLine({ view }: { readonly view: SlotView }) {
  const { care } = useMessages();
  const formats = useFormats();
  const texts = care.inventory;
  const { certificate } = view;
  if (certificate === null) return <span className={styles.soft}>{texts.noCertificate}</span>;
  if (certificate === 'unreadable') return <span data-tone="brass">{texts.unreadable}</span>;
  const isOver = certificate.validTo.getTime() < Date.now();
  const until = (isOver ? texts.expired : texts.until)(formats.date(certificate.validTo), formats.relative(certificate.validTo));
  return (
    <span>
      {holderOf(view)}, <span data-tone={isOver ? 'red' : undefined}>{until}</span>
      {view.fits === false && (
        <span className={styles.remark} data-tone="brass">
          {texts.unfit}
        </span>
      )}
    </span>
  );
}

function SecretLine({ view }: { readonly view: SlotView }) {
  const { care, keyTypes } = useMessages();
  const texts = care.inventory;
  const { keyPair } = view;
  return <span className={styles.soft}>{keyPair === null ? texts.noSecret : `${keyTypes[keyPair.keyType]}, ${texts.origin[keyPair.origin ?? 'unknown']}`}</span>;
}
