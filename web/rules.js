/* Why the gate says no, in plain words, and where that is written. The numbers R1, R2 … are those of docs/compliance.md. */
import {el, linkOut} from './dom.js';

const CFR = 'https://www.ecfr.gov/current/title-47/section-64.1200';
const CTIA = 'https://api.ctia.org/wp-content/uploads/2023/05/230523-CTIA-Messaging-Principles-and-Best-Practices-FINAL.pdf';

const RULES = {
  no_consent: {
    plain: 'A program may text only people who said yes to it, with the evidence kept. For this number no such yes is on record, and whoever has not ' +
      'opted in counts as opted out. A number on a list, in a contract or in a form whose box stayed unticked is no yes.',
    cites: [['R1, R2', '47 CFR 64.1200(a)(2) and (f)(9): prior express written consent', CFR], ['R6', 'CTIA Messaging Principles, 5.1: one opt-in, one program', CTIA],
            ['R5', 'who has not opted in counts as opted out']],
  },
  awaiting_confirmation: {
    plain: 'The program asks for a second yes: the person filled in the form and has not answered the question that was texted to the number yet. Until then ' +
      'nobody knows that the number is theirs.',
    cites: [['R31', 'CTIA Messaging Principles, 5.1.2.1: confirmation before anything else', CTIA], ['', 'the program’s setting double_opt_in']],
  },
  opted_out: {
    plain: 'The person took the consent back. From then on nothing may be sent but one confirmation of it, until the person opts in anew. A list or a member of ' +
      'staff can’t undo it.',
    cites: [['R40 to R42', '47 CFR 64.1200(a)(10): any reasonable way to say stop counts', CFR], ['R45', 'honoured at once; the law allows ten business days at most', CFR],
            ['R70', 'nothing until a new opt-in']],
  },
  consent_expired: {
    plain: 'The yes is older than this program accepts, or it was one that the law calls implied and its time is over. A fresh form counts again.',
    cites: [['R12', 'Canada: implied consent ends'], ['', 'the program’s setting consent_expires']],
  },
  suppressed: {
    plain: 'The number was deactivated or reassigned, said to be wrong, or put on the list of numbers that must not be texted. Who has it now is not who said yes.',
    cites: [['R110, R111', '47 CFR 64.1200(m): reassigned numbers', CFR], ['R112, R113', 'deactivated and wrong numbers lose their consent']],
  },
  frequency_cap: {
    plain: 'The person was promised a number of texts, or the law of the place sets one, and it is used up for now.',
    cites: [['R8', 'the frequency that was shown at the opt-in'], ['R92', 'Florida and Oklahoma: three in 24 hours'], ['', 'the program’s settings frequency and frequency_cap']],
  },
  quiet_hours: {
    plain: 'Texts of this kind may only come at certain hours where the person is, and the message would expire before they begin.',
    cites: [['R90', '47 CFR 64.1200(c)(1): 8:00 to 21:00 at the recipient’s place', CFR], ['R91 to R95', 'stricter hours of states'], ['R99', 'in the next window, or not at all']],
  },
  sender_not_allowed: {
    plain: 'The account that handed the message in may not use this program or this sender, or the sender is not the program’s. A consent is given to one program and ' +
      'can’t be used by another.',
    cites: [['R6', 'CTIA Messaging Principles, 5.1.4: consent is not transferable', CTIA], ['R20', 'what is sent must be the registered campaign’s']],
  },
};

export function ruleOf(code) {
  const rule = RULES[code];
  if (!rule)
    return el('p', {}, 'This version of the console has no explanation of this code; the record below has what was noted.');
  return el('div', {}, el('p', {}, rule.plain), el('ul', {class: 'cites'}, rule.cites.map(([number, text, address]) =>
    el('li', {}, number && [el('strong', {}, number), ': '], address ? linkOut(address, text) : text))));
}
