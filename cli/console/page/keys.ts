/** The arrow keys, and j and k, go from link to link of a list. */
export function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const list = event.currentTarget;
  if (!(list instanceof HTMLElement)) return;
  const links = [...list.querySelectorAll('a')];
  const next = links[links.findIndex((link) => link.matches(':focus')) + step];
  if (!next) return;
  next.focus();
  event.preventDefault();
}
