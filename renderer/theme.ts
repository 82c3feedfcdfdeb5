/** Mantine in our colours: base.css has the values, this says which of them a variant of a button takes. */
import { createTheme, localStorageColorSchemeManager, type VariantColorsResolver } from '@mantine/core';

const variantColorResolver: VariantColorsResolver = ({ variant, color }) => {
  const tone = color === 'red' ? 'red' : 'spruce';
  const border = '1px solid transparent';
  switch (variant) {
    case 'filled':
      return {
        background: `var(--lk-${tone})`,
        hover: `var(--lk-${tone}-deep)`,
        color: tone === 'spruce' ? 'var(--lk-on-spruce)' : 'var(--lk-surface)',
        border,
      };
    case 'light':
      return { background: `var(--lk-${tone}-wash)`, hover: `var(--lk-${tone}-wash)`, color: `var(--lk-${tone}-text)`, border };
    default:
      return { background: 'transparent', hover: `var(--lk-${tone}-wash)`, color: `var(--lk-${tone}-text)`, border };
  }
};

export const theme = createTheme({
  variantColorResolver,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
});

/** The chosen appearance: 'auto' follows the system. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'latchkey-theme' });
