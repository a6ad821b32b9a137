// Reading one response over the whole window. Everything else steps aside; the ways to rank stay on the response itself.
export class Reader {
  #form; #cards; #position = null; #from; #aside = [];

  constructor(form, cards) {
    this.#form = form;
    this.#cards = cards;
  }

  get isOpen() { return this.#position !== null; }

  open(position) {
    if (!this.isOpen) {
      this.#from = document.activeElement;
      this.#form.dataset.reading = '';
      // What lies behind must not be reachable by Tab.
      for (let element = this.#form; element !== document.body; element = element.parentElement) {
        this.#aside.push(...[...element.parentElement.children].filter(other => other !== element && !other.inert));
      }
      for (const other of this.#aside) other.inert = true;
    }
    this.#show(position);
  }

  /** True when there was something to close. */
  close() {
    if (!this.isOpen) return false;
    const card = this.#cards[this.#position];
    this.#show(null);
    delete this.#form.dataset.reading;
    for (const other of this.#aside.splice(0)) other.inert = false;
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    (card.contains(this.#from) && this.#from.checkVisibility() ? this.#from : card).focus({ preventScroll: true });
    return true;
  }

  /** To the next response, or with −1 to the one before; stays at the ends. */
  step(by) { this.#show(Math.max(0, Math.min(this.#cards.length - 1, this.#position + by))); }

  #show(position) {
    this.#position = position;
    this.#cards.forEach((card, index) => card.classList.toggle('reading', index === position));
    if (position === null) return;
    const card = this.#cards[position];
    card.querySelector('[data-previous]').disabled = position === 0;
    card.querySelector('[data-next]').disabled = position === this.#cards.length - 1;
    card.scrollTop = 0;
    card.focus({ preventScroll: true });
  }
}
