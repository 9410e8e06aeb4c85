#!/usr/bin/env python3
"""Writes tests/data/leads.csv: a list as a customer system exports it, with all that is wrong in
such lists. Always the same, so the file is checked in; this is how it was made.

  make_leads.py > tests/data/leads.csv
"""

import csv
import random
import sys

AREAS = ('206', '253', '312', '415', '503', '604', '617', '702', '808', '907')
FORMS = ('{0}{1}{2}', '({0}) {1}-{2}', '{0}-{1}-{2}', '{0}.{1}.{2}', '+1{0}{1}{2}',
         '1 {0} {1} {2}', ' +1 ({0}) {1}-{2} ', 'tel:+1-{0}-{1}-{2}')
# None of these is a number of the program's countries with certainty.
UNSURE = ('', 'n/a', 'ask Jo', '555-0170', '+1', '206 555 0171 x12', '206555O172', '(206) 555-017',
          '+44 7700 900123', '+1 876 555 0173', '0206 555 0174', '+2065550175', '206-555-0176/77',
          '1206555017')
NAMES = ('Ada', 'Bo', 'Chloé', 'Dmitri', 'Edda', 'Fern', 'Günther', "D'Arcy", 'Inés', 'Jun')
PRODUCTS = ('Leads Direct', 'HouseValues', 'Network Boost')
WORDING = ('By checking this box I agree to receive text messages from Market Leader. Message '
           'frequency varies. Message and data rates may apply. Reply STOP to end, HELP for help.')
FIELDS = ('contact_ref', 'first_name', 'phone', 'sms_opt_in', 'source', 'product', 'form_url', 'ip',
          'user_agent', 'disclosure', 'collected_at')


def rows(chance):
    digits = [(area, '555', f'01{last:02d}') for area in AREAS for last in range(8)]
    for count in range(120):
        is_unsure = count % 9 == 4
        phone = (UNSURE[count // 9] if is_unsure else
                 chance.choice(FORMS).format(*chance.choice(digits)))
        source = chance.choices(('web_form', 'import', 'manual'), (8, 1, 1))[0]
        is_form = source == 'web_form'
        row = {'contact_ref': f'c-{count + 1}', 'first_name': chance.choice(NAMES), 'phone': phone,
               'sms_opt_in': 'yes' if is_unsure or chance.random() < 0.55 else 'no',
               'source': 'web_form' if is_unsure else source, 'product': chance.choice(PRODUCTS),
               'form_url': 'https://forms.example.com/lead' if is_form or is_unsure else '',
               'ip': f'198.51.100.{chance.randrange(1, 255)}', 'user_agent': 'Mozilla/5.0',
               'disclosure': WORDING if is_form or is_unsure else '',
               'collected_at': '2025-%02d-%02dT%02d:%02d:00.000Z' % (
                   chance.randint(1, 9), chance.randint(1, 28), chance.randrange(24),
                   chance.randrange(60))}
        if is_form and chance.random() < 0.12:
            row[chance.choice(('form_url', 'disclosure', 'collected_at'))] = ''
        yield row


if __name__ == '__main__':
    writer = csv.DictWriter(sys.stdout, FIELDS, lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows(random.Random(20251)))
