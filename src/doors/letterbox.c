#include "letterbox.h"

#include <stdlib.h>

#include "base/must.h"

#define MINUTE_US INT64_C(60000000)

static const char *const words[] = {
    [FORM_OPT_IN] = "opt_in",
    [FORM_NO_OPT_IN] = "no_opt_in",
    [FORM_TOO_YOUNG] = "too_young",
    [FORM_REPEATED] = "repeated",
    [FORM_INVALID] = "invalid",
    [FORM_STALE] = "stale",
    [FORM_STRANGE] = "strange",
    [FORM_OF_ADDRESS] = "too_many_of_address",
    [FORM_OF_NUMBER] = "too_many_of_number",
    [FORM_OF_PROGRAM] = "too_many_of_program",
    [FORM_UNSTORED] = "unstored",
};

struct desk { /* where the forms of a program come to */
    int64_t program;
    int64_t even_us; /* when all that it has taken will have been earned; before now: it may take a minute's worth */
    uint64_t counted[FORM_FATES], of_turn[FORM_FATES];
};

struct letterbox { /* a desk for each program that forms came to: the config's, and those of earlier ones */
    struct desk *at;
    size_t count, room;
};

const char *form_fate_word(enum form_fate fate)
{
    return words[fate];
}

struct letterbox *letterbox_open(void)
{
    return mem_new(sizeof(struct letterbox));
}

void letterbox_close(struct letterbox *letterbox)
{
    if (letterbox == NULL)
        return;
    free(letterbox->at);
    free(letterbox);
}

static struct desk *find(const struct letterbox *letterbox, int64_t program)
{
    for (size_t i = 0; i < letterbox->count; i++)
        if (letterbox->at[i].program == program)
            return &letterbox->at[i];
    return NULL;
}

static struct desk *get(struct letterbox *letterbox, int64_t program)
{
    struct desk *desk = find(letterbox, program);
    if (desk != NULL)
        return desk;
    if (letterbox->count == letterbox->room) {
        letterbox->room = letterbox->room == 0 ? 8 : 2 * letterbox->room;
        letterbox->at = mem_grow(letterbox->at, letterbox->room * sizeof *letterbox->at);
    }
    letterbox->at[letterbox->count] = (struct desk){.program = program};
    return &letterbox->at[letterbox->count++];
}

int64_t letterbox_pass(struct letterbox *letterbox, int64_t program, long a_minute, int64_t now_ms)
{
    struct desk *desk = get(letterbox, program);
    int64_t now_us = now_ms * 1000;
    if (a_minute == 0)
        return 0;
    int64_t even_us = (desk->even_us < now_us ? now_us : desk->even_us) + MINUTE_US / a_minute;
    if (even_us > now_us + MINUTE_US)
        return (even_us - now_us - MINUTE_US + 999) / 1000;
    desk->even_us = even_us;
    return 0;
}

void letterbox_count(struct letterbox *letterbox, int64_t program, enum form_fate fate)
{
    struct desk *desk = get(letterbox, program);
    bool is_recorded = fate <= FORM_TOO_YOUNG;
    ++*(is_recorded ? &desk->of_turn[fate] : &desk->counted[fate]);
}

void letterbox_release(struct letterbox *letterbox, bool is_committed)
{
    for (size_t i = 0; i < letterbox->count; i++)
        for (enum form_fate fate = 0; fate <= FORM_TOO_YOUNG; fate++) {
            struct desk *desk = &letterbox->at[i];
            desk->counted[is_committed ? fate : FORM_UNSTORED] += desk->of_turn[fate];
            desk->of_turn[fate] = 0;
        }
}

uint64_t letterbox_counted(const struct letterbox *letterbox, int64_t program, enum form_fate fate)
{
    const struct desk *desk = find(letterbox, program);
    return desk == NULL ? 0 : desk->counted[fate];
}
