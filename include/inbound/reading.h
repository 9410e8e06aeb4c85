/* reading: the words of what a carrier delivered, as UTF-8, whatever alphabet they came in. Pure: it
 * acts on nothing and counts nothing. */
#ifndef INBOUND_READING_H
#define INBOUND_READING_H

#include "smpp/pdu.h"
#include "smpp/text.h"

struct reading {
    struct octets words;  /* in the region */
    bool is_for_person;   /* else for a program or the SIM (F276, F278) */
    unsigned oddities;    /* enum text_oddity: what its sender got wrong */
    struct octets octets; /* behind the header, as they came; borrowed */
};

/* `data` is the PDU's user data; zero: what data_coding 0 means to its carrier. Where that reading is no STOP and another
 * one of the same octets is one, the words are the STOP: settings can be wrong, and a lost STOP is
 * worse than a needless one. */
void reading_make(const struct pdu *pdu, struct octets data, enum text_zero zero,
                  struct region *region, struct reading *out);

#endif
