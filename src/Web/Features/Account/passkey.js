// Makes or uses a passkey for the form around a button with data-passkey="/account/passkey/…" and sends that form.
const supported = typeof PublicKeyCredential !== 'undefined'
  && typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'
  && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

async function askServer(button) {
  const sent = new FormData(button.form);
  const body = new FormData();
  body.set('__RequestVerificationToken', sent.get('__RequestVerificationToken'));
  // Only what the server needs to know: a password typed above stays in the page.
  if (button.dataset.passkeyKey) {
    body.set('key', button.dataset.passkeyKey);
    body.set('email', sent.get('Input.Email'));
  }
  const response = await fetch(button.dataset.passkey, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text() || 'The server refused. Reload the page and try again.');
  return response.json();
}

async function obtain(button) {
  const options = await askServer(button);
  return button.dataset.passkey.endsWith('/use')
    ? navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
    : navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
}

function inWords(error) {
  if (error.name === 'NotAllowedError') return 'No passkey was given: the request was cancelled or took too long.';
  if (error.name === 'InvalidStateError') return 'This device has a passkey for this account already.';
  if (error.name === 'SecurityError') return `Passkeys work only on a named, safe address; ${location.hostname} is not one.`;
  return error.message;
}

async function run(button) {
  const form = button.form;
  const problem = form.querySelector('[data-passkey-problem]');
  const email = form.elements['Input.Email'];
  if (button.dataset.passkeyKey && !(email.value && email.reportValidity())) {
    email.focus();
    problem.textContent = 'Enter your e-mail address first.';
    return;
  }
  problem.textContent = '';
  button.disabled = true;
  try {
    form.querySelector('[data-passkey-answer]').value = JSON.stringify(await obtain(button));
    // Past the browser's own checks: the password stays empty.
    form.submit();
  } catch (error) {
    problem.textContent = inWords(error);
    button.disabled = false;
  }
}

if (supported) {
  for (const button of document.querySelectorAll('[data-passkey]')) {
    button.hidden = false;
    button.addEventListener('click', () => run(button));
  }
}
