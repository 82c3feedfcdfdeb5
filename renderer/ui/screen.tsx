/** One thing a screen: a heading that takes the focus, what it is about, the actions; Esc and Back lead back. */
import { UnstyledButton } from '@mantine/core';
import { createContext, useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { useMessages } from '../messages/language.tsx';
import { Icon } from './icons.tsx';
import styles from './screen.module.css';

interface ScreenProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** A short line over the title, such as "Question 1 of 3". */
  readonly over?: ReactNode;
  readonly onBack?: (() => void) | undefined;
  readonly backLabel?: string;
  /** The main button first; others after it. */
  readonly actions?: ReactNode;
  /** Stays beside the content, or over it in a small window. */
  readonly aside?: ReactNode;
  readonly isWide?: boolean;
  readonly isCentered?: boolean;
  readonly children?: ReactNode;
}

/** Focus goes to the heading when the title changes; the very first screen of the window leaves it where it is. */
let isFirstScreen = true;

/** What scrolls around the content of a screen. */
export const Scroller = createContext<RefObject<HTMLDivElement | null>>({ current: null });

const CONTROLS = 'button, input, textarea, summary, [tabindex="0"]';

/** Whether a screen has to take the focus itself, to be scrolled by keyboard: it is too long, and has no control. */
function useNeedsFocus(scroller: RefObject<HTMLDivElement | null>): boolean {
  const [needsFocus, setNeedsFocus] = useState(false);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = (): void => setNeedsFocus(element.scrollHeight > element.clientHeight && element.querySelector(CONTROLS) === null);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, [scroller]);
  return needsFocus;
}

export function Screen({ title, lead, over, onBack, backLabel, actions, aside, isWide = false, isCentered = false, children }: ScreenProps) {
  const { app } = useMessages();
  const heading = useRef<HTMLHeadingElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const shownTitle = useRef<string | null>(null);
  const isFocusable = useNeedsFocus(scroller);

  useEffect(() => {
    if (shownTitle.current === title) return;
    shownTitle.current = title;
    if (!isFirstScreen) heading.current?.focus({ preventScroll: true });
    isFirstScreen = false;
    scroller.current?.scrollTo(0, 0);
  }, [title]);

  useEffect(() => {
    if (onBack === undefined) return;
    const leave = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) onBack();
    };
    window.addEventListener('keydown', leave);
    return () => window.removeEventListener('keydown', leave);
  }, [onBack]);

  return (
    <div className={styles.screen}>
      <div className={styles.scroller} ref={scroller} tabIndex={isFocusable ? 0 : undefined}>
        <div className={styles.column} data-wide={isWide || aside !== undefined || undefined} data-centered={isCentered || undefined}>
          {onBack !== undefined && (
            <UnstyledButton className={styles.back} onClick={onBack}>
              <Icon name="back" size={18} />
              {backLabel ?? app.back}
            </UnstyledButton>
          )}
          <div className={aside === undefined ? undefined : styles.withAside}>
            <div className={styles.main}>
              <header className={styles.header}>
                {over !== undefined && <p className={styles.over}>{over}</p>}
                <h1 ref={heading} tabIndex={-1} className={styles.title}>
                  {title}
                </h1>
                {lead !== undefined && <p className={styles.lead}>{lead}</p>}
              </header>
              <Scroller value={scroller}>{children}</Scroller>
              {actions !== undefined && <div className={styles.actions}>{actions}</div>}
            </div>
            {aside !== undefined && <div className={styles.aside}>{aside}</div>}
          </div>
        </div>
      </div>
    </div>
  );
}
