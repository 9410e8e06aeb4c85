/* smpp_time: the times of SMPP's fields, YYMMDDhhmmsstnnp (F190), to and from wall-clock
 * milliseconds. RFC 3339 is base/clock.h's. It judges form only: whether a validity lies behind us
 * is the door's question (F194). Pure. */
#ifndef SMPP_SMPP_TIME_H
#define SMPP_SMPP_TIME_H

#include "base/octets.h"

#define SMPP_TIME_SIZE 17 /* 16 characters and a NUL */

enum smpp_time_kind {
    SMPP_TIME_NONE,     /* the field was empty */
    SMPP_TIME_ABSOLUTE, /* at_ms is exact */
    SMPP_TIME_RELATIVE, /* at_ms is counted from now_ms; equal to it when the field was all zeros */
    SMPP_TIME_LOCAL,    /* 10 or 12 digits of a lax MC, zone unknown: at_ms takes them for UTC. For
                           final_date only; in a submit it is as wrong as the next */
    SMPP_TIME_WRONG     /* refuse: 0x61 for a schedule, 0x62 for a validity */
};

/* Reads a field without its NUL. Only WRONG and NONE leave *at_ms alone. */
enum smpp_time_kind smpp_time_read(struct octets field, int64_t now_ms, int64_t *at_ms);

/* Writes UTC with 00+ (F191), cut to tenths (F196). False, with an empty field: not in the years
 * 1938 to 2037, the only ones that two digits can tell (F193). */
bool smpp_time_write(int64_t at_ms, char out[SMPP_TIME_SIZE]);

/* Writes "in so much time", cut to seconds. False, with an empty field: negative, or more than 31
 * days, the most that the field for days is sure to be given (F192). */
bool smpp_time_write_wait(int64_t wait_ms, char out[SMPP_TIME_SIZE]);

/* The year of two digits, 0 to 99 (F193). */
int smpp_time_year(int digits);

#endif
