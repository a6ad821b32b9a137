// Which rank each response has. Ranks are slots 1 … limit and may be filled in any order, so that "3" means third even while
// first and second are empty. Tied responses share a slot and cover as many slots as they are, which keeps ranks competition ranks.
// Where only the best few get a rank, who comes in when all ranks are given puts out the last; those who share the last rank stay.
export const letter = position => String.fromCharCode(65 + position);

export class RankingSlots {
  #slotOf = new Map();

  constructor(count, slots = [], limit = count) {
    this.count = count;
    this.limit = Math.min(limit, count);
    const wanted = slots.map((slot, position) => [position, slot]).filter(([position, slot]) => position < count && slot >= 1 && slot <= this.limit);
    for (const [position, slot] of wanted) this.#slotOf.set(position, slot);
    this.#settle(this.tiers);
  }

  /** The slots that "B,D=A" stands for: one per response, null for none. */
  static slotsOf(count, text) {
    const slots = [];
    let slot = 1;
    for (const tier of text ? text.split(',') : []) {
      const names = tier.split('=');
      for (const name of names) slots[name.charCodeAt(0) - 65] = slot;
      slot += names.length;
    }
    return Array.from({ length: count }, (_, position) => slots[position] ?? null);
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
  /** Whether all ranks there are have been given. */
  get isFull() { return this.#slotOf.size >= this.limit; }
  get nextFree() { return Array.from({ length: this.limit }, (_, index) => index + 1).find(slot => !this.#tierCovering(slot)); }
  slotOf(position) { return this.#slotOf.get(position) ?? null; }
  tiedWith(position) { return this.#tierOf(position)?.positions.filter(other => other !== position) ?? []; }
  toString() { return this.tiers.map(tier => tier.positions.map(letter).join('=')).join(','); }

  /** Gives a response a rank of its own; what stands there makes way. */
  place(position, slot) {
    slot = Math.max(1, Math.min(this.limit, slot));
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
    const from = this.slotOf(position) ?? this.limit + 1;
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
    // From a tie for the last rank the way down leads out.
    if (size > 1 && tier.slot + size - 1 > this.limit) return this.remove(position);
    if (size > 1) return this.place(position, tier.slot + size - 1), true;
    if (tier.slot === this.limit) return false;
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
    const size = tiers => tiers.reduce((sum, tier) => sum + tier.positions.length, 0);
    while (tiers.length && size(tiers.slice(0, -1)) >= this.limit) tiers.pop();
    let free = 1;
    for (const tier of tiers) {
      tier.slot = Math.max(tier.slot, free);
      free = tier.slot + tier.positions.length;
    }
    let limit = this.count + 1;
    for (const tier of [...tiers].reverse()) {
      tier.slot = Math.min(tier.slot, limit - tier.positions.length, this.limit);
      limit = tier.slot;
    }
    this.#slotOf = new Map(tiers.flatMap(tier => tier.positions.map(position => [position, tier.slot])));
  }
}
