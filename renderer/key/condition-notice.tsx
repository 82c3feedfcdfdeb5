/** The most urgent condition of a key: what is wrong, the way out that loses least, the other ways with what they lose. */
import { Button, UnstyledButton } from '@mantine/core';
import type { ConditionView } from '../../core/ipc.ts';
import type { WayOut } from '../../core/key-care/ways-out.ts';
import { screenOf } from '../care/care-screen.ts';
import { urgencyOf, wordAct, wordCondition, wordLoss } from '../messages/condition-words.ts';
import { useFormats, useMessages } from '../messages/language.tsx';
import { Notice } from '../ui/notice.tsx';
import styles from './condition.module.css';

interface ConditionNoticeProps {
  readonly view: ConditionView;
  readonly onAct: (way: WayOut) => void;
}

export function ConditionNotice({ view, onAct }: ConditionNoticeProps) {
  const { care } = useMessages();
  const formats = useFormats();
  const { condition, waysOut } = view;
  const words = wordCondition(condition, care, formats);
  const [first, ...others] = waysOut;
  const isLoss = urgencyOf(condition) === 'loss';
  // Whoever is locked out fears for what is on the key.
  const saysLoss = first?.loses !== 'nothing' || condition.kind === 'pin-blocked';
  return (
    <Notice tone={isLoss ? 'red' : 'brass'} title={words.title} isAlert>
      {words.text !== undefined && <p>{words.text}</p>}
      {first !== undefined && saysLoss && <p>{wordLoss(first.loses, condition, care)}</p>}
      {first !== undefined && (
        <div className={styles.first}>
          <Act way={first} view={view} onAct={onAct} isFirst />
        </div>
      )}
      {others.length > 0 && (
        <details className={styles.others}>
          <summary>{care.waysOut}</summary>
          <ul>
            {others.map((way) => (
              <li key={way.act} className={styles.way}>
                <Act way={way} view={view} onAct={onAct} />
                <span className={styles.loss}>{wordLoss(way.loses, condition, care)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Notice>
  );
}

interface ActProps extends ConditionNoticeProps {
  readonly way: WayOut;
  readonly isFirst?: boolean;
}

/** A button, or words alone where only another person can help. */
function Act({ way, view, onAct, isFirst = false }: ActProps) {
  const { care } = useMessages();
  const words = wordAct(way, view.condition, care);
  if (screenOf(way.act) === null) return <span className={styles.person}>{words}</span>;
  if (isFirst) {
    return (
      <Button size="md" {...(way.loses === 'everything' ? { color: 'red' } : {})} onClick={() => onAct(way)}>
        {words}
      </Button>
    );
  }
  return (
    <UnstyledButton className={styles.act} onClick={() => onAct(way)}>
      {words}
    </UnstyledButton>
  );
}

interface ConditionLinesProps {
  readonly views: readonly ConditionView[];
  readonly onAct: (way: WayOut) => void;
}

/** What else is to be known, a line each. */
export function ConditionLines({ views, onAct }: ConditionLinesProps) {
  const { care } = useMessages();
  const formats = useFormats();
  if (views.length === 0) return null;
  return (
    <ul className={styles.lines}>
      {views.map((view) => {
        const [first] = view.waysOut;
        return (
          <li key={view.condition.kind} className={styles.line}>
            <span>{wordCondition(view.condition, care, formats).title}</span>
            {first !== undefined && <Act way={first} view={view} onAct={onAct} />}
          </li>
        );
      })}
    </ul>
  );
}
