#include "inbound/reply.h"

#include <stdlib.h>

#include "base/must.h"

#define STOP_TERM_MS (5 * 60 * 1000)    /* R47 */
#define ANSWER_TERM_MS (60 * 60 * 1000) /* an answer to HELP or START that comes later puzzles more than it helps */
#define AHEAD_MS (24 * 60 * 60 * 1000) /* whoever wrote something waits behind no campaign, and no list of confirmations */

struct replies {
    struct accept *accept;
    struct consents *consents;
};

struct replies *replies_open(struct accept *accept, struct consents *consents)
{
    struct replies *replies = mem_new(sizeof *replies);
    replies->accept = accept;
    replies->consents = consents;
    return replies;
}

void replies_close(struct replies *replies)
{
    free(replies);
}

int64_t reply_confirmation(struct replies *replies, const struct program *program, uint64_t number,
                           const char *sender, int64_t seq, int64_t wait_ms, int64_t now_ms,
                           int64_t *tail)
{
    const char *text = consent_confirmation_made(replies->consents, program, number, now_ms);
    if (text == NULL)
        return 0;
    struct reply reply = {.program = program,
                          .sender = sender,
                          .number = number,
                          .purpose = PURPOSE_CONFIRMATION,
                          .text = text,
                          .consent_seq = seq,
                          .wait_ms = wait_ms,
                          .term_ms = CONFIRMATION_TERM_MS};
    return accept_reply(replies->accept, &reply, now_ms, tail);
}

static void answer(struct replies *replies, const struct program *program,
                   const struct inbound *inbound, enum message_purpose purpose, const char *text,
                   int64_t term_ms, int64_t now_ms)
{
    struct reply reply = {.program = program,
                          .sender = inbound->sender,
                          .number = inbound->number,
                          .purpose = purpose,
                          .text = text,
                          .answers = inbound->id,
                          .wait_ms = -AHEAD_MS,
                          .term_ms = term_ms};
    accept_reply(replies->accept, &reply, now_ms, NULL);
}

void reply_stop(struct replies *replies, const struct program *program,
                const struct inbound *inbound, const char *language, int64_t now_ms)
{
    answer(replies, program, inbound, PURPOSE_STOP_REPLY,
           program->stop[config_language_of(language)], STOP_TERM_MS, now_ms);
}

void reply_help(struct replies *replies, const struct program *program,
                const struct inbound *inbound, const char *language, int64_t now_ms)
{
    answer(replies, program, inbound, PURPOSE_HELP_REPLY,
           program->help[config_language_of(language)], ANSWER_TERM_MS, now_ms);
}

void reply_start(struct replies *replies, const struct program *program,
                 const struct inbound *inbound, bool is_in, const char *language, int64_t now_ms)
{
    enum config_language its = config_language_of(language);
    answer(replies, program, inbound, PURPOSE_START_REPLY,
           is_in ? program->confirmation[its] : program->not_eligible[its], ANSWER_TERM_MS, now_ms);
}

void reply_keyword(struct replies *replies, const struct program *program,
                   const struct inbound *inbound, const struct own_keyword *keyword, int64_t now_ms)
{
    answer(replies, program, inbound, PURPOSE_KEYWORD_REPLY, keyword->reply, ANSWER_TERM_MS, now_ms);
}
