// Full ranking and top-k: three equal ways to give ranks (tap, drag, keys) over the form's selects.
import { ordinal, say } from './Language/words.js';
import { chip, element } from './ranking-elements.js';
import { letter, RankingSlots } from './ranking-slots.js';

export class Ranks {
  #host; #cards; #selects; #slots; #hasTies; #limit;

  constructor(host) {
    this.#host = host;
    this.#cards = host.cards;
    this.#selects = [...host.form.querySelectorAll('select[name="Rank"]')];
    this.#hasTies = host.form.dataset.ties === 'true';
    this.#limit = Math.min(Number(host.form.dataset.ranks), this.#cards.length);
    this.read();
  }

  // ---- the answer ----

  read() { this.#slots = new RankingSlots(this.#cards.length, this.#selects.map(select => Number(select.value) || null), this.#limit); }

  get answer() { return { ranking: this.#slots.toString(), scores: [] }; }

  fieldsOf({ ranking }) { return RankingSlots.slotsOf(this.#cards.length, ranking).map(slot => ['Rank', slot ?? '']); }

  get isEmpty() { return this.#slots.missing.length === this.#cards.length; }
  get missing() { return this.#slots.isFull ? [] : this.#slots.missing; }

  /** What is missing, in words; null when nothing is. The server says the same sentences. */
  problem(allBad) {
    if (!this.missing.length) return null;
    const letters = this.#slots.missing.map(letter).join(', ');
    if (this.#limit < this.#cards.length) {
      return this.isEmpty ? say('Nothing is ranked yet. Rank the best {0}.', this.#limit)
        : allBad ? say('You ticked “None is acceptable” and ranked fewer than {0}. Rank the best {0}, or clear the ranking.', this.#limit)
          : say('Rank the best {0}: {1} of them so far.', this.#limit, this.#cards.length - this.#slots.missing.length);
    }
    return this.isEmpty ? this.#hasTies ? say('Nothing is ranked yet. Give every response a rank; equal ranks are fine.') : say('Nothing is ranked yet. Give every response a rank of its own.')
      : allBad ? say('You ticked “None is acceptable” and ranked only some. Rank {0} as well, or clear the ranking.', letters)
        : say('Still without a rank: {0}.', letters);
  }

  clear() { this.#slots.clear(); }

  get clearWords() { return say('Clear the ranking'); }

  get summary() {
    const parts = this.#slots.tiers.map(tier => `${tier.slot} ${tier.positions.map(letter).join(' = ')}`);
    if (!parts.length) return say('No ranks yet');
    const missing = this.missing.map(letter).join(', ');
    return parts.join(' · ') + (missing && this.#limit === this.#cards.length ? ` · ${say('without a rank: {0}', missing)}` : '');
  }

  /** What has been done, for the steps of the practice. */
  get facts() { return { some: !this.isEmpty, tie: this.#slots.tiers.some(tier => tier.positions.length > 1), all: !this.missing.length }; }

  // ---- the three ways in ----

  click(button, position) {
    const has = name => name in button.dataset;
    if (has('give')) return this.#did(position, this.#slots.place(position, this.#slots.nextFree ?? this.#limit));
    if (has('up')) return this.#did(position, this.#slots.up(position));
    if (has('down')) return this.#did(position, this.#slots.down(position));
    if (has('tie')) return this.#tie(position);
    if (has('remove')) return this.#did(position, this.#slots.remove(position));
    return false;
  }

  key(event, position) {
    const isRanked = this.#slots.slotOf(position) !== null;
    if (/^[1-9]$/.test(event.key)) return Number(event.key) <= this.#limit && this.#did(position, this.#slots.place(position, Number(event.key)));
    if (event.key === '=') return this.#tie(position);
    if (event.key === 'ArrowUp' && isRanked) return this.#did(position, this.#slots.up(position));
    if (event.key === 'ArrowDown' && isRanked) return this.#did(position, this.#slots.down(position));
    if (event.key === 'Backspace' || event.key === 'Delete') return this.#did(position, this.#slots.remove(position));
    return false;
  }

  drop(position, slot, where) {
    const number = Number(slot.dataset.slot);
    const tier = this.#slots.tiers.find(tier => tier.slot === number);
    const from = this.#slots.slotOf(position);
    const other = tier?.positions.find(other => other !== position);
    if (where === 'onto' && other !== undefined && this.#hasTies) this.#did(position, this.#slots.tieTo(position, other));
    else if (where === 'after' && tier) this.#did(position, this.#slots.place(position, number + tier.positions.length - (from !== null && from < number ? 1 : 0)));
    else if (where === 'before' && tier) this.#did(position, this.#slots.place(position, from !== null && from < number ? number - 1 : number));
    else this.#did(position, this.#slots.place(position, number));
  }

  #did(position, change) {
    if (change !== false) this.#host.changed(position);
    return true;
  }

  #tie(position) {
    if (!this.#hasTies) this.#host.hint(say('This study asks for an order without ties.'));
    else if (this.#slots.toggleTie(position)) this.#host.changed(position);
    else this.#host.hint(say('Nothing is ranked above {0} to tie it with.', letter(position)));
    return true;
  }

  // ---- drawing ----

  render() {
    const slots = this.#slots;
    const next = slots.nextFree;
    this.#cards.forEach((card, position) => {
      const slot = slots.slotOf(position);
      const tied = slots.tiedWith(position);
      this.#selects[position].value = slot ?? '';
      card.classList.toggle('ranked', slot !== null);
      card.querySelector('[data-spoken]').textContent = slot === null ? say(', without a rank')
        : tied.length ? say(', rank {0} of {1}, tied with {2}', slot, slots.limit, tied.map(letter).join(', '))
          : say(', rank {0} of {1}', slot, slots.limit);
      const give = card.querySelector('[data-give]');
      const placed = card.querySelector('[data-placed]');
      const had = card.contains(document.activeElement) && document.activeElement !== card;
      give.hidden = slot !== null || !next;
      placed.hidden = slot === null;
      // A button that vanishes under the finger or the focus hands the focus to its card.
      if (had && document.activeElement.closest('[hidden]')) card.focus({ preventScroll: true });
      if (slot === null && next) {
        give.textContent = say('Rank {0}', ordinal(next));
        give.setAttribute('aria-label', say('Rank {0}: response {1}', ordinal(next), letter(position)));
      }
      card.querySelector('[data-place]').textContent = slot === null ? '' : (tied.length ? '=' : '') + ordinal(slot);
      const tie = card.querySelector('[data-tie]');
      tie.hidden = !this.#hasTies;
      tie.setAttribute('aria-pressed', String(tied.length > 0));
      tie.title = tied.length ? say('Untie') : say('Tie with the rank above');
      tie.setAttribute('aria-label', tied.length ? say('Untie {0}', letter(position)) : say('Tie {0} with the rank above', letter(position)));
    });
  }

  *panel() {
    for (let slot = 1; slot <= this.#slots.limit;) {
      const tier = this.#slots.tiers.find(tier => tier.slot === slot);
      const item = element('li', `slot${tier ? ' filled' : ''}`, { slot });
      item.append(element('span', 'number', {}, slot));
      if (tier) {
        const size = tier.positions.length;
        if (size > 1) item.classList.add(size > 4 ? 'covers-more' : `covers-${size}`);
        const cards = element('div', 'cards');
        cards.append(...tier.positions.map(position => chip(position, letter(position), this.#cards[position], say('Go to response {0}', letter(position)), true)));
        item.append(cards);
      } else {
        item.setAttribute('aria-label', say('Rank {0}: empty', slot));
      }
      yield item;
      slot += tier?.positions.length ?? 1;
    }
  }
}
