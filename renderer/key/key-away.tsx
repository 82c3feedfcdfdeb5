import { call } from '../bridge.ts';
import { useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemPanel } from '../ui/problem-panel.tsx';
import type { FollowedKey } from './followed-key.ts';

/** Why nothing can be done right now, and what helps; nothing while the key is there. */
export function KeyAway({ securityKey }: { readonly securityKey: FollowedKey }) {
  const { care, key } = useMessages();
  const { isPresent, obstacle } = securityKey;
  if (obstacle !== null) {
    return (
      <ProblemPanel failure={obstacle} actions={{ restart: () => void call('keys.restart', {}) }}>
        {obstacle.kind !== 'device-process-ended' && <p>{key.recovers}</p>}
      </ProblemPanel>
    );
  }
  if (isPresent) return null;
  return (
    <Notice tone="brass" isAlert>
      {care.keyGone}
    </Notice>
  );
}
