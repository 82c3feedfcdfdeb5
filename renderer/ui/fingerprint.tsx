/** A SHA-256 fingerprint to compare: in groups of four, and as a drawing that differs where a digit differs. */
import { fingerprintGroups } from '../messages/formats.ts';
import styles from './fingerprint.module.css';

export function Fingerprint({ fingerprint }: { readonly fingerprint: string }) {
  return (
    <span className={styles.groups}>
      {fingerprintGroups(fingerprint).map((group, index) => (
        <span key={index}>{group} </span>
      ))}
    </span>
  );
}

/** The 256 bits as 16 × 16 cells: every bit is drawn, so none can differ unseen. */
export function FingerprintDrawing({ fingerprint, label }: { readonly fingerprint: string; readonly label: string }) {
  return (
    <svg className={styles.drawing} viewBox="0 0 16 16" role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={cells(fingerprint)} className={styles.cell} />
    </svg>
  );
}

function cells(fingerprint: string): string {
  const path: string[] = [];
  [...fingerprint].forEach((digit, index) => {
    const bits = Number.parseInt(digit, 16);
    for (let bit = 0; bit < 4; bit += 1) {
      const isSet = ((bits >> (3 - bit)) & 1) === 1;
      const cell = index * 4 + bit;
      if (isSet) path.push(`M${cell % 16} ${Math.floor(cell / 16)}h1v1h-1z`);
    }
  });
  return path.join('');
}
