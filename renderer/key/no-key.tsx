import { useMessages } from '../messages/language.tsx';
import { KeyDrawing } from '../ui/key-drawing.tsx';
import { Screen } from '../ui/screen.tsx';
import { RenewalsDue } from './renewals-due.tsx';
import styles from './key.module.css';

/** The empty place: what to do, drawn. */
export function NoKey() {
  const { key, drawing } = useMessages();
  return (
    <div className={styles.empty}>
      <Screen title={key.none.title} lead={key.none.lead} isCentered>
        <figure className={styles.emptyFigure}>
          <KeyDrawing form="usb-a-keychain" isUnplugged label={drawing.empty} />
        </figure>
        <p className={styles.hint}>{key.none.hint}</p>
        <RenewalsDue />
      </Screen>
    </div>
  );
}
