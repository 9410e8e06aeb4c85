/* A database that went on from a copy: what is held back, and who vouches for the opt-outs since. */
#include "http_parts.h"
#include "outbound/restoration.h"

/* NULL: it can't be read. */
json_t *restoration_json(struct ask *ask)
{
    struct restoration it;
    if (!store_restoration(ask->gateway->store, &it))
        return NULL;
    return json_pack("{s:b,s:o,s:o,s:I}", "holds", it.lost_from != 0, "lost_from", json_time(it.lost_from), "lost_until",
                     json_time(it.lost_until), "set_aside", (json_int_t)it.set_aside);
}

static void answer_it(struct ask *ask)
{
    json_t *json = restoration_json(ask);
    if (json == NULL)
        answer_unavailable(ask);
    else
        answer_json(ask, 200, json);
}

void restoration_get(struct ask *ask)
{
    answer_it(ask);
}

void restoration_confirm_post(struct ask *ask)
{
    const char *note = NULL;
    const struct into places[] = {{"note", &note}};
    const struct restorer restorer = gateway_restorer(ask->gateway);
    if (!ask_fields(ask, API_VOUCH, places, 1))
        return;
    if (note[0] == '\0')
        answer_problem(ask, VERDICT_INVALID_FIELD, "note: it must say from where the opt-outs were brought in");
    else if (restoration_confirm(&restorer, ask->account->name, note, ask->now_ms))
        answer_it(ask);
    else
        answer_problem(ask, VERDICT_CONFLICT, "nothing is held back: the database is no restored copy, or somebody has "
                                              "vouched for it already");
}
