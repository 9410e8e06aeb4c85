/* sender: the address that a message comes from, in one canonical text: "+12065550100" for a long
 * or toll-free number, "78787" for a short code, "MarketLead" for an alphanumeric id.
 *
 * It knows forms only: which program owns a sender is the config's. */
#ifndef CONSENT_SENDER_H
#define CONSENT_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"

#define SENDER_TEXT_SIZE 17 /* '+', 15 digits, NUL: the longest kind */

enum sender_kind { SENDER_10DLC, SENDER_TOLL_FREE, SENDER_SHORT_CODE, SENDER_ALPHANUMERIC };

/* Makes the canonical text of an address as people write it. Digits alone, three to eight, are a
 * short code; `default_country` (or NULL) is for national numbers, as in number_read. An
 * alphanumeric id has a letter, at most 11 characters that are the same in ASCII and GSM 03.38
 * (F175), and doesn't look like a misspelt number. False, with `out` empty: it is none of these. */
bool sender_read(struct octets text, const char *default_country, char out[SENDER_TEXT_SIZE]);

/* The same of an SMPP address, such as the destination of a deliver_sm (F177). */
bool sender_of_smpp(uint8_t ton, struct octets address, const char *country,
                    char out[SENDER_TEXT_SIZE]);

/* The kind as the address shows it. `sender` is canonical, here and below. */
enum sender_kind sender_kind_of(const char *sender);
const char *
sender_kind_name(enum sender_kind kind); /* as in the config: "10dlc", "toll_free" ... */
bool sender_kind_find(const char *name, enum sender_kind *out);

/* Type of number, numbering plan and source_addr: 1/1 for numbers (F170), 3/0 for short codes,
 * which carriers differ in (F174), 5/0 for alphanumeric ones (F175). */
void sender_to_smpp(const char *sender, uint8_t *ton, uint8_t *npi, char out[SENDER_TEXT_SIZE]);

#endif
