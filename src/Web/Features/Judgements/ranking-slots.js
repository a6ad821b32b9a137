// Which rank each response has. Ranks are slots 1 … count and may be filled in any order, so that "3" means third even while
// first and second are empty. Tied responses share a slot and cover as many slots as they are, which keeps ranks competition ranks.
export const letter = position => String.fromCharCode(65 + position);

export class RankingSlots {
  #slotOf = new Map();

  constructor(count, slots = []) {
    this.count = count;
    const wanted = slots.map((slot, position) => [position, slot]).filter(([position, slot]) => position < count && slot >= 1 && slot <= count);
    for (const [position, slot] of wanted) this.#slotOf.set(position, slot);
    this.#settle(this.tiers);
  }

  /** Reads "B,D=A". */
  static parse(count, text) {
    const slots = [];
    let slot = 1;
    for (const tier of text ? text.split(',') : []) {
      const names = tier.split('=');
      for (const name of names) slots[name.charCodeAt(0) - 65] = slot;
      slot += names.length;
    }
    return new RankingSlots(count, Array.from({ length: count }, (_, position) => slots[position] ?? null));
  }

  /** Tied responses by slot, best first. */
  get tiers() {
    const bySlot = new Map();
    for (const [position, slot] of this.#slotOf) bySlot.set(slot, [...bySlot.get(slot) ?? [], position]);
    return [...bySlot].sort(([one], [other]) => one - other)
      .map(([slot, positions]) => ({ slot, positions: positions.sort((one, other) => one - other) }));
  }

  get slots() { return Array.from({ length: this.count }, (_, position) => this.#slotOf.get(position) ?? null); }
  get missing() { return this.slots.flatMap((slot, position) => slot === null ? [position] : []); }
  get nextFree() { return Array.from({ length: this.count }, (_, index) => index + 1).find(slot => !this.#tierCovering(slot)); }
  slotOf(position) { return this.#slotOf.get(position) ?? null; }
  tiedWith(position) { return this.#tierOf(position)?.positions.filter(other => other !== position) ?? []; }
  toString() { return this.tiers.map(tier => tier.positions.map(letter).join('=')).join(','); }

  /** Gives a response a rank of its own; what stands there makes way. */
  place(position, slot) {
    slot = Math.max(1, Math.min(this.count, slot));
    const from = this.slotOf(position);
    const alone = from !== null && this.tiedWith(position).length === 0;
    const tiers = this.#without(position);
    // A response that moves down leaves a gap behind it, which those it passes close.
    if (alone) for (const tier of tiers) if (tier.slot > from && tier.slot <= slot) tier.slot--;
    const before = tiers.findIndex(tier => tier.slot >= slot);
    tiers.splice(before < 0 ? tiers.length : before, 0, { slot, positions: [position] });
    this.#settle(tiers);
  }

  /** Puts a response into the tier that another one is in. */
  tieTo(position, other) {
    if (position === other) return;
    const tiers = this.#without(position);
    tiers.find(tier => tier.positions.includes(other)).positions.push(position);
    this.#settle(tiers);
  }

  /** Ties with the rank above, or unties if tied already; false when there is nothing above. */
  toggleTie(position) {
    if (this.tiedWith(position).length) return this.down(position), true;
    const from = this.slotOf(position) ?? this.count + 1;
    const above = this.tiers.filter(tier => tier.slot < from).at(-1);
    if (!above) return false;
    this.tieTo(position, above.positions[0]);
    return true;
  }

  up(position) {
    const tier = this.#tierOf(position);
    if (!tier) return false;
    if (tier.positions.length > 1) return this.place(position, tier.slot), true;
    if (tier.slot === 1) return false;
    const above = this.#tierCovering(tier.slot - 1);
    this.place(position, above ? above.slot : tier.slot - 1);
    return true;
  }

  down(position) {
    const tier = this.#tierOf(position);
    if (!tier) return false;
    const size = tier.positions.length;
    if (size > 1) return this.place(position, tier.slot + size - 1), true;
    if (tier.slot === this.count) return false;
    const below = this.#tierCovering(tier.slot + 1);
    this.place(position, below ? tier.slot + below.positions.length : tier.slot + 1);
    return true;
  }

  remove(position) { return this.#slotOf.delete(position); }
  clear() { this.#slotOf.clear(); }

  #without(position) {
    return this.tiers.map(tier => ({ slot: tier.slot, positions: tier.positions.filter(other => other !== position) })).filter(tier => tier.positions.length);
  }

  #tierOf(position) { return this.tiers.find(tier => tier.positions.includes(position)); }
  #tierCovering(slot) { return this.tiers.find(tier => tier.slot <= slot && slot < tier.slot + tier.positions.length); }

  // Keeps the order of the tiers and moves them as little as needed: down where they overlap, back up where they would run out of slots.
  #settle(tiers) {
    let free = 1;
    for (const tier of tiers) {
      tier.slot = Math.max(tier.slot, free);
      free = tier.slot + tier.positions.length;
    }
    let limit = this.count + 1;
    for (const tier of [...tiers].reverse()) {
      tier.slot = Math.min(tier.slot, limit - tier.positions.length);
      limit = tier.slot;
    }
    this.#slotOf = new Map(tiers.flatMap(tier => tier.positions.map(position => [position, tier.slot])));
  }
}
