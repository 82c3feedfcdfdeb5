/** The state of a key in three tiles; what people act on is big. */
import type { ReactNode } from 'react';
import type { ReferenceDataFacts, SecurityKeyFacts } from '../../core/security-key.ts';
import { glanceAtCertificate } from '../../core/x509/certificate-glance.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Attempts } from '../secrets/attempts.tsx';
import styles from './key.module.css';

export function KeyTiles({ facts }: { readonly facts: SecurityKeyFacts }) {
  const { key } = useMessages();
  return (
    <dl className={styles.tiles}>
      <SecretTile name={key.pin} which="pin" facts={facts.pin} blockedHint={facts.puk.attemptsLeft === 0 ? undefined : key.blockedHint.pin} />
      <SecretTile name={key.puk} explained={key.pukExplained} which="puk" facts={facts.puk} blockedHint={key.blockedHint.puk} />
      <CertificateTile facts={facts} />
    </dl>
  );
}

interface TileProps {
  readonly name: string;
  readonly explained?: string | undefined;
  readonly state: string;
  readonly tone?: 'good' | 'brass' | 'red' | undefined;
  readonly children?: ReactNode;
}

function Tile({ name, explained, state, tone, children }: TileProps) {
  return (
    <div className={styles.tile}>
      <dt className={styles.tileName}>
        {name}
        {explained !== undefined && <span className={styles.explained}> {explained}</span>}
      </dt>
      <dd className={styles.tileBody}>
        <p className={styles.tileState} data-tone={tone}>
          {state}
        </p>
        {children}
      </dd>
    </div>
  );
}

interface SecretTileProps {
  readonly name: string;
  readonly explained?: string;
  readonly which: 'pin' | 'puk';
  readonly facts: ReferenceDataFacts;
  readonly blockedHint: string | undefined;
}

function SecretTile({ name, explained, which, facts, blockedHint }: SecretTileProps) {
  const { key } = useMessages();
  const left = facts.attemptsLeft;
  if (left === 0) {
    return (
      <Tile name={name} explained={explained} state={key.blocked} tone="red">
        {blockedHint !== undefined && <p className={styles.tileHint}>{blockedHint}</p>}
      </Tile>
    );
  }
  return (
    <Tile
      name={name}
      explained={explained}
      state={facts.isFactory === null ? key.notTold : facts.isFactory ? key.factory : key.own}
      tone={facts.isFactory === null ? undefined : facts.isFactory ? 'brass' : 'good'}
    >
      {left !== null && <Attempts left={left} total={facts.attemptsTotal} />}
      {facts.isFactory === true && <p className={styles.tileHint}>{key.factoryHint[which]}</p>}
    </Tile>
  );
}

function CertificateTile({ facts }: { readonly facts: SecurityKeyFacts }) {
  const { key } = useMessages();
  const formats = useFormats();
  const { certificate, keyPair } = facts.authentication;
  if (certificate === null) {
    const [state, hint] = keyPair === null ? [key.holds.nothing, key.holds.nothingHint] : [key.holds.keyOnly, key.holds.keyOnlyHint];
    return (
      <Tile name={key.certificate} state={state} tone={keyPair === null ? undefined : 'brass'}>
        <p className={styles.tileHint}>{hint}</p>
      </Tile>
    );
  }
  const glance = glanceAtCertificate(certificate);
  if (glance === null) {
    return (
      <Tile name={key.certificate} state={key.holds.unreadable} tone="brass">
        <p className={styles.tileHint}>{key.holds.unreadableHint}</p>
      </Tile>
    );
  }
  const isOver = glance.validTo.getTime() < Date.now();
  const until = isOver ? key.holds.expired : key.holds.validUntil;
  return (
    <Tile name={key.certificate} state={glance.subject} tone={isOver ? 'red' : 'good'}>
      <p className={styles.tileHint}>{key.holds.issuedBy(glance.issuer)}</p>
      <p className={styles.tileHint}>{until(formats.date(glance.validTo), formats.relative(glance.validTo))}</p>
    </Tile>
  );
}
