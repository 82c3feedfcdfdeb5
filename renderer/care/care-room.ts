import type { ConditionView } from '../../core/ipc.ts';
import type { WayOut } from '../../core/key-care/ways-out.ts';
import type { SecurityKeyFacts } from '../../core/security-key.ts';
import type { FollowedKey } from '../key/followed-key.ts';
import type { ProblemActions } from '../ui/problem-panel.tsx';
import type { CareScreen } from './care-screen.ts';

/** What every screen of care can lead to. */
export interface CareActs {
  readonly onBack: () => void;
  readonly onScreen: (screen: CareScreen) => void;
  readonly onEnroll: () => void;
  readonly onWay: (way: WayOut) => void;
  readonly problemActions: ProblemActions;
}

/** The key that is looked after, and the way around it: what every screen of care gets. */
export interface CareRoom {
  readonly securityKey: FollowedKey;
  readonly facts: SecurityKeyFacts;
  readonly conditions: readonly ConditionView[];
  readonly acts: CareActs;
}
