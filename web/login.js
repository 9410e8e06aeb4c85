/* Where somebody was going before the login is kept for after it: the console reads it. The form works without this. */
if (location.hash.startsWith('#/'))
  sessionStorage.setItem('assent.return', location.hash);
