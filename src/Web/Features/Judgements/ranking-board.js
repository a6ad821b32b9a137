// The ranking page: three equal ways to rank (tap, drag, keys) over one state, whose fields are the form's own selects.
import { makeDraggable } from './ranking-drag.js';
import { RankingKeeper, sendLeftovers } from './ranking-keeper.js';
import { letter, RankingSlots } from './ranking-slots.js';
import { clock, ordinal, say } from './Language/words.js';

class RankingBoard {
  #form; #cards; #selects; #allBad; #keeper; #ranking; #parts;

  constructor(form) {
    this.#form = form;
    this.#cards = [...form.querySelectorAll('article[data-position]')];
    this.#selects = [...form.querySelectorAll('select[name="Rank"]')];
    this.#allBad = form.querySelector('[data-all-bad]');
    this.#parts = Object.fromEntries(['slots', 'summary', 'problem', 'problem-text', 'problem-actions', 'status', 'help-dialog']
      .map(name => [name, form.querySelector(`[data-${name}]`)]));

    const { assignment, judgement, sequence, ranking } = form.dataset;
    const fresh = RankingSlots.parse(this.#cards.length, ranking);
    this.#keeper = new RankingKeeper(
      { assignmentId: assignment, judgementId: judgement, action: form.getAttribute('action'), slots: fresh.slots, ranking, allBad: this.#allBad.checked, sequence: Number(sequence) },
      (state, detail) => this.#say(state, detail),
      record => this.#show(record));

    form.addEventListener('click', event => this.#onClick(event));
    form.addEventListener('keydown', event => this.#onKey(event));
    form.addEventListener('submit', event => { event.preventDefault(); this.#submit(); });
    this.#allBad.addEventListener('change', () => this.#changed());
    makeDraggable(form, letter, (position, slot, where) => this.#onDrop(position, slot, where));
    form.dataset.ready = '';
    this.#show(this.#keeper.start());
  }

  #show(record) {
    this.#ranking = record.slots ? new RankingSlots(this.#cards.length, record.slots) : RankingSlots.parse(this.#cards.length, record.ranking);
    this.#allBad.checked = record.allBad;
    if (!record.slots) this.#keeper.adopted(this.#ranking.slots);
    this.#render();
  }

  #changed() {
    this.#parts.problem.hidden = true;
    this.#render();
    this.#keeper.change(this.#ranking.slots, this.#ranking.toString(), this.#allBad.checked);
  }

  // ---- the three ways in ----

  #onClick(event) {
    const button = event.target.closest('button');
    if (!button || button.type === 'submit') return;
    const position = Number(button.closest('[data-position]')?.dataset.position);
    const has = name => name in button.dataset;
    if (has('help')) this.#parts['help-dialog'].showModal();
    else if (has('closeHelp')) this.#parts['help-dialog'].close();
    else if (has('clear')) { this.#ranking.clear(); this.#changed(); this.#cards[0].focus(); }
    else if (has('goTo')) this.#goTo(Number(button.dataset.goTo));
    else if (has('chip')) this.#goTo(position);
    else if (has('give')) { this.#ranking.place(position, this.#ranking.nextFree); this.#changed(); }
    else if (has('up')) { if (this.#ranking.up(position)) this.#changed(); }
    else if (has('down')) { if (this.#ranking.down(position)) this.#changed(); }
    else if (has('tie')) this.#tie(position);
    else if (has('remove')) { this.#ranking.remove(position); this.#changed(); }
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#parts['help-dialog'].open || event.target.matches('input, select, textarea')) return;
    if (event.key === '?') { this.#parts['help-dialog'].showModal(); event.preventDefault(); return; }
    const card = event.target.closest('article[data-position]');
    if (!card) return;
    const position = Number(card.dataset.position);
    const isCard = event.target === card;
    const isRanked = this.#ranking.slotOf(position) !== null;
    const act = (does, andThen = () => this.#changed()) => { event.preventDefault(); if (does !== false) andThen(); };
    const step = by => act(true, () => this.#goTo(Math.max(0, Math.min(this.#cards.length - 1, position + by))));
    if (/^[1-9]$/.test(event.key)) act(this.#ranking.place(position, Number(event.key)));
    else if (event.key === '=') act(true, () => this.#tie(position));
    else if (event.key === 'ArrowUp' && isRanked) act(this.#ranking.up(position));
    else if (event.key === 'ArrowDown' && isRanked) act(this.#ranking.down(position));
    else if (event.key === 'Backspace' || event.key === 'Delete') act(this.#ranking.remove(position));
    else if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
    else if (event.key === 'Enter' && isCard) act(true, () => this.#submit());
  }

  #onDrop(position, slot, where) {
    const number = Number(slot.dataset.slot);
    const tier = this.#ranking.tiers.find(tier => tier.slot === number);
    if (where === 'onto' && tier?.positions.some(other => other !== position)) this.#ranking.tieTo(position, tier.positions.find(other => other !== position));
    else if (where === 'after' && tier) {
      const from = this.#ranking.slotOf(position);
      this.#ranking.place(position, number + tier.positions.length - (from !== null && from < number ? 1 : 0));
    } else if (where === 'before' && tier) {
      const from = this.#ranking.slotOf(position);
      this.#ranking.place(position, from !== null && from < number ? number - 1 : number);
    } else this.#ranking.place(position, number);
    this.#changed();
  }

  #tie(position) {
    if (this.#ranking.toggleTie(position)) this.#changed();
    else this.#parts.summary.textContent = say('Nothing is ranked above {0} to tie it with.', letter(position));
  }

  #goTo(position) {
    const card = this.#cards[position];
    card.scrollIntoView({ block: 'nearest', inline: 'start' });
    card.focus({ preventScroll: true });
  }

  // ---- submit ----

  #submit() {
    const { missing } = this.#ranking;
    const count = this.#cards.length;
    if (!missing.length || (this.#allBad.checked && missing.length === count)) {
      this.#parts.problem.hidden = true;
      this.#keeper.submit();
      return;
    }
    const names = missing.map(letter).join(', ');
    this.#explain(this.#allBad.checked
      ? say('You ticked “None is acceptable” and ranked only some. Rank {0} as well, or clear the ranking.', names)
      : missing.length === count ? say('Nothing is ranked yet. Give every response a rank; equal ranks are fine.') : say('Still without a rank: {0}.', names),
    missing, this.#allBad.checked);
  }

  #explain(text, missing, canClear = false) {
    this.#parts['problem-text'].textContent = text;
    const buttons = missing.slice(0, 9).map(position => button(say('Go to {0}', letter(position)), 'goTo', position));
    if (canClear) buttons.push(button(say('Clear the ranking'), 'clear', ''));
    this.#parts['problem-actions'].replaceChildren(...buttons);
    this.#parts.problem.hidden = false;
    this.#parts.problem.focus();
  }

  // ---- what the keeper has to say ----

  #say(state, detail) {
    const link = (text, href) => Object.assign(document.createElement('a'), { textContent: text, href });
    const words = {
      saving: () => [say('Saving…')],
      sending: () => [say('Submitting…')],
      saved: () => [say('Saved {0}', clock(detail.at))],
      note: () => [detail.message],
      away: () => [detail.submit
        ? say('Not reachable: your submitted ranking is kept on this device and will be sent. You may close this page.')
        : say('Not reachable: kept on this device; trying again')],
      signedOut: () => [say('You have been signed out. Your ranking is kept on this device.') + ' ', link(say('Sign in again'), location.pathname)],
      notYours: () => [say('This prompt belongs to another account.') + ' ', link(say('Load the page again'), location.pathname)],
      refused: () => [say('This page is out of date; your ranking is kept on this device.') + ' ', link(say('Load it again'), location.pathname)],
      submitted: () => [say('This ranking was submitted in another tab.') + ' ', link(say('Next prompt'), location.pathname)],
      recorded: () => [say('Recorded. Thank you.')],
      alreadyRecorded: () => [say('Recorded. Thank you.')],
      conflict: () => [`${detail.message} `, link(say('Next prompt'), location.pathname)],
      leaseExpired: () => [`${detail.message} `, link(say('Next prompt'), location.pathname)],
      studyClosed: () => [detail.message],
      invalid: () => [detail.message],
    }[state]();
    this.#parts.status.replaceChildren(...words);
    this.#parts.status.dataset.state = state === 'away' ? 'away' : state === 'saved' ? 'saved' : ['saving', 'sending', 'note', 'recorded', 'alreadyRecorded'].includes(state) ? '' : 'warn';
    if (['conflict', 'leaseExpired', 'submitted'].includes(state)) this.#form.querySelector('button[type="submit"]').disabled = true;
    if (state === 'invalid') this.#explain(detail.message, detail.missing ?? []);
  }

  // ---- drawing ----

  #render() {
    const ranking = this.#ranking;
    const next = ranking.nextFree;
    this.#cards.forEach((card, position) => {
      const slot = ranking.slotOf(position);
      const tied = ranking.tiedWith(position);
      this.#selects[position].value = slot ?? '';
      card.classList.toggle('ranked', slot !== null);
      card.querySelector('[data-spoken-rank]').textContent = slot === null ? say(', without a rank')
        : say(', rank {0} of {1}', slot, this.#cards.length) + (tied.length ? say(', tied with {0}', tied.map(letter).join(', ')) : '');
      const give = card.querySelector('[data-give]');
      const placed = card.querySelector('[data-placed]');
      const had = card.contains(document.activeElement) && document.activeElement !== card;
      give.hidden = slot !== null;
      placed.hidden = slot === null;
      // A button that vanishes under the finger or the focus hands the focus to its card.
      if (had && document.activeElement.closest('[hidden]')) card.focus({ preventScroll: true });
      if (slot === null && next) {
        give.textContent = say('Rank {0}', ordinal(next));
        give.setAttribute('aria-label', say('Rank {0}: response {1}', ordinal(next), letter(position)));
      }
      card.querySelector('[data-place]').textContent = slot === null ? '' : (tied.length ? '=' : '') + ordinal(slot);
      const tie = card.querySelector('[data-tie]');
      tie.setAttribute('aria-pressed', String(tied.length > 0));
      tie.title = tied.length ? say('Untie') : say('Tie with the rank above');
      tie.setAttribute('aria-label', tied.length ? say('Untie {0}', letter(position)) : say('Tie {0} with the rank above', letter(position)));
    });
    this.#parts.slots.replaceChildren(...this.#slotItems());
    const parts = ranking.tiers.map(tier => `${tier.slot} ${tier.positions.map(letter).join(' = ')}`);
    const missing = ranking.missing.map(letter).join(', ');
    this.#parts.summary.textContent = parts.length === 0
      ? say('No ranks yet')
      : parts.join(' · ') + (missing ? ` · ${say('without a rank: {0}', missing)}` : '');
  }

  *#slotItems() {
    for (let slot = 1; slot <= this.#cards.length;) {
      const tier = this.#ranking.tiers.find(tier => tier.slot === slot);
      const item = element('li', `slot${tier ? ' filled' : ''}`, { slot });
      item.append(element('span', 'number', {}, slot));
      if (tier) {
        const size = tier.positions.length;
        if (size > 1) item.classList.add(size > 4 ? 'covers-more' : `covers-${size}`);
        const cards = element('div', 'cards');
        cards.append(...tier.positions.map(position => this.#chip(position)));
        item.append(cards);
      } else {
        item.setAttribute('aria-label', say('Rank {0}: empty', slot));
      }
      yield item;
      slot += tier?.positions.length ?? 1;
    }
  }

  #chip(position) {
    const chip = element('div', 'chip', { position });
    const grip = button(letter(position), 'chip', '');
    grip.className = 'chip-grip';
    grip.dataset.grip = '';
    grip.setAttribute('aria-label', say('Go to response {0}', letter(position)));
    const excerpt = element('span', 'excerpt', {}, this.#cards[position].querySelector('.text').textContent.trim().slice(0, 80));
    excerpt.setAttribute('aria-hidden', 'true');
    chip.append(grip, excerpt);
    return chip;
  }
}

function element(tag, className, data = {}, text = '') {
  const made = Object.assign(document.createElement(tag), { className, textContent: text });
  Object.assign(made.dataset, data);
  return made;
}

function button(text, name, value) {
  return Object.assign(element('button', 'button small', { [name]: value }, text), { type: 'button' });
}

const form = document.querySelector('form[data-board]');
// A page from the back-forward cache shows a prompt that may be finished.
addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
if (form) new RankingBoard(form);
const sent = await sendLeftovers(form?.dataset.assignment).catch(() => false);
if (sent && !form) location.reload();
