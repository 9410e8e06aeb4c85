/* reply: what the gateway says itself: the confirmation of an opt-in, and the answers to STOP, START and HELP.
 * They are messages like any other, with a purpose that the gate knows. */
#ifndef INBOUND_REPLY_H
#define INBOUND_REPLY_H

#include "outbound/accept.h"

struct replies;

struct replies *replies_open(struct accept *accept, struct consents *consents);
void replies_close(struct replies *replies);

/* The confirmation of the opt-in of record `seq`, from `sender` (NULL: one that the program chooses), after wait_ms.
 * Gives its id; 0: none is due any more. */
int64_t reply_confirmation(struct replies *replies, const struct program *program, uint64_t number,
                           const char *sender, int64_t seq, int64_t wait_ms, int64_t now_ms,
                           int64_t *tail);

/* Answers to the text `inbound`, from the address that was written to, in the language of its keyword (R61). */
void reply_stop(struct replies *replies, const struct program *program,
                const struct inbound *inbound, const char *language, int64_t now_ms);
void reply_help(struct replies *replies, const struct program *program,
                const struct inbound *inbound, const char *language, int64_t now_ms);
void reply_start(struct replies *replies, const struct program *program,
                 const struct inbound *inbound, bool is_in, const char *language, int64_t now_ms);
/* The answer of a keyword of the program's own: no mandated one, so a pause holds it. */
void reply_keyword(struct replies *replies, const struct program *program,
                   const struct inbound *inbound, const struct own_keyword *keyword, int64_t now_ms);

#endif
