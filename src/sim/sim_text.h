/* sim_text: the alphabets of short messages, to and from UTF-8. Pure; its tables are its own. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "base/region.h"
#include "src/sim/sim_pdu.h"

enum sim_coding { SIM_GSM7, SIM_ASCII, SIM_LATIN1, SIM_UCS2, SIM_BINARY };

/* By SMPP 3.4 5.2.19 and the groups of 3GPP 23.038 (F220). What is no text is SIM_BINARY. */
enum sim_coding sim_coding_of(uint8_t data_coding);
const char *sim_coding_name(enum sim_coding coding);
bool sim_coding_find(const char *name, enum sim_coding *coding); /* of a text: gsm7, latin1, ucs2 */
uint8_t sim_coding_data_coding(enum sim_coding coding);

struct sim_words {
    char *text; /* UTF-8, with a NUL behind it; may hold others. Lives in the region */
    size_t length;
    const char *flaw; /* what a sender should not have written; NULL: nothing */
};

/* Binary becomes hexadecimal. GSM text is unpacked: one septet an octet (F214). */
struct sim_words sim_text_decode(struct region *region, enum sim_coding coding, struct octets from);

/* False: `utf8` is no UTF-8, or holds a character that this alphabet lacks; `out` is as it was. */
bool sim_text_encode(enum sim_coding coding, const char *utf8, struct sim_buffer *out);

#endif
