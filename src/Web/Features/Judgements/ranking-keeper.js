// Keeps a half-made answer: on this device at once, on the server soon, and a wanted submit until the server has answered it.
// The server's word decides when something may be forgotten here.
import { say } from './Language/words.js';
import { timingFields } from './ranking-measure.js';

const prefix = 'personalllm.answer.';
const forgetAfter = 30 * 24 * 3600 * 1000;
const timeout = 8000;
const heartbeatEvery = 3 * 60 * 1000;

const keyOf = assignmentId => prefix + assignmentId;

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

// Storage can be full or forbidden; the server's draft is then the only copy, as it is without this module's help.
function write(key, record) {
  try {
    // Another tab may be ahead, and its change not yet known here.
    if ((read(key)?.sequence ?? 0) <= record.sequence) localStorage.setItem(key, JSON.stringify(record));
  } catch { }
}

function forget(key) {
  try { localStorage.removeItem(key); } catch { }
}

const token = () => document.querySelector('input[name="__RequestVerificationToken"]')?.value ?? '';

/** The reply, or { outcome: 'unreachable' | 'signedOut' | 'notYours' | 'refused' }. */
async function send(address, request) {
  try {
    const response = await fetch(address, { ...request, redirect: 'manual', signal: AbortSignal.timeout(timeout) });
    if (response.type === 'opaqueredirect' || response.status === 401) return { outcome: 'signedOut' };
    if (response.status === 403 || response.status === 404) return { outcome: 'notYours' };
    if (response.ok) return await response.json();
    if (response.status >= 500 || response.status === 408 || response.status === 429) return { outcome: 'unreachable' };
    return { outcome: 'refused' };
  } catch {
    return { outcome: 'unreachable' };
  }
}

const putDraft = (record, keepalive) => send(`${record.action}/draft`, {
  method: 'PUT',
  keepalive,
  headers: { 'content-type': 'application/json', RequestVerificationToken: token() },
  body: JSON.stringify({ assignmentId: record.assignmentId, answer: record.answer, timing: record.timing, sequence: record.sequence }),
});

const postForm = (address, fields) => send(address, {
  method: 'POST',
  headers: { accept: 'application/json' },
  body: new URLSearchParams([['__RequestVerificationToken', token()], ...fields]),
});

const postSubmit = record => postForm(record.action, [
  ['AssignmentId', record.assignmentId], ['Sequence', record.sequence], ...record.revises ? [['Revises', record.revises]] : [], ...record.fields, ...timingFields(record.timing),
]);

export class AnswerKeeper {
  #key; #record; #page; #delay = 1000; #timer; #busy = false; #over = false; #refused = 0; #isRevision;

  /**
   * @param fresh the server's record: assignmentId, judgementId, action, revises, fields, answer, timing, sequence
   * @param page what it keeps for: report(state, detail), adopt(record), timing(), signs()
   */
  constructor(fresh, page) {
    this.#key = keyOf(fresh.assignmentId);
    this.#page = page;
    this.#isRevision = fresh.revises !== '';
    const kept = read(this.#key);
    const isKept = kept !== null && kept.sequence >= fresh.sequence && Array.isArray(kept.fields) && kept.revises === fresh.revises;
    // The id and address of this page are newer than those kept; any id will do, because the assignment can be judged only once.
    this.#record = isKept ? { ...kept, judgementId: fresh.judgementId, action: fresh.action } : { ...fresh, saved: fresh.sequence, submit: false };
    addEventListener('storage', event => this.#otherTab(event));
    addEventListener('online', () => this.#soon(0));
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.#flush(); });
    if (!this.#isRevision) this.#keepLease();
  }

  get record() { return this.#record; }

  /** Resumes what an earlier visit left unfinished. */
  start() {
    if (this.#record.submit) this.#soon(0, 'sending');
    else if (this.#isUnsaved) this.#soon(0, 'saving');
  }

  /** Every change, at once. */
  change(fields, answer) {
    const sequence = Math.max(this.#record.sequence, read(this.#key)?.sequence ?? 0) + 1;
    this.#record = { ...this.#record, fields, answer, timing: this.#page.timing(), sequence, submit: false, at: Date.now() };
    write(this.#key, this.#record);
    if (this.#over) return;
    if (this.#isRevision) this.#page.report('local', {});
    else this.#soon(300, 'saving');
  }

  submit() {
    this.#record = { ...this.#record, timing: this.#page.timing(), submit: true, at: Date.now() };
    write(this.#key, this.#record);
    this.#soon(0, 'sending');
  }

  /** The person gave the prompt back, or a change up. */
  drop() {
    this.#over = true;
    clearTimeout(this.#timer);
    forget(this.#key);
  }

  // A revision has no draft at the server: until it is saved, what was recorded counts.
  get #isUnsaved() { return !this.#isRevision && this.#record.sequence > Math.max(this.#record.saved, this.#refused); }

  #soon(delay, state) {
    if (this.#over) return;
    if (state) this.#page.report(state, {});
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#work(), delay);
  }

  #flush() {
    if (this.#over) return;
    this.#record = { ...this.#record, timing: this.#page.timing() };
    if (this.#record.sequence > 0) write(this.#key, this.#record);
    if (!this.#record.submit && this.#isUnsaved) this.#work(true);
  }

  async #work(keepalive = false) {
    if (this.#busy && !keepalive) return;
    const record = this.#record;
    if (!record.submit && !this.#isUnsaved) return;
    this.#busy = true;
    const reply = record.submit ? await postSubmit(record) : await putDraft(record, keepalive);
    this.#busy = false;
    if (reply.outcome === 'unreachable') {
      this.#page.report('away', { submit: record.submit });
      this.#timer = setTimeout(() => this.#work(), this.#delay);
      this.#delay = Math.min(30000, this.#delay * 2);
      return;
    }
    this.#delay = 1000;
    this.#answered(record, reply);
    if (this.#record.sequence > record.sequence || this.#record.submit !== record.submit) this.#soon(0);
  }

  #answered(record, reply) {
    switch (reply.outcome) {
      case 'saved':
        this.#record = { ...this.#record, saved: Math.max(this.#record.saved, record.sequence) };
        write(this.#key, this.#record);
        if (this.#record.sequence === record.sequence) this.#page.report('saved', { at: new Date(reply.savedAt) });
        return;
      case 'older':
        this.#record = { ...this.#record, fields: null, answer: reply.answer, sequence: reply.sequence, saved: reply.sequence };
        this.#page.adopt(this.#record);
        this.#page.report('note', reply);
        return;
      case 'recorded':
      case 'alreadyRecorded':
        this.#end(reply);
        location.assign(reply.next);
        return;
      case 'submitted':
      case 'skipped':
      case 'conflict':
      case 'notRevisable':
        this.#end(reply);
        return;
      default:
        // Kept here for a later visit: the study may open again, a place may become free, the person may sign in again.
        if (reply.outcome !== 'signedOut') {
          this.#record = { ...this.#record, submit: false };
          write(this.#key, this.#record);
        }
        this.#refused = record.sequence;
        this.#page.report(reply.outcome, reply);
    }
  }

  #end(reply) {
    this.drop();
    this.#page.report(reply.outcome, reply);
  }

  /** After adopting the server's answer, the fields the page made of it. */
  adopted(fields) {
    this.#record = { ...this.#record, fields };
    write(this.#key, this.#record);
  }

  // Reading without a change keeps the prompt too, as long as somebody is there.
  #keepLease() {
    let signs = 0;
    setInterval(async () => {
      const isThere = document.visibilityState === 'visible' && this.#page.signs() !== signs;
      signs = this.#page.signs();
      if (!isThere || this.#over) return;
      const reply = await postForm(`${this.#record.action.replace(/\/rank\/.*$/, '')}/heartbeat`, [['AssignmentId', this.#record.assignmentId]]);
      if (!this.#over && ['leaseExpired', 'studyClosed', 'signedOut'].includes(reply.outcome)) this.#page.report(reply.outcome, reply);
    }, heartbeatEvery);
  }

  #otherTab(event) {
    if (event.key !== this.#key || this.#over) return;
    if (event.newValue === null) {
      this.#over = true;
      clearTimeout(this.#timer);
      this.#page.report('submitted', {});
      return;
    }
    const other = read(this.#key);
    if (other && other.sequence > this.#record.sequence) {
      // The other tab sends it; this one only shows it.
      this.#record = { ...other, judgementId: this.#record.judgementId, action: this.#record.action, saved: other.sequence, submit: false };
      this.#page.adopt(this.#record);
      this.#page.report('note', { message: say('Changed in another tab.') });
    }
  }
}

/** Sends what earlier visits left behind for other prompts; true when a wanted submit was recorded. */
export async function sendLeftovers(currentAssignmentId) {
  let recorded = false;
  for (const key of Object.keys(localStorage).filter(key => key.startsWith(prefix) && key !== keyOf(currentAssignmentId))) {
    const record = read(key);
    if (!record || Date.now() - (record.at ?? 0) > forgetAfter) { forget(key); continue; }
    if (!record.submit && (record.revises !== '' || record.saved >= record.sequence)) continue;
    const reply = record.submit ? await postSubmit(record) : await putDraft(record, false);
    if (['recorded', 'alreadyRecorded', 'conflict', 'submitted', 'skipped', 'notRevisable'].includes(reply.outcome)) forget(key);
    else if (reply.outcome === 'saved') write(key, { ...record, saved: record.sequence });
    recorded ||= reply.outcome === 'recorded';
  }
  return recorded;
}
