/** Dark or light: what the annotator chose, else what the system says. */
export function lookOf(theme: 'auto' | 'dark' | 'light', systemIsLight: boolean): 'dark' | 'light' {
  return theme === 'auto' ? (systemIsLight ? 'light' : 'dark') : theme;
}

export function isDark(): boolean {
  return document.documentElement.dataset.look !== 'light';
}
