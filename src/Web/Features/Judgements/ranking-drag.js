// Drag with mouse, pen or finger, by handles only: scrolling can never reorder. Everything it does can be done by tap and by key too.
const threshold = 5;

/**
 * @param root listens here; handles are [data-grip] inside an element with data-position
 * @param drop called with (position, slot element, 'onto' | 'before' | 'after')
 */
export function makeDraggable(root, letterOf, drop) {
  root.addEventListener('pointerdown', event => {
    const grip = event.target.closest('[data-grip]');
    if (!grip || event.button !== 0 || !event.isPrimary) return;
    const position = Number(grip.closest('[data-position]').dataset.position);
    const start = { x: event.clientX, y: event.clientY };
    let ghost, target;
    event.preventDefault();

    // A second finger neither moves nor ends what the first one drags.
    const { pointerId } = event;
    const move = event => {
      if (event.pointerId !== pointerId) return;
      if (!ghost) {
        if (Math.hypot(event.clientX - start.x, event.clientY - start.y) < threshold) return;
        ghost = document.createElement('div');
        ghost.className = 'drag-ghost';
        ghost.textContent = letterOf(position);
        root.append(ghost);
      }
      ghost.style.transform = `translate(${event.clientX - 22}px, ${event.clientY - 22}px)`;
      mark(target, null);
      target = targetAt(root, event.clientX, event.clientY);
      mark(target, target?.where);
    };
    const finish = event => {
      if (event && event.pointerId !== pointerId) return;
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', finish);
      removeEventListener('pointercancel', cancel);
      removeEventListener('keydown', escape, true);
      ghost?.remove();
      mark(target, null);
      if (!ghost || event === null) return;
      // The click that ends a drag is not a tap; it comes in this turn of the event loop or not at all.
      const swallow = click => { click.preventDefault(); click.stopPropagation(); };
      addEventListener('click', swallow, { capture: true });
      setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
      if (target) drop(position, target.slot, target.where);
    };
    const cancel = event => { if (event.pointerId === pointerId) finish(null); };
    const escape = event => { if (event.key === 'Escape') { event.stopPropagation(); finish(null); } };
    addEventListener('pointermove', move);
    addEventListener('pointerup', finish);
    addEventListener('pointercancel', cancel);
    addEventListener('keydown', escape, true);
  });
}

function targetAt(root, x, y) {
  const slot = document.elementFromPoint(x, y)?.closest('.slot');
  if (!slot || !root.contains(slot)) return undefined;
  if (!slot.classList.contains('filled')) return { slot, where: 'onto' };
  const box = slot.getBoundingClientRect();
  const isColumn = getComputedStyle(slot.parentElement).display === 'flex';
  // A line begins on the right where people write that way.
  const across = getComputedStyle(slot).direction === 'rtl' ? box.right - x : x - box.left;
  const along = isColumn ? (y - box.top) / box.height : across / box.width;
  return { slot, where: along < .28 ? 'before' : along > .72 ? 'after' : 'onto' };
}

function mark(target, where) {
  if (!target) return;
  target.slot.classList.remove('drop-here', 'drop-before', 'drop-after');
  if (where) target.slot.classList.add(where === 'onto' ? 'drop-here' : `drop-${where}`);
}
