// How an answer came about: time at work and time away, how long each response was in view, which ones were handled, and by what.
const idleAfter = 30_000;
const tickEvery = 500;
const steps = Array.from({ length: 21 }, (_, step) => step / 20);

export class Measure {
  #timing; #inView; #last; #sign; #way = 'tap'; #signs = 0;

  /** @param kept what earlier visits measured: { activeMs, idleMs, exposureMs, touched, input } */
  constructor(cards, kept) {
    this.#timing = {
      activeMs: kept?.activeMs ?? 0,
      idleMs: kept?.idleMs ?? 0,
      exposureMs: cards.map((_, position) => kept?.exposureMs?.[position] ?? 0),
      touched: cards.map((_, position) => kept?.touched?.[position] ?? false),
      input: new Set((kept?.input ?? '').split('+').filter(Boolean)),
    };
    this.#inView = cards.map(() => false);
    this.#last = this.#sign = performance.now();

    const observer = new IntersectionObserver(entries => {
      this.#tick();
      for (const entry of entries) {
        const { width, height } = entry.intersectionRect;
        // Half of the response, or half of the window where the response is larger than that.
        this.#inView[cards.indexOf(entry.target)] = entry.intersectionRatio >= .5 || width * height >= innerWidth * innerHeight / 2;
      }
    }, { threshold: steps });
    cards.forEach(card => observer.observe(card));

    const listen = (type, way) => addEventListener(type, () => {
      this.#tick();
      this.#sign = performance.now();
      this.#signs++;
      if (way) this.#way = way;
    }, { capture: true, passive: true });
    listen('pointerdown', 'tap');
    listen('keydown', 'keys');
    for (const type of ['pointermove', 'wheel', 'touchmove', 'scroll']) listen(type);
    document.addEventListener('visibilitychange', () => this.#tick(document.visibilityState !== 'hidden'));
    setInterval(() => this.#tick(), tickEvery);
  }

  // Time since the last look counts as active up to half a minute after the last sign of life; time in a hidden page never does.
  #tick(wasHidden = document.visibilityState === 'hidden') {
    const now = performance.now();
    const passed = now - this.#last;
    const active = wasHidden ? 0 : Math.max(0, Math.min(now, this.#sign + idleAfter) - this.#last);
    this.#last = now;
    this.#timing.activeMs += active;
    this.#timing.idleMs += passed - active;
    this.#inView.forEach((inView, position) => { if (inView) this.#timing.exposureMs[position] += active; });
  }

  /** The response was placed, moved or rated, by the way of the last sign of life or the one named. */
  touched(position, way = this.#way) {
    this.#timing.touched[position] = true;
    this.#timing.input.add(way);
  }

  /** Something was said that belongs to no response. */
  used() { this.#timing.input.add(this.#way); }

  /** Positions that were never in view. Who handled a response had it in view, however short. */
  get unseen() {
    this.#tick();
    const { exposureMs, touched } = this.#timing;
    return exposureMs.flatMap((exposure, position) => exposure === 0 && !touched[position] ? [position] : []);
  }

  /** Counts signs of life, so that a holder can ask whether there were any since. */
  get signs() { return this.#signs; }

  get timing() {
    this.#tick();
    const { activeMs, idleMs, exposureMs, touched, input } = this.#timing;
    return {
      activeMs: Math.round(activeMs),
      idleMs: Math.round(idleMs),
      exposureMs: exposureMs.map(exposure => Math.round(exposure)),
      touched: [...touched],
      input: ['tap', 'drag', 'keys'].filter(way => input.has(way)).join('+'),
      viewport: `${innerWidth}x${innerHeight}`,
    };
  }
}

/** The form's fields for a timing. */
export const timingFields = timing => !timing ? [] : [
  ['ActiveMs', timing.activeMs],
  ['IdleMs', timing.idleMs],
  ['Exposure', timing.exposureMs.join(',')],
  ['Touched', timing.touched.map(Number).join(',')],
  ['Input', timing.input],
  ['Viewport', timing.viewport],
];
