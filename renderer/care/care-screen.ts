/** Where in the care of a key the person is, and which screen a way out leads to. */
import type { CareAct } from '../../core/key-care/ways-out.ts';
import type { PivSlot } from '../../core/piv-slots.ts';

export type CareScreen =
  | { readonly kind: 'list' }
  | { readonly kind: 'change-pin' }
  | { readonly kind: 'check-pin' }
  | { readonly kind: 'unblock-pin' }
  | { readonly kind: 'change-puk' }
  | { readonly kind: 'lock' }
  | { readonly kind: 'retries' }
  | { readonly kind: 'inventory' }
  | { readonly kind: 'slot'; readonly slot: PivSlot }
  | { readonly kind: 'delete'; readonly slot: PivSlot }
  | { readonly kind: 'retire' }
  | { readonly kind: 'reset' };

export type CareScreenKind = CareScreen['kind'];

/** Where a way out leads: a screen of care, to enrolling, or (null) out of the app, to a person. */
export function screenOf(act: CareAct): CareScreen | 'enroll' | null {
  switch (act) {
    case 'enter-pin':
      return { kind: 'check-pin' };
    case 'change-pin':
      return { kind: 'change-pin' };
    case 'unblock-pin':
      return { kind: 'unblock-pin' };
    case 'change-puk':
      return { kind: 'change-puk' };
    case 'set-retries':
      return { kind: 'retries' };
    case 'rotate-management-key':
    case 'enter-management-key':
      return { kind: 'lock' };
    case 'delete-certificate':
      return { kind: 'delete', slot: '9a' };
    case 'retire-key':
    case 'go-on-retiring':
      return { kind: 'retire' };
    case 'reset':
    case 'go-on-resetting':
      return { kind: 'reset' };
    case 'enroll':
    case 'go-on-enrolling':
      return 'enroll';
    case 'ask-administrator':
      return null;
  }
}

/** Where Back leads from a screen that was reached inside of care; null: out of it. */
export function screenBefore(screen: CareScreen): CareScreen | null {
  switch (screen.kind) {
    case 'list':
      return null;
    case 'slot':
      return { kind: 'inventory' };
    case 'delete':
      return { kind: 'slot', slot: screen.slot };
    default:
      return { kind: 'list' };
  }
}
