/* http_optin: the form of a program, at /optin/PROGRAM: what it shows, and what is made of what comes back. Two files:
 *
 *   http_optin.c       who sends what, whether it counts, and what is recorded
 *   http_optin_page.c  the pages
 *
 * Private to the HTTP door. */
#ifndef DOORS_HTTP_OPTIN_H
#define DOORS_HTTP_OPTIN_H

#include "base/digest.h"
#include "http_parts.h"

struct config_program;

enum optin_word {
    OPTIN_NOTHING,
#define OPTIN_WORDS(name, english, spanish, french) OPTIN_##name,
#include "proto/optin.def"
    OPTIN_WORDS_COUNT
};

/* The form as it is shown to somebody: with what was typed, and what is wrong with it. */
struct sheet {
    struct ask *ask;
    const struct program *program;
    enum config_language language;
    const char *phone, *product, *month, *day, *year;           /* as typed; "" */
    bool was_ticked;                                            /* it never comes back ticked (R3) */
    enum optin_word phone_wrong, product_wrong, birth_wrong;    /* NOTHING: that is right */
};

bool sheet_asks_age(const struct sheet *sheet);
bool sheet_asks_product(const struct sheet *sheet);
/* A digest of what somebody agrees to who ticks the box. */
void sheet_digest(const struct sheet *sheet, uint8_t out[DIGEST_SIZE]);

/* These answer. The form, with a new ticket; problem: of all of it. */
void sheet_show(const struct sheet *sheet, int status, enum optin_word problem);
void outcome_show(const struct sheet *sheet, enum optin_word title, enum optin_word text);
void closed_show(struct ask *ask, enum config_language language); /* no form is there */

#endif
