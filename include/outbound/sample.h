/* sample: the newest receipts that found no message, as the carrier wrote them, for somebody who wants to know why
 * (docs/receipts.md). In memory only. Of a receipt's text what its known keys say is kept, and nothing of the message;
 * numbers are masked. */
#ifndef OUTBOUND_SAMPLE_H
#define OUTBOUND_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "smpp/receipt.h"

#define SAMPLES_MOST     20
#define SAMPLE_TEXT_SIZE 200

struct sample {
    int64_t at; /* wall clock */
    char carrier[80], id[RECEIPT_ID_MOST + 1];
    char source[LOG_NUMBER_SIZE], destination[LOG_NUMBER_SIZE]; /* "": no number */
    char text[SAMPLE_TEXT_SIZE];                                 /* "": nothing of it can be shown */
    const char *state;
};

struct samples;

struct samples *samples_open(void);
void samples_close(struct samples *samples);
void samples_put(struct samples *samples, const struct sample *sample);
/* It found its message after all. */
void samples_drop(struct samples *samples, const char *carrier, struct octets id);
size_t samples_count(const struct samples *samples);
const struct sample *samples_at(const struct samples *samples, size_t i); /* the newest first */

/* "id:… stat:… err:000": from the first known key of a receipt to the value of the last, and not beyond `text`. */
void sample_cut(struct octets raw, char out[SAMPLE_TEXT_SIZE]);

#endif
