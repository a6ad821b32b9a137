// "Recorded. Undo", for as long as the server would take it back.
import { count } from './Language/words.js';

export function countDown(notice) {
  const until = performance.now() + Number(notice.dataset.recorded) * 1000;
  const left = notice.querySelector('[data-left]');
  const seconds = () => Math.ceil((until - performance.now()) / 1000);
  // Said once, into a region that was there before; the numbers that follow are for the eye only.
  setTimeout(() => {
    const left = seconds();
    notice.querySelector('[data-spoken]').textContent = count(left, 'Undo is possible for {0} second.', 'Undo is possible for {0} seconds.');
  }, 100);
  const timer = setInterval(() => {
    left.textContent = seconds();
    if (seconds() > 0) return;
    clearInterval(timer);
    if (notice.contains(document.activeElement)) document.querySelector('main').focus({ preventScroll: true });
    notice.remove();
  }, 250);
}
