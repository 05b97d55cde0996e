/** A menu that opens below its button: Esc and a press elsewhere close it. */

/** Returns what closes the menu. */
export function closableMenu(details: HTMLDetailsElement): () => void {
  const close = () => {
    // Keys go on from the button, not from the top of the page.
    const summary = details.querySelector('summary');
    if (details.contains(document.activeElement) && document.activeElement !== summary) summary?.focus();
    details.open = false;
  };
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !details.open) return;
    event.stopPropagation();
    close();
  });
  document.addEventListener('pointerdown', ({ target }) => {
    if (details.open && !details.contains(target as Node)) close();
  });
  return close;
}
