// The words of the annotators' pages, for scripts. The English text is the key and is said as it stands when there is no other:
//   say('Nothing is ranked above {0} to tie it with.', letter(position))
//   count(missing.length, '{0} response is without a rank', '{0} responses are without a rank')
// Texts are literals in single quotes; list them in AnnotatorWords.cs (OfScripts), which is where the page's translation comes from.
// A test fails for a text that is not listed there, for one that nobody says, and for one that German lacks.
const language = document.documentElement.lang || 'en';
const table = JSON.parse(document.querySelector('[data-words]')?.dataset.words || '{}');

export const say = (text, ...values) => (table[text] ?? text).replace(/\{(\d)\}/g, (_, index) => values[index]);

/** One thing or several; {0} is how many. */
export const count = (number, one, many) => number === 1 ? say(one, number) : say(many, number);

/** 1st, 2nd, 3rd; in German 1., 2., 3. */
export const ordinal = rank => language === 'de' ? `${rank}.`
  : rank + (rank % 100 > 10 && rank % 100 < 14 ? 'th' : ['th', 'st', 'nd', 'rd'][rank % 10] ?? 'th');

/** A time of the day, to the second. */
export const clock = date => date.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

/** A day and a time of the day, where the person is. */
export const moment = date => date.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
