/** Where on a screen of care a failure is told. */
import type { Failure } from '../../core/failures.ts';

/**
 *   fields       over the form, whose fields can put it right
 *   interrupted  nobody knows how far it came: over the form, once the key is there again
 *   blocked      nothing is to be typed any more: in the place of the form, with the way out
 *   panel        in the place of the form, until the person tries again
 */
export type FailurePlace = 'fields' | 'interrupted' | 'blocked' | 'panel';

export function placeOf({ kind }: Failure): FailurePlace {
  switch (kind) {
    case 'pin-wrong':
    case 'puk-wrong':
    case 'pin-invalid':
    case 'management-key-unknown':
    case 'management-key-malformed':
    case 'attempts-invalid':
    case 'serial-mismatch':
      return 'fields';
    case 'security-key-removed':
    case 'security-key-unresponsive':
    case 'device-process-ended':
    case 'smart-card-service-missing':
      return 'interrupted';
    case 'pin-blocked':
    case 'puk-blocked':
      return 'blocked';
    default:
      return 'panel';
  }
}
