import { UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useMessages } from '../messages/language.tsx';
import { announce } from './announcer.tsx';
import styles from './problem-panel.module.css';

/** Copies text that is no secret. The page has no permission for the clipboard API; the old command needs none. */
export function CopyButton({ text }: { readonly text: string }) {
  const { app } = useMessages();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (): void => {
    if (copyText(text)) {
      setCopied(true);
      announce(app.copied);
    }
  };
  return (
    <UnstyledButton className={styles.copy} onClick={copy}>
      {isCopied ? app.copied : app.copy}
    </UnstyledButton>
  );
}

function copyText(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
