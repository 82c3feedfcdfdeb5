/** Looking after one key: the list, or one of its screens. Follows the key while it is pulled and plugged in. */
import '../forms.css';
import type { ReactNode } from 'react';
import type { WayOut } from '../../core/key-care/ways-out.ts';
import { useFollowedKey } from '../key/followed-key.ts';
import { KeyAway } from '../key/key-away.tsx';
import { useConditions } from '../key/use-conditions.ts';
import { useMessages } from '../messages/language.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Screen } from '../ui/screen.tsx';
import { Stage } from '../ui/stage.tsx';
import { CareList } from './care-list.tsx';
import type { CareRoom } from './care-room.ts';
import { screenOf, type CareScreen, type CareScreenKind } from './care-screen.ts';
import { DeleteCertificate } from './delete-screen.tsx';
import { InventoryScreen } from './inventory-screen.tsx';
import { LockScreen } from './lock-screen.tsx';
import { ChangePin, CheckPin, UnblockPin } from './pin-screens.tsx';
import { ChangePuk } from './puk-screen.tsx';
import { Reset } from './reset-screen.tsx';
import { Retire } from './retire-screen.tsx';
import { Retries } from './retries-screen.tsx';
import { SlotScreen } from './slot-screen.tsx';
import { useInventory, type Inventory } from './use-inventory.ts';

/** Screens that show or take away what the key holds. */
const NEEDS_INVENTORY: readonly CareScreenKind[] = ['inventory', 'slot', 'delete', 'reset'];

interface CarePlaceProps {
  readonly identity: string;
  readonly screen: CareScreen;
  readonly onScreen: (screen: CareScreen) => void;
  readonly onBack: () => void;
  readonly onEnroll: () => void;
}

export function CarePlace({ identity, screen, onScreen, onBack, onEnroll }: CarePlaceProps) {
  const { care } = useMessages();
  const securityKey = useFollowedKey(identity);
  const conditions = useConditions(securityKey.readerName, securityKey.facts) ?? [];
  const inventory = useInventory(securityKey, NEEDS_INVENTORY.includes(screen.kind));
  const { facts } = securityKey;
  const onWay = (way: WayOut): void => {
    const next = screenOf(way.act);
    if (next === 'enroll') onEnroll();
    else if (next !== null) onScreen(next);
  };
  const acts = { onBack, onScreen, onEnroll, onWay, problemActions: { 'unblock-pin': () => onScreen({ kind: 'unblock-pin' }), lock: () => onScreen({ kind: 'lock' }) } };
  if (facts === null) {
    return (
      <Screen title={care.list.title} onBack={onBack}>
        <Stage>
          <KeyDrawing form={null} isUnplugged />
        </Stage>
        <KeyAway securityKey={securityKey} />
      </Screen>
    );
  }
  return showScreen(screen, { securityKey, facts, conditions, acts }, inventory);
}

function showScreen(screen: CareScreen, room: CareRoom, inventory: Inventory): ReactNode {
  switch (screen.kind) {
    case 'list':
      return <CareList room={room} />;
    case 'change-pin':
      return <ChangePin room={room} />;
    case 'check-pin':
      return <CheckPin room={room} />;
    case 'unblock-pin':
      return <UnblockPin room={room} />;
    case 'change-puk':
      return <ChangePuk room={room} />;
    case 'lock':
      return <LockScreen room={room} />;
    case 'retries':
      return <Retries room={room} />;
    case 'inventory':
      return <InventoryScreen room={room} inventory={inventory} />;
    case 'slot':
      return <SlotScreen room={room} inventory={inventory} slot={screen.slot} />;
    case 'delete':
      return <DeleteCertificate room={room} inventory={inventory} slot={screen.slot} />;
    case 'retire':
      return <Retire room={room} />;
    case 'reset':
      return <Reset room={room} inventory={inventory} />;
  }
}
