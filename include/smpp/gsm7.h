/* gsm7: GSM 03.38, one character at a time, one septet in an octet (F214). The tables are
 * proto/gsm7.def, and those of languages proto/gsm7_national.def. Packed septets are made and read
 * for the few carriers that speak them. */
#ifndef SMPP_GSM7_H
#define SMPP_GSM7_H

#include "base/octets.h"

#define GSM7_ESCAPE    0x1B
#define GSM7_LANGUAGES 13 /* their ids are 1 to 13 */

/* Which tables hold: the languages of the locking and of the single shift; 0: the default alphabet,
 * the default extensions. */
struct gsm7_tables {
    uint8_t locking, single;
};

/* What a header names, with 0 for a language that has no such table (F278). */
struct gsm7_tables gsm7_tables_of(uint8_t locking, uint8_t single);

const char *gsm7_language_word(uint8_t language);  /* 1 to 13 */
uint8_t gsm7_language_find(const char *word);      /* 0: there is none of that name */

/* Writes a character as one or two septets and gives how many; 0: the tables don't have it. */
size_t gsm7_put(struct gsm7_tables tables, uint32_t character, uint8_t out[2]);

/* Takes the first character off `rest`, which must hold something. Every sequence reads as some
 * character (F223); bit 7 is ignored. */
uint32_t gsm7_take(struct gsm7_tables tables, struct octets *rest);

/* How many octets at the beginning, of UTF-8 or of unpacked GSM 03.38 in the default alphabet, are
 * the same in the other. */
size_t gsm7_plain(struct octets text);

/* Seven bits each, behind a header of so many octets (0: none), from whose fill bits on they are
 * counted (F240). `out` has room for as many octets as there are septets; gives how many it took. Seven bits
 * left over at the end would read as one more @: they hold CR (23.038 6.1.2.3.1). */
size_t gsm7_pack(struct octets septets, size_t header_length, uint8_t *out);

/* The way back; `out` has room for 8 septets of each 7 octets begun. One more @ or CR where seven bits may have been left
 * over is taken for that. */
size_t gsm7_unpack(struct octets packed, size_t header_length, uint8_t *out);
#define GSM7_UNPACKED(octets) ((octets) * 8 / 7 + 1)

#endif
