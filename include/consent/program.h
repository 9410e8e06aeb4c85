/* program: a messaging programme in CTIA's sense, the scope of a consent, as the running gateway knows it:
 * what the config says, the number that rows carry, and its texts with their fields filled in. */
#ifndef CONSENT_PROGRAM_H
#define CONSENT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "consent/own_keyword.h"
#include "store/store.h"

struct program {
    int64_t id;
    const struct config_program *config; /* borrowed from the config */
    /* In the language of the form or of the keyword (R61). */
    char *confirmation[CONFIG_LANGUAGES], *question[CONFIG_LANGUAGES], *not_eligible[CONFIG_LANGUAGES];
    char *help[CONFIG_LANGUAGES], *stop[CONFIG_LANGUAGES];
    char *disclosure[CONFIG_LANGUAGES]; /* beside the box of its form */
    struct own_keywords own_keywords;
    char *category; /* OWNER/CATEGORY, as opt-outs of that scope name it */
    int64_t cap_count, cap_term_ms; /* so many messages in any time so long; 0: no cap */
};

/* The longest term of a cap: what was sent before counts for none. */
#define CAP_TERM_MOST_MS (INT64_C(366) * 86400000)

struct programs;

/* Gives every program of the config its number (written in the open transaction: commit it). NULL: the
 * store failed. Borrows the config. */
struct programs *programs_open(const struct config *config, struct store *store);
void programs_close(struct programs *programs);
/* Takes those of another config in the place of all that were there; pointers to programs die. False: the store
 * failed, and nothing changed. */
bool programs_reload(struct programs *programs, const struct config *config, struct store *store);

size_t programs_count(const struct programs *programs);
const struct program *programs_at(const struct programs *programs, size_t i);

/* NULL where there is none. sender: canonical. */
const struct program *programs_find(const struct programs *programs, const char *name);
const struct program *programs_find_id(const struct programs *programs, int64_t id);
const struct program *programs_find_sender(const struct programs *programs, const char *sender);

/* Whether the network of that sender confirms the word STOP by itself, and blocks who said it (R80 to R82). */
bool programs_network_confirms(const struct programs *programs, const char *sender);

bool program_has_sender(const struct program *program, const char *sender);
/* Its own, or one of a route that may take its messages. */
bool programs_use_carrier(const struct programs *programs, const struct program *program,
                          const char *carrier);
bool program_is_informational(const struct program *program);

/* What an opt-out of this program ends: its scope, and the name of the owner, brand, category or program. */
enum optout_scope program_scope(const struct program *program, const char **name);
bool program_is_in_scope(const struct program *program, enum optout_scope scope, const char *name);

#endif
