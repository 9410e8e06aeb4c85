/* gsm7: GSM 03.38, one character at a time, one septet in an octet (F214). The tables are
 * proto/gsm7.def. It knows no national tables, and packs nothing: that is the MC's work. */
#ifndef SMPP_GSM7_H
#define SMPP_GSM7_H

#include "base/octets.h"

#define GSM7_ESCAPE 0x1B

/* Writes a character as one or two septets and gives how many; 0: the tables don't have it. */
size_t gsm7_put(uint32_t character, uint8_t out[2]);

/* Takes the first character off `rest`, which must hold something. Every sequence reads as some
 * character (F223); bit 7 is ignored. */
uint32_t gsm7_take(struct octets *rest);

/* How many octets at the beginning, of UTF-8 or of unpacked GSM 03.38, are the same in the other. */
size_t gsm7_plain(struct octets text);

#endif
