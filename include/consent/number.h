/* number: phone numbers by E.164. Inside the gateway a number is a uint64_t: its digits with the
 * country code, without a plus; 0 is none.
 *
 * It reads what people type and what SMPP carries, and refuses what can't be made E.164 with
 * certainty: it never guesses. It doesn't know whether a number is in service, nor which countries
 * a program may text: that is its caller's, by number_country. Its tables are proto/country.def and proto/area.def. */
#ifndef CONSENT_NUMBER_H
#define CONSENT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"

#define NUMBER_TEXT_SIZE 17 /* '+', at most 15 digits (ITU-T E.164), NUL */

enum number_fault {
    NUMBER_OK,
    NUMBER_EMPTY,
    NUMBER_EXTENSION,
    NUMBER_LETTERS,
    NUMBER_CHARACTERS,
    NUMBER_TOO_SHORT,
    NUMBER_TOO_LONG,
    NUMBER_NO_AREA_CODE,
    NUMBER_NO_COUNTRY,
    NUMBER_NOT_NATIONAL,
    NUMBER_UNKNOWN_COUNTRY,
    NUMBER_AREA_CODE,
    NUMBER_EXCHANGE,
    NUMBER_TRUNK,
    NUMBER_UNCLEAR,
    NUMBER_FAULTS
};

/* Reads a number as people type it: "(415) 555-0123", "tel:+1-415-555-0123", "+44 20 7946 0958".
 *
 * A national number is read where `default_country` (ISO 3166, upper case; NULL or "": none) is one
 * whose dialling rules the table holds, by those rules alone. Without a default country a number
 * of eleven digits or more counts as E.164 that lacks its plus; a shorter one looks like a national
 * number and is refused. With one, a foreign number needs its plus or the international prefix:
 * 2065550100 with a digit too many is a slip, not a number in Egypt.
 *
 * Anything but NUMBER_OK leaves 0 in `out`. */
enum number_fault number_read(struct octets text, const char *default_country, uint64_t *out);

/* Reads a source or destination address of SMPP: digits, perhaps behind a plus. The type of number
 * is a hint at most (F172): the digits and `country` decide, and NUMBER_UNCLEAR is what TON 1 makes
 * of digits that are both a national number and a foreign one in full. */
enum number_fault number_of_smpp(uint8_t ton, struct octets digits, const char *country,
                                 uint64_t *out);

/* One sentence for people, without a full stop: "it has letters in it". Never NULL. */
const char *number_fault_text(enum number_fault fault);

/* Whether it can be one at all, by its size: what a file says may have been changed by anybody. */
bool number_is_sound(uint64_t number);

/* "+14155550123". `number` is one that was read here. */
void number_write(uint64_t number, char out[NUMBER_TEXT_SIZE]);

/* The ISO code of the country that a number belongs to; "" where it belongs to none: toll-free,
 * premium and other codes without a place, so that a list of countries never lets them through.
 *
 * Puerto Rico, the US Virgin Islands, Guam, American Samoa and the Northern Marianas are "US": they
 * are under US rules. Where several territories share a code and its numbers (44 with the Channel
 * Islands, 47 with Svalbard), the main country stands for all of them. */
const char *number_country(uint64_t number);

unsigned number_area(uint64_t number); /* the area code, of the North American plan; else 0 */
bool number_is_toll_free(uint64_t number); /* of the North American plan: 800, 833, 844 ... */

#endif
