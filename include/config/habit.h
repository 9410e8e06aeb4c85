/* habit: the items of those lists of a carrier that hold more than a name: which status, and what of
 * it. The load has read each once, so whoever looks one up later can rely on its form. Pure. */
#ifndef CONFIG_HABIT_H
#define CONFIG_HABIT_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

enum habit_action { HABIT_RETRY, HABIT_SLOW_DOWN, HABIT_REBIND, HABIT_GIVE_UP };

/* "0x00000014 retry 5 180s": what is done with what was refused by that status. */
struct habit_retry {
    uint32_t status;
    enum habit_action action;
    unsigned again;  /* RETRY: so many times after the first */
    int64_t wait_ms; /* before each; 0: the usual waits */
};
bool habit_retry_read(const char *item, struct habit_retry *out);
bool habit_retry_find(const struct config_list *list, uint32_t status, struct habit_retry *out);

/* "0x00000401 credit_exhausted": what it calls that status. Gives the name, or NULL. */
const char *habit_name_read(const char *item, uint32_t *status);
const char *habit_name_find(const struct config_list *list, uint32_t status);

/* "short_code 0": a number for a kind of sender. False: the list has none for it. */
bool habit_kind_find(const struct config_list *list, const char *kind, unsigned *number);
/* What is behind the kind and its blank, or NULL. */
const char *habit_kind_read(const char *item);

/* "0x0000000B" at the beginning of a text; what is behind it, or NULL. ESME_ROK is no refusal. */
const char *habit_status_read(const char *text, uint32_t *status);

#endif
