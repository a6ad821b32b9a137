// Best–worst, pairwise and Likert: the form's own radio buttons are what is tapped; keys and dragging set them too.
import { say } from './Language/words.js';
import { chip, element } from './ranking-elements.js';
import { letter } from './ranking-slots.js';

const checked = radios => radios.find(radio => radio.checked);
const numberOf = radio => radio ? Number(radio.value) : null;

class Choices {
  constructor(host) {
    this.host = host;
    this.cards = host.cards;
  }

  radios(name) { return [...this.host.form.querySelectorAll(`input[name="${name}"]`)]; }
  value(name) { return numberOf(checked(this.radios(name))); }
  set(name, value) { for (const radio of this.radios(name)) radio.checked = value !== null && radio.value === String(value); }
  read() { }
  get clearWords() { return say('Clear the answer'); }
  click() { return false; }
  drop() { }
  mark(position, isMarked, spoken) {
    this.cards[position].classList.toggle('ranked', isMarked);
    this.cards[position].querySelector('[data-spoken]').textContent = spoken;
  }

  chip(position, isDraggable) { return chip(position, letter(position), this.cards[position], say('Go to response {0}', letter(position)), isDraggable); }
}

export class BestWorst extends Choices {
  get best() { return this.value('Best'); }
  get worst() { return this.value('Worst'); }

  get answer() {
    const said = !this.isEmpty;
    return { ranking: '', scores: said ? this.cards.map((_, position) => position === this.best ? 1 : position === this.worst ? -1 : null) : [] };
  }

  fieldsOf({ scores }) {
    return [['Best', scores.indexOf(1)], ['Worst', scores.indexOf(-1)]].filter(([, position]) => position >= 0);
  }

  get isEmpty() { return this.best === null && this.worst === null; }
  get isComplete() { return this.best !== null && this.worst !== null; }
  get missing() { return this.isComplete ? [] : this.cards.flatMap((_, position) => position === this.best || position === this.worst ? [] : [position]); }

  problem() {
    return this.isComplete ? null
      : this.isEmpty ? say('Choose the best response and the worst.')
        : this.best === null ? say('Choose the best response as well.') : say('Choose the worst response as well.');
  }

  clear() { this.set('Best', null); this.set('Worst', null); }

  get summary() {
    const [best, worst] = [this.best, this.worst];
    return best !== null && worst !== null ? say('Best {0}, worst {1}', letter(best), letter(worst))
      : best !== null ? say('Best {0}, worst not marked', letter(best))
        : worst !== null ? say('Best not marked, worst {0}', letter(worst)) : say('Nothing is marked yet');
  }

  get facts() { return { some: !this.isEmpty, best: this.best !== null, worst: this.worst !== null, all: this.isComplete }; }

  // One response cannot be both; the newer word counts.
  input(field) {
    const other = field.name === 'Best' ? 'Worst' : 'Best';
    if (this.value(other) === Number(field.value)) this.set(other, null);
    return Number(field.value);
  }

  #toggle(name, position) {
    const isSet = this.value(name) === position;
    this.set(name, isSet ? null : position);
    if (!isSet) this.input({ name, value: position });
    this.host.changed(position);
    return true;
  }

  key(event, position) {
    if (event.key === 'b' || event.key === '+') return this.#toggle('Best', position);
    if (event.key === 'w' || event.key === '-') return this.#toggle('Worst', position);
    if (event.key === 'Backspace' || event.key === 'Delete') {
      for (const name of ['Best', 'Worst']) if (this.value(name) === position) this.set(name, null);
      this.host.changed(position);
      return true;
    }
    return false;
  }

  drop(position, slot) {
    this.set(slot.dataset.slot, position);
    this.input({ name: slot.dataset.slot, value: position });
    this.host.changed(position);
  }

  render() {
    this.cards.forEach((_, position) => this.mark(position, position === this.best || position === this.worst,
      position === this.best ? say(', best') : position === this.worst ? say(', worst') : say(', not marked')));
  }

  *panel() {
    for (const [name, label, position] of [['Best', say('Best'), this.best], ['Worst', say('Worst'), this.worst]]) {
      const item = element('li', `slot named${position === null ? '' : ' filled'}`, { slot: name });
      item.append(element('span', 'number', {}, label));
      if (position === null) item.setAttribute('aria-label', say('{0}: empty', label));
      else {
        const cards = element('div', 'cards');
        cards.append(this.chip(position, true));
        item.append(cards);
      }
      yield item;
    }
  }
}

export class Pairwise extends Choices {
  constructor(host) {
    super(host);
    this.steps = this.radios('Preference').map(radio => Number(radio.value));
  }

  get preference() { return this.value('Preference'); }
  get answer() { return { ranking: '', scores: this.isEmpty ? [] : [0 - this.preference, this.preference] }; }
  fieldsOf({ scores }) { return scores.length && scores[1] !== null ? [['Preference', scores[1]]] : []; }
  get isEmpty() { return this.preference === null; }
  get missing() { return this.isEmpty ? [0, 1] : []; }

  problem() {
    return !this.isEmpty ? null : this.steps.includes(0) ? say('Say which response is better, or that both are equal.') : say('Say which response is better.');
  }

  clear() { this.set('Preference', null); }
  get summary() { return checked(this.radios('Preference'))?.dataset.said ?? say('Nothing is chosen yet'); }
  get facts() { return { some: !this.isEmpty, tie: this.preference === 0, all: !this.isEmpty }; }
  input(field) { return Number(field.value) <= 0 ? 0 : 1; }

  // Towards the response on that side of the page, which in a right-to-left language is the other one.
  #towards(by) {
    const way = getComputedStyle(this.host.form).direction === 'rtl' ? -by : by;
    const at = this.isEmpty ? null : this.steps.indexOf(this.preference);
    // The first press says which side; each further one goes a step.
    const next = at === null ? this.steps.findIndex(step => step === way) : Math.max(0, Math.min(this.steps.length - 1, at + way));
    return this.#choose(this.steps[next]);
  }

  #choose(value) {
    if (!this.steps.includes(value)) this.host.hint(say('“Equal” is not an answer here: say which response is better, if only a little.'));
    else {
      this.set('Preference', value);
      this.host.changed(value < 0 ? 0 : 1);
    }
    return true;
  }

  key(event) {
    if (event.key === 'ArrowLeft') return this.#towards(-1);
    if (event.key === 'ArrowRight') return this.#towards(1);
    if (event.key === '=' || event.key === '0') return this.#choose(0);
    if (event.key === 'Backspace' || event.key === 'Delete') { this.clear(); this.host.changed(0); return true; }
    return false;
  }

  render() {
    const preference = this.preference;
    this.cards.forEach((_, position) => this.mark(position, preference !== null && (position === 0 ? preference < 0 : preference > 0),
      preference === null ? '' : preference === 0 ? say(', equal') : (preference < 0) === (position === 0) ? say(', better') : ''));
  }

  *panel() { }
}

export class Likert extends Choices {
  constructor(host) {
    super(host);
    this.points = Number(host.form.dataset.points);
  }

  get scores() { return this.cards.map((_, position) => this.value(`Score-${position}`)); }
  get answer() { return { ranking: '', scores: this.isEmpty ? [] : this.scores }; }
  fieldsOf({ scores }) { return scores.flatMap((score, position) => score === null ? [] : [[`Score-${position}`, score]]); }
  get isEmpty() { return this.scores.every(score => score === null); }
  get missing() { return this.scores.flatMap((score, position) => score === null ? [position] : []); }

  problem(allBad) {
    const letters = this.missing.map(letter).join(', ');
    return !this.missing.length ? null
      : this.isEmpty ? say('Nothing is rated yet. Give every response a rating from 1 to {0}.', this.points)
        : allBad ? say('You ticked “None is acceptable” and rated only some. Rate {0} as well, or clear the ratings.', letters)
          : say('Still without a rating: {0}.', letters);
  }

  clear() { this.cards.forEach((_, position) => this.set(`Score-${position}`, null)); }
  get clearWords() { return say('Clear the ratings'); }

  get summary() {
    if (this.isEmpty) return say('No ratings yet');
    const rated = this.scores.map((score, position) => ({ score, position })).filter(({ score }) => score !== null)
      .sort((one, other) => other.score - one.score || one.position - other.position);
    const missing = this.missing.map(letter).join(', ');
    return rated.map(({ score, position }) => `${letter(position)} ${score}`).join(' · ') + (missing ? ` · ${say('without a rating: {0}', missing)}` : '');
  }

  get facts() { return { some: !this.isEmpty, all: !this.missing.length }; }
  input(field) { return Number(field.name.slice('Score-'.length)); }

  #rate(position, score) {
    this.set(`Score-${position}`, score);
    this.host.changed(position);
    return true;
  }

  key(event, position) {
    const score = this.scores[position];
    if (/^[0-9]$/.test(event.key)) return (Number(event.key) || 10) <= this.points && this.#rate(position, Number(event.key) || 10);
    if (event.key === 'ArrowUp' && score !== null) return this.#rate(position, Math.min(this.points, score + 1));
    if (event.key === 'ArrowDown' && score !== null) return this.#rate(position, Math.max(1, score - 1));
    if (event.key === 'Backspace' || event.key === 'Delete') return this.#rate(position, null);
    return false;
  }

  render() {
    this.scores.forEach((score, position) => this.mark(position, score !== null,
      score === null ? say(', without a rating') : say(', rated {0} of {1}', score, this.points)));
  }

  *panel() {
    for (const [position, score] of this.scores.entries()) {
      const item = element('li', `slot${score === null ? '' : ' filled'}`);
      const cards = element('div', 'cards');
      cards.append(this.chip(position, false));
      item.append(cards, element('span', 'number', {}, score ?? '–'));
      yield item;
    }
  }
}
