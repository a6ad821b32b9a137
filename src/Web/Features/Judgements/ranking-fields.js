// The answer lives in the form's own fields: what a browser without a script would post is what the script keeps, restores and sends.
const isAnswer = name => /^(Rank|Best|Worst|Preference|Score-\d+|AllBad|Reason|Confidence|Comment)$/.test(name);
const isChoice = field => field.type === 'radio' || field.type === 'checkbox';

const answerFields = form => [...form.elements].filter(field => isAnswer(field.name));

/** [name, value] of everything that was said, in the order of the page. */
export const readFields = form => answerFields(form).filter(field => !isChoice(field) || field.checked).map(field => [field.name, field.value]);

export function writeFields(form, entries) {
  const byName = new Map();
  for (const [name, value] of entries) byName.set(name, [...byName.get(name) ?? [], String(value)]);
  for (const field of answerFields(form)) {
    if (isChoice(field)) field.checked = byName.get(field.name)?.includes(field.value) ?? false;
    else field.value = byName.get(field.name)?.shift() ?? '';
  }
}

/** What is said beside the instrument's own fields, as the server's record has it. */
export const readExtras = form => ({
  allBad: form.elements.AllBad?.checked ?? false,
  reasons: [...form.querySelectorAll('[name="Reason"]:checked')].map(field => field.value),
  confidence: Number(form.elements.Confidence?.value) || null,
  comment: form.elements.Comment?.value.trim() || null,
});

/** The same, as fields. */
export const extraFields = ({ allBad, reasons, confidence, comment }) => [
  ...allBad ? [['AllBad', 'true']] : [],
  ...(reasons ?? []).map(reason => ['Reason', reason]),
  ['Confidence', confidence ?? ''],
  ['Comment', comment ?? ''],
];
