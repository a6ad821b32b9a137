// The page where people judge: one instrument over the form's own fields, kept, measured and explained.
import { clock, moment, say } from './Language/words.js';
import { BestWorst, Likert, Pairwise } from './ranking-choices.js';
import { makeDraggable } from './ranking-drag.js';
import { button } from './ranking-elements.js';
import { extraFields, readExtras, readFields, writeFields } from './ranking-fields.js';
import { AnswerKeeper, sendLeftovers } from './ranking-keeper.js';
import { Measure, timingFields } from './ranking-measure.js';
import { Ranks } from './ranking-ranks.js';
import { Reader } from './ranking-reader.js';
import { countDown } from './ranking-recorded.js';
import { letter } from './ranking-slots.js';

const instruments = { FullRanking: Ranks, TopK: Ranks, BestWorst, Pairwise, Likert };
const isTyping = element => element.matches('select, textarea, input:not([type="radio"], [type="checkbox"])');

class RankingBoard {
  #form; #cards; #instrument; #keeper; #measure; #reader; #parts; #hasLookedBack = false;

  constructor(form) {
    this.#form = form;
    this.#cards = [...form.querySelectorAll('article[data-position]')];
    this.#parts = Object.fromEntries(['slots', 'summary', 'problem', 'problem-text', 'problem-actions', 'status', 'help-dialog', 'more']
      .map(name => [name, form.querySelector(`[data-${name}]`)]));
    this.#reader = new Reader(form, this.#cards);
    this.#instrument = new instruments[form.dataset.instrument](this);

    let timing = JSON.parse(form.dataset.timing);
    if (!this.isPractice) {
      const { assignment: assignmentId, judgement: judgementId, sequence, revises } = form.dataset;
      const fresh = {
        assignmentId, judgementId, action: form.getAttribute('action'), revises, fields: readFields(form), answer: this.#answer, timing, sequence: Number(sequence),
      };
      this.#keeper = new AnswerKeeper(fresh, {
        report: (state, detail) => this.#report(state, detail),
        adopt: record => this.#adopt(record),
        timing: () => this.#measure.timing,
        signs: () => this.#measure.signs,
      });
      timing = this.#keeper.record.timing;
    }
    this.#measure = new Measure(this.#cards, timing);

    form.addEventListener('click', event => this.#onClick(event));
    form.addEventListener('keydown', event => this.#onKey(event));
    form.addEventListener('input', event => this.#onInput(event.target));
    form.addEventListener('submit', event => this.#onSubmit(event));
    document.querySelector('form[data-skip]')?.addEventListener('submit', () => this.#keeper?.drop());
    form.querySelector('[data-cancel]')?.addEventListener('click', () => this.#keeper?.drop());
    makeDraggable(form, letter, (position, slot, where) => {
      this.#measure.touched(position, 'drag');
      this.#instrument.drop(position, slot, where);
    });
    // On a phone the panel has no room for what may be left out.
    if (this.#parts.more && innerWidth < 1024 && !readExtras(form).reasons.length) this.#parts.more.open = false;
    form.dataset.ready = '';
    if (this.#keeper) this.#adopt(this.#keeper.record);
    else this.#render();
    this.#keeper?.start();
  }

  // ---- for the instrument ----

  get form() { return this.#form; }
  get cards() { return this.#cards; }
  get isPractice() { return 'practice' in this.#form.dataset; }

  /** The instrument has a new answer, made about this response. */
  changed(position) {
    this.#measure.touched(position);
    this.#changed();
  }

  /** One sentence in place of the summary, until the next change. */
  hint(text) { this.#parts.summary.textContent = text; }

  // ---- the answer ----

  get #answer() { return { ...this.#instrument.answer, ...readExtras(this.#form) }; }

  #adopt(record) {
    writeFields(this.#form, record.fields ?? [...this.#instrument.fieldsOf(record.answer), ...extraFields(record.answer)]);
    this.#instrument.read();
    this.#render();
    if (!record.fields) this.#keeper.adopted(readFields(this.#form));
  }

  #changed() {
    this.#parts.problem.hidden = true;
    this.#render();
    this.#keeper?.change(readFields(this.#form), this.#answer);
  }

  // ---- ways in ----

  #onInput(field) {
    if (!field.name || field.form !== this.#form) return;
    const card = field.closest('article');
    if (card || field.name === 'Preference') {
      this.changed(this.#instrument.input(field));
      return;
    }
    this.#measure.used();
    this.#changed();
  }

  #onClick(event) {
    const pressed = event.target.closest('button');
    if (!pressed || pressed.type === 'submit') return;
    const position = Number(pressed.closest('[data-position]')?.dataset.position);
    const has = name => name in pressed.dataset;
    if (has('help')) this.#parts['help-dialog'].showModal();
    else if (has('closeHelp')) this.#parts['help-dialog'].close();
    else if (has('clear')) { this.#instrument.clear(); this.#measure.used(); this.#changed(); this.#cards[0].focus(); }
    else if (has('goTo')) this.#goTo(Number(pressed.dataset.goTo));
    else if (has('chip')) this.#goTo(position);
    else if (has('read')) this.#reader.open(position);
    else if (has('closeReading')) this.#reader.close();
    else if (has('previous')) this.#reader.step(-1);
    else if (has('next')) this.#reader.step(1);
    else this.#instrument.click(pressed, position);
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#parts['help-dialog'].open || isTyping(event.target)) return;
    if (this.#does(event)) event.preventDefault();
  }

  #does(event) {
    const { key, target } = event;
    if (key === '?') { this.#parts['help-dialog'].showModal(); return true; }
    if (key === 'Escape') return this.#reader.close();
    const card = target.closest('article');
    // The scale between two responses has the keys of the responses.
    if (!card && target.name !== 'Preference') return false;
    const position = Number(card?.dataset.position ?? 0);
    if (target.type === 'radio' && target.name !== 'Preference' && key.startsWith('Arrow')) return false;
    if (this.#instrument.key(event, position)) return true;
    if (!card) return false;
    if (key === 'f') { if (!this.#reader.close()) this.#reader.open(position); return true; }
    if (key === 'n') { this.#goTo(position + 1); return true; }
    if (key === 'p') { this.#goTo(position - 1); return true; }
    if (key === 'ArrowLeft' || key === 'ArrowRight') { this.#goTo(position + (key === 'ArrowLeft' ? -1 : 1) * (getComputedStyle(card).direction === 'rtl' ? -1 : 1)); return true; }
    if (key === 'Enter' && (target === card || target.type === 'radio')) { this.#form.requestSubmit(); return true; }
    return false;
  }

  #goTo(position) {
    position = Math.max(0, Math.min(this.#cards.length - 1, position));
    if (this.#reader.isOpen) { this.#reader.open(position); return; }
    const card = this.#cards[position];
    card.scrollIntoView({ block: 'nearest', inline: 'start' });
    card.focus({ preventScroll: true });
  }

  // ---- submit ----

  #onSubmit(event) {
    const allBad = readExtras(this.#form).allBad;
    const problem = allBad && this.#instrument.isEmpty ? null : this.#instrument.problem(allBad);
    const unseen = this.#measure.unseen;
    const mayGo = !problem && (this.#hasLookedBack || !unseen.length);
    if (!mayGo || this.#keeper) event.preventDefault();
    if (problem) {
      this.#reader.close();
      this.#explain(problem, this.#instrument.missing, allBad);
    } else if (!mayGo) {
      // A gentle word, once; whoever submits again means it.
      this.#hasLookedBack = true;
      this.#reader.close();
      this.#explain(say('You have not seen {0} yet. Have a look, or submit all the same.', unseen.map(letter).join(', ')), unseen, false, 'warn');
    } else {
      this.#parts.problem.hidden = true;
      if (this.#keeper) this.#keeper.submit();
      else for (const [name, value] of timingFields(this.#measure.timing)) this.#form.elements[name].value = value;
    }
  }

  #explain(text, positions, canClear = false, tone = 'bad') {
    this.#parts['problem-text'].textContent = text;
    const buttons = positions.slice(0, 9).map(position => button(say('Go to {0}', letter(position)), 'goTo', position));
    if (canClear) buttons.push(button(this.#instrument.clearWords, 'clear', ''));
    this.#parts['problem-actions'].replaceChildren(...buttons);
    this.#parts.problem.className = this.#parts.problem.className.replace(/\b(bad|warn)\b/, tone);
    this.#parts.problem.hidden = false;
    this.#parts.problem.focus();
  }

  // ---- what the keeper has to say ----

  #report(state, detail) {
    const link = (text, href) => Object.assign(document.createElement('a'), { textContent: text, href });
    const { here, again } = this.#form.dataset;
    const words = {
      saving: () => [say('Saving…')],
      sending: () => [say('Submitting…')],
      saved: () => [say('Saved {0}', clock(detail.at))],
      local: () => [say('Not saved yet: what you submitted before still counts.')],
      note: () => [detail.message],
      away: () => [detail.submit
        ? say('Not reachable: your submitted answer is kept on this device and will be sent. You may close this page.')
        : navigator.onLine ? say('Not reachable: kept on this device; trying again') : say('Offline – kept on this device')],
      signedOut: () => again === here
        ? [say('You have been signed out. Your answer is kept on this device.'), ' ', link(say('Sign in again'), again)]
        : [say('This browser no longer knows who you are. Your answer is kept on this device.'), ' ', link(say('Go back to the start of the study'), again)],
      notYours: () => [say('This prompt belongs to another account.'), ' ', link(say('Load the page again'), here)],
      refused: () => [say('This page is out of date; your answer is kept on this device.'), ' ', link(say('Load it again'), here)],
      submitted: () => [say('This answer was submitted in another tab.'), ' ', link(say('Next prompt'), here)],
      recorded: () => [say('Recorded. Thank you.')],
      alreadyRecorded: () => [say('Recorded. Thank you.')],
      conflict: () => [detail.message, ' ', link(say('Next prompt'), here)],
      notRevisable: () => [detail.message, ' ', link(say('Next prompt'), here)],
      skipped: () => [detail.message, ' ', link(say('Next prompt'), here)],
      leaseExpired: () => [detail.message, ' ', link(say('Next prompt'), here)],
      studyClosed: () => [detail.message],
      invalid: () => [detail.message],
    }[state]();
    this.#parts.status.replaceChildren(...words);
    this.#parts.status.dataset.state = state === 'away' ? 'away' : state === 'saved' ? 'saved' : ['saving', 'sending', 'note', 'local', 'recorded', 'alreadyRecorded'].includes(state) ? '' : 'warn';
    if (['conflict', 'leaseExpired', 'submitted', 'skipped', 'notRevisable'].includes(state)) this.#form.querySelector('button[type="submit"]').disabled = true;
    if (state === 'invalid') this.#explain(detail.message, detail.missing ?? []);
  }

  // ---- drawing ----

  #render() {
    this.#instrument.render();
    this.#parts.slots.replaceChildren(...this.#instrument.panel());
    const { summary } = this.#instrument;
    if (this.#parts.summary.textContent !== summary) this.#parts.summary.textContent = summary;
    if (this.isPractice) this.#coach();
  }

  // A step that was done once stays done: the practice asks for a tie, not for keeping it.
  #coach() {
    const facts = { ...this.#instrument.facts, allBad: readExtras(this.#form).allBad };
    for (const step of this.#form.querySelectorAll('[data-step]')) {
      if (facts[step.dataset.step] && !('done' in step.dataset)) {
        step.dataset.done = '';
        step.querySelector('[data-done-word]').textContent = say('Done:');
      }
    }
  }
}

const form = document.querySelector('form[data-board]');
const recorded = document.querySelector('[data-recorded]');
// A page from the back-forward cache shows a prompt that may be finished.
addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
if (form) new RankingBoard(form);
if (recorded) countDown(recorded);
for (const time of document.querySelectorAll('main time')) time.textContent = moment(new Date(time.dateTime));
const sent = await sendLeftovers(form?.dataset.assignment).catch(() => false);
if (sent && !form) location.reload();
