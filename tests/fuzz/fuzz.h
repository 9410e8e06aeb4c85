/* fuzz: what the targets of this folder share. A target gives any octets to one part of the program
 * and claims what must hold of the outcome. libFuzzer makes the octets; `make fuzz` runs them all.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "base/octets.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t length);

/* Takes one octet off the front; 0 when there is none. */
static inline uint8_t fuzz_u8(struct octets *from)
{
    if (from->length == 0)
        return 0;
    uint8_t value = from->at[0];
    *from = octets_of(from->at + 1, from->length - 1);
    return value;
}

/* Takes `length` octets off the front, or all that are left. */
static inline struct octets fuzz_take(struct octets *from, size_t length)
{
    struct octets taken = octets_of(from->at, length < from->length ? length : from->length);
    *from = octets_of(from->at + taken.length, from->length - taken.length);
    return taken;
}

/* Takes what stands before the next line end, and the line end. */
static inline struct octets fuzz_line(struct octets *from)
{
    const uint8_t *end = from->length == 0 ? NULL : memchr(from->at, '\n', from->length);
    struct octets line = fuzz_take(from, end == NULL ? from->length : (size_t)(end - from->at));
    fuzz_u8(from);
    return line;
}

#endif
