// What the instruments draw with.
export function element(tag, className, data = {}, text = '') {
  const made = Object.assign(document.createElement(tag), { className, textContent: text });
  Object.assign(made.dataset, data);
  return made;
}

export const button = (text, name, value) => Object.assign(element('button', 'button small', { [name]: value }, text), { type: 'button' });

/** A response in small, for the panel: its letter, which leads to it and may be dragged, and how it begins. */
export function chip(position, name, card, label, isDraggable) {
  const made = element('div', 'chip', { position });
  const grip = button(name, 'chip', '');
  grip.className = 'chip-grip';
  if (isDraggable) grip.dataset.grip = '';
  grip.setAttribute('aria-label', label);
  const excerpt = element('span', 'excerpt', {}, card.querySelector('.text').textContent.trim().slice(0, 80));
  excerpt.dir = 'auto';
  excerpt.setAttribute('aria-hidden', 'true');
  made.append(grip, excerpt);
  return made;
}
