/** The key in the person's hand: its form factor, and a light that is on while it works and blinks when it wants a touch. */
import type { FormFactor } from '../../core/security-key.ts';
import styles from './key-drawing.module.css';

export type KeyLight = 'off' | 'on' | 'blinking';

interface KeyDrawingProps {
  readonly form: FormFactor | null;
  readonly light?: KeyLight;
  /** Beside a socket, not in it: the picture of "plug it in". */
  readonly isUnplugged?: boolean;
  /** Without a label the drawing is decoration. */
  readonly label?: string;
  readonly size?: 'small' | 'large';
}

export function KeyDrawing({ form, light = 'off', isUnplugged = false, label, size = 'large' }: KeyDrawingProps) {
  const isNano = form === 'usb-a-nano' || form === 'usb-c-nano';
  return (
    <svg
      className={styles.drawing}
      data-size={size}
      data-light={light}
      viewBox="0 0 280 120"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      {isUnplugged && <Socket />}
      <g className={isUnplugged ? styles.approach : undefined}>{isNano ? <NanoBody isUsbC={form === 'usb-c-nano'} /> : <KeychainBody form={form ?? 'usb-a-keychain'} />}</g>
    </svg>
  );
}

/** The edge of a computer with its opening. */
function Socket() {
  return (
    <g>
      <path d="M262 10h18v100h-18a8 8 0 0 1-8-8V18a8 8 0 0 1 8-8z" className={styles.computer} />
      <rect x="254" y="42" width="9" height="36" rx="2.5" className={styles.opening} />
    </g>
  );
}

function KeychainBody({ form }: { readonly form: FormFactor }) {
  const isUsbC = form !== 'usb-a-keychain' && form !== 'usb-a-bio';
  return (
    <g>
      {isUsbC ? <UsbC x={172} /> : <UsbA x={172} />}
      {form === 'usb-c-lightning' && <rect x="2" y="53" width="22" height="14" rx="4" className={styles.metal} />}
      <path
        fillRule="evenodd"
        className={styles.body}
        d={
          form === 'usb-c-lightning'
            ? 'M36 32h126a12 12 0 0 1 12 12v32a12 12 0 0 1-12 12H36a14 14 0 0 1-14-14V46a14 14 0 0 1 14-14z'
            : 'M34 30h128a12 12 0 0 1 12 12v36a12 12 0 0 1-12 12H34a30 30 0 0 1 0-60zm1 17a13 13 0 1 0 0 26 13 13 0 0 0 0-26z'
        }
      />
      <path d="M60 34.5h100a9 9 0 0 1 9 9" className={styles.shine} />
      {form === 'usb-a-bio' || form === 'usb-c-bio' ? <FingerReader /> : <Contact x={108} y={60} radius={19} />}
    </g>
  );
}

function NanoBody({ isUsbC }: { readonly isUsbC: boolean }) {
  return (
    <g>
      {isUsbC ? <UsbC x={146} /> : <UsbA x={146} />}
      <path d={isUsbC ? 'M124 42h18a6 6 0 0 1 6 6v24a6 6 0 0 1-6 6h-18a18 18 0 0 1 0-36z' : 'M122 36h20a6 6 0 0 1 6 6v36a6 6 0 0 1-6 6h-20a16 16 0 0 1-16-16V52a16 16 0 0 1 16-16z'} className={styles.body} />
      <Contact x={125} y={60} radius={10} />
    </g>
  );
}

function UsbA({ x }: { readonly x: number }) {
  return (
    <g>
      <rect x={x} y="40" width="62" height="40" rx="3" className={styles.metal} />
      <path d={`M${x + 34} 49h20M${x + 34} 56.3h20M${x + 34} 63.6h20M${x + 34} 71h20`} className={styles.contacts} />
    </g>
  );
}

function UsbC({ x }: { readonly x: number }) {
  return (
    <g>
      <path d={`M${x} 45h34a15 15 0 0 1 0 30h-34z`} className={styles.metal} />
      <path d={`M${x + 12} 60h24`} className={styles.slit} />
    </g>
  );
}

/** The gold disc a finger touches, with the light in it. */
function Contact({ x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number }) {
  return (
    <g>
      <circle cx={x} cy={y} r={radius} className={styles.halo} />
      <circle cx={x} cy={y} r={radius} className={styles.gold} />
      <circle cx={x} cy={y} r={radius * 0.72} className={styles.ring} />
      <circle cx={x} cy={y} r={radius * 0.3} className={styles.light} />
    </g>
  );
}

function FingerReader() {
  return (
    <g>
      <circle cx="108" cy="60" r="20" className={styles.halo} />
      <circle cx="108" cy="60" r="20" className={styles.gold} />
      <path d="M98 66a10 10 0 0 1 20 0M102 68a6 6 0 0 1 12 0M94 62a14 14 0 0 1 28 0" className={styles.lines} />
      <circle cx="108" cy="48" r="3" className={styles.light} />
    </g>
  );
}
