import { UnstyledButton } from '@mantine/core';
import { useMessages } from '../messages/language.tsx';
import styles from './queue.module.css';

/** What an officer can look at. */
export const SECTIONS = ['requests', 'certificates', 'invitations', 'people', 'audit'] as const;
export type Section = (typeof SECTIONS)[number];

interface SectionsProps {
  readonly section: Section;
  readonly onSection: (section: Section) => void;
}

/** The quiet navigation inside the place of those who decide. */
export function Sections({ section, onSection }: SectionsProps) {
  const { officers } = useMessages();
  return (
    <nav className={styles.tabs} aria-label={officers.sections.title}>
      {SECTIONS.map((each) => (
        <UnstyledButton key={each} className={styles.tab} aria-current={each === section ? 'page' : undefined} onClick={() => onSection(each)}>
          {officers.sections[each]}
        </UnstyledButton>
      ))}
    </nav>
  );
}
